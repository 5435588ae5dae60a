"""Serves the built web client on 127.0.0.1 as the distribution would, and tells it where the running system is."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, final, override
from urllib.parse import urlsplit

from tools.local.emulator import HOST, ROOT

WEB: Final = ROOT / "web"
PHOTOS: Final = "/photos/"
CLIENT: Final = WEB / "dist"
# What not every machine knows by itself.
CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
# What the distribution sends compressed too.
_COMPRESSED: Final = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
# In the start page, where its configuration goes: one request less before the first page stands.
_CONFIGURATION_PLACE: Final = b'<script id="configuration" type="application/json">{}</script>'
_NOT_BUILT: Final = b"<!doctype html><title>Not built</title><p>The web client is not part of this checkout."


@final
class WebClient:
    """A server that holds its port from the start and serves as soon as it knows the addresses."""

    def __init__(self, preferred_port: int) -> None:
        self._configuration: Mapping[str, str] = {}
        handler = partial(_Handler, self)
        try:
            self._server = ThreadingHTTPServer((HOST, preferred_port), handler)
        except (OSError, OverflowError):
            self._server = ThreadingHTTPServer((HOST, 0), handler)
        self._server.daemon_threads = True
        self.find_photo: Callable[[str], bytes | None] = lambda _: None
        """Returns a therapist's photo by its name (``photos/4f2….jpg``), as the distribution would."""

    @property
    def url(self) -> str:
        """The origin of the web client."""
        return f"http://{HOST}:{self._server.server_port}"

    @property
    def configuration(self) -> Mapping[str, str]:
        """What the client reads from /config.json."""
        return self._configuration

    @contextmanager
    def serving(self, configuration: Mapping[str, str]) -> Iterator[None]:
        """Serve with this configuration until the block ends."""
        self._configuration = configuration
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()


@final
class _Handler(SimpleHTTPRequestHandler):
    """Files of the built client; any path that is none is the client's own router's and gets its start page."""

    server_version = "marketplace"
    sys_version = ""
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        **CONTENT_TYPES,
    }

    def __init__(self, client: WebClient, *arguments: object) -> None:
        self._client = client
        super().__init__(*arguments, directory=str(CLIENT))  # type: ignore[arg-type]  # the server hands over what its base class knows

    @override
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/config.json":
            self._answer(json.dumps(dict(self._client.configuration)).encode(), "application/json")
        elif path.startswith(PHOTOS):
            self._answer_photo(path.removeprefix("/"))
        elif not (CLIENT / "index.html").exists():
            self._answer(_NOT_BUILT, "text/html; charset=utf-8")
        else:
            file = Path(self.translate_path(path))
            if not file.is_file():
                self.path = "/index.html"
                file = CLIENT / "index.html"
            content = file.read_bytes()
            if file.name == "index.html":
                content = with_configuration(content, self._client.configuration)
            self._answer(content, self.guess_type(file.name))

    def _answer_photo(self, name: str) -> None:
        photo = self._client.find_photo(name)
        if photo is None:
            self.send_error(404)
        else:
            self._answer(photo, "image/jpeg")

    @override
    def end_headers(self) -> None:
        addresses = " ".join(
            sorted({_origin(url) for name, url in self._client.configuration.items() if name.endswith("Url")})
        )
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'self'; img-src 'self' data: blob: {addresses}; connect-src 'self' {addresses}; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()")
        self.send_header("Cache-Control", cache_control(urlsplit(self.path).path))
        super().end_headers()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the terminal belongs to the person who started us."""

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        if content_type.startswith(_COMPRESSED):
            self.send_header("Vary", "Accept-Encoding")
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                self.send_header("Content-Encoding", "gzip")
                body = _packed(body)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def with_configuration(page: bytes, configuration: Mapping[str, str]) -> bytes:
    """Return the start page with its configuration in it, as a block that no browser executes."""
    content = json.dumps(dict(configuration)).replace("<", "\\u003c").encode()
    # Whoever shows a shared link wants the whole address of its picture.
    page = page.replace(b'content="/share.png"', f'content="{configuration.get("webUrl", "")}/share.png"'.encode())
    return page.replace(_CONFIGURATION_PLACE, _CONFIGURATION_PLACE.replace(b"{}", content))


@lru_cache(maxsize=256)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def cache_control(path: str) -> str:
    """Return how long a browser may keep a file: what is named by its content never changes."""
    return "public, max-age=31536000, immutable" if path.startswith(("/assets/", PHOTOS)) else "no-cache"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
