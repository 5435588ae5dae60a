"""Stand-ins of a start that is measured: AWS over TLS, and Lambda's Runtime API."""

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.calls import BOOKING, MARK, MESSAGES, message_of
from marketplace.chat.model import room_for
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from tools.local.demo_data import THERAPISTS


class _Quiet(BaseHTTPRequestHandler):
    """Answers JSON over connections that stay open, and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def read(self) -> str:
        """Return the body of the request."""
        return self.rfile.read(int(self.headers["Content-Length"])).decode()

    def write(self, body: str, status: int = 200, **headers: str) -> None:
        """Answer."""
        self.send_response(status)
        written = body.encode()
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(written)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Aws(_Quiet):
    """Answers the few operations that the called functions use, always alike."""

    rows: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
        "marketplace-therapists": ("therapistId", to_item(to_record(THERAPISTS[0]))),
        "marketplace-bookings": ("bookingId", to_item(to_record(BOOKING))),
        "marketplace-chat_rooms": ("conversationId", to_item(to_record(room_for(BOOKING)))),
    }
    messages: Final = [to_item(to_record(message_of(number))) for number in range(MESSAGES, 0, -1)]

    def do_POST(self) -> None:
        """Answer one operation by its name."""
        asked = json.loads(self.read())
        answer: Mapping[str, Any] = {}
        match self.headers["X-Amz-Target"].rpartition(".")[2]:
            case "BatchGetItem":
                answer = {
                    "Responses": {table: self._found(table, of["Keys"]) for table, of in asked["RequestItems"].items()}
                }
            case "Query":
                items = self.messages if asked["TableName"] == "marketplace-chat_messages" else []
                answer = {"Items": items, "Count": len(items)}
            case "GetSecretValue":
                answer = {"SecretString": "a secret of the bench, of no worth to anybody"}
            case _:
                pass
        self.write(json.dumps(answer))

    def _found(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        name, row = self.rows.get(table, ("", {}))
        return [row for key in keys if key.get(name, 0) == row.get(name)]


@contextmanager
def served(answering: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port of this machine, and yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return what a server on this machine shows, out of ``folder``, and the certificate that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    (folder / "server.pem").write_text(secret + shown, encoding="ascii")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.pem")
    return tls, shown


@final
@dataclass(slots=True, kw_only=True)
class Run:
    """One process under the runtime client: which events it still gets, and what it has used when it asked for each."""

    calls: int
    event: Mapping[str, Any] | None
    process: SimpleQueue[int] = field(default_factory=SimpleQueue)
    used: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def next_event(self) -> str | None:
        """Note the milliseconds of CPU that the process has used, and return its next event, if there is one."""
        process = self.process.get()
        self.process.put(process)
        # How Linux names the clock of another process, see clock_getcpuclockid(3).
        self.used.append(time.clock_gettime(~process << 3 | 2) * 1_000)
        if self.event is None or len(self.used) > self.calls:
            return None
        return json.dumps(self.event).replace(MARK, f"call-{len(self.used)}")


def runtime_api(run: Run) -> type[BaseHTTPRequestHandler]:
    """Return a stand-in for the Runtime API, which gives the events of a run."""

    class RuntimeApi(_Quiet):
        def do_GET(self) -> None:
            event = run.next_event()
            if event is None:  # the process waits here until it is stopped
                run.ended.set()
                threading.Event().wait()
                return
            self.write(
                event,
                Lambda_Runtime_Aws_Request_Id=f"00000000-0000-4000-8000-{len(run.used):012}",
                Lambda_Runtime_Invoked_Function_Arn="arn:aws:lambda:ap-southeast-3:123456789012:function:bench",
                Lambda_Runtime_Deadline_Ms=str(int(time.time() * 1_000) + 15_000),
            )

        def do_POST(self) -> None:
            run.answers.append(self.read())
            if not self.path.endswith("/response"):
                run.ended.set()
            self.write("", 202)

    return RuntimeApi
