"""Somebody who uses the running system as its clients do: REST over HTTP, and a WebSocket for what comes by itself."""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, final

import httpx
from websockets.sync.client import ClientConnection, connect

from tools.local.outputs import Outputs, User
from tools.local.sign_in import sign_in

_PATIENCE_SECONDS: Final = 100.0


def _holds(found: object, wanted: object) -> bool:
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return wanted.items() <= found.items()
    return found == wanted


@final
class Socket:
    """An open WebSocket: frames go out, answers and events come in."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._unseen: list[dict[str, Any]] = []

    def send(self, frame: Mapping[str, Any]) -> None:
        """Send one frame."""
        self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        """Send a frame as it is, which may be none."""
        self._connection.send(text)

    def wait_for(self, kind: str, *, within: float = _PATIENCE_SECONDS, **attributes: object) -> dict[str, Any]:
        """Return the next frame of a type with these attributes; others that come meanwhile are kept for later.

        Of an attribute that is a mapping, what is given is looked for in it.

        Raises:
            TimeoutError: none came in time.
        """

        def fits(frame: Mapping[str, Any]) -> bool:
            return frame.get("type") == kind and all(
                _holds(frame.get(name), value) for name, value in attributes.items()
            )

        for position, frame in enumerate(self._unseen):
            if fits(frame):
                return self._unseen.pop(position)
        deadline = time.monotonic() + within
        while True:
            frame = self._receive(deadline)
            if fits(frame):
                return frame
            self._unseen.append(frame)

    def ask(self, frame: Mapping[str, Any], *, within: float = _PATIENCE_SECONDS) -> dict[str, Any]:
        """Send a frame and return the answer to it.

        Raises:
            TimeoutError: none came in time.
        """
        request_id = f"ask-{time.monotonic_ns()}"
        self.send({**frame, "requestId": request_id})
        deadline = time.monotonic() + within
        while True:
            answer = self._receive(deadline)
            if answer.get("requestId") == request_id:
                return answer
            self._unseen.append(answer)

    def until_pong(self) -> list[dict[str, Any]]:
        """Ping, and return what came before the answer."""
        request_id = f"ping-{time.monotonic_ns()}"
        self.send({"action": "ping", "requestId": request_id})
        deadline, came = time.monotonic() + _PATIENCE_SECONDS, list[dict[str, Any]]()
        while True:
            frame = self._receive(deadline)
            if frame.get("requestId") == request_id:
                return came
            came.append(frame)

    def _receive(self, deadline: float) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self._connection.recv(timeout=max(0.0, deadline - time.monotonic())))
        return frame


@cache
def _trusted() -> ssl.SSLContext:
    """Return the authorities that every client trusts; reading them costs more than a request."""
    return httpx.create_ssl_context()


@final
class Person:
    """One caller; without a token a stranger."""

    def __init__(self, outputs: Outputs, *, user_id: str, token: str | None) -> None:
        self.user_id = user_id
        self.token = token
        self._outputs = outputs
        self._client = httpx.Client(
            base_url=outputs.rest_url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_PATIENCE_SECONDS,
            verify=_trusted(),
        )

    def get(self, path: str, **query: str | int) -> httpx.Response:
        """Ask for a resource."""
        return self._client.get(path, params=query)

    def get_as(self, path: str, media: str, **query: str | int) -> httpx.Response:
        """Ask for a resource in another type than JSON (``application/pdf``)."""
        return self._client.get(path, params=query, headers={"Accept": media})

    def post(self, path: str, body: object = None, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Do something; no body sends none."""
        return self._client.post(path, json=body, headers=dict(headers or {}))

    def patch(self, path: str, body: object) -> httpx.Response:
        """Change a resource."""
        return self._client.patch(path, json=body)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - whatever httpx takes
        """Send any request."""
        return self._client.request(method, path, **options)

    @contextmanager
    def connected(self, ticket: str | None = None) -> Iterator[Socket]:
        """Open a WebSocket with a ticket, a fresh one unless given."""
        if ticket is None:
            ticket = str(expect(self.post("/chat-tickets"), 201)["ticket"])
        with connect(f"{self._outputs.web_socket_url}?ticket={ticket}", open_timeout=_PATIENCE_SECONDS) as connection:
            yield Socket(connection)

    def close(self) -> None:
        """Give connections back."""
        self._client.close()


def stranger(outputs: Outputs) -> Person:
    """Return somebody who has not signed in."""
    return Person(outputs, user_id="", token=None)


def guest(outputs: Outputs, language: str = "en") -> Person:
    """Return a new customer without an account."""
    nobody = stranger(outputs)
    try:
        session = expect(nobody.post("/guest-sessions", {"language": language}), 201)
    finally:
        nobody.close()
    return Person(outputs, user_id=str(session["customerId"]), token=str(session["token"]))


def member(outputs: Outputs, user: User) -> Person:
    """Return somebody with an account, signed in."""
    return Person(outputs, user_id=user.username, token=sign_in(outputs, user))


def expect(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the body of an answer that must have this status.

    Raises:
        AssertionError: it has another; the message has the body.
    """
    if response.status_code != status:
        message = f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        raise AssertionError(message)
    body: dict[str, Any] = response.json()
    return body
