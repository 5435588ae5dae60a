"""The stand-ins as one server on 127.0.0.1, with a page that shows people what would have arrived."""

import html
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tools.local.emulator import HOST, LocalStackError
from tools.local.outbox.faults import KINDS, MODES, Faults
from tools.local.outbox.messages import CHANNELS, Message, Messages, at
from tools.local.outbox.payments import Payments
from tools.local.outbox.push import PushSubscriptions
from tools.local.outbox.reach import Reach

CALLBACK_TOKEN: Final = "laptop-callback-token"  # noqa: S105 - the stand-in's, of no worth anywhere else
_START_SECONDS: Final = 20.0
_SHOWN: Final = 200
_POOL_TEMPLATES: Final = {
    "CognitoInvitationMessage": ("invitation", "temporaryPassword"),
    "CognitoVerificationMessage": ("verification", "code"),
    "CognitoEmailOtpMessage": ("signInCode", "code"),
}


@final
class Outbox:
    """The server; it has its address from the start, and learns later whom to call back and whose mails to show."""

    def __init__(self, preferred_port: int, *, kept: Path | None = None) -> None:
        self._messages = Messages(kept)
        self.faults = Faults()
        self.payments = Payments(self.faults, callback_token=CALLBACK_TOKEN)
        self.emulator_url: str | None = None
        """The emulator, whose user pool sends mails of its own."""
        reach = Reach(self._messages, self.faults, PushSubscriptions())
        application = Starlette(
            routes=[
                Route("/", self._page),
                Route("/messages", self._list),
                Route("/faults", self._modes),
                Route("/faults/{kind}", self._fault, methods=["PUT"]),
                *reach.routes,
                *self.payments.routes,
            ]
        )
        self._server = uvicorn.Server(
            uvicorn.Config(application, host=HOST, port=preferred_port, log_level="error", lifespan="off")
        )
        self._socket = self._bind(preferred_port)

    @property
    def url(self) -> str:
        """The address of the page, without a slash at its end."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    @property
    def parameters(self) -> Mapping[str, str]:
        """The template's parameters that lead our adapters here instead of to the real services."""
        return {
            "WhatsAppNumberId": "100000000000001",
            "WhatsAppToken": "laptop",
            "WhatsAppApiUrl": f"{self.url}/graph/v23.0",
            "EmailSender": "Marketplace <no-reply@example.com>",
            "SmsSender": "Market",
            "EmailApiUrl": f"{self.url}/ses",
            "SmsApiUrl": f"{self.url}/sns/",
            "Translation": "on",
            "TranslationApiUrl": f"{self.url}/translate/",
            "PaymentProvider": "xendit",
            "PaymentApiUrl": f"{self.url}/xendit",
            "PaymentCallbackToken": CALLBACK_TOKEN,
        }

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve until the block ends.

        Raises:
            LocalStackError: it does not start.
        """
        thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                message = "the outbox did not start"
                raise LocalStackError(message)
            time.sleep(0.02)
        try:
            yield
        finally:
            self._server.should_exit = True
            self._server.force_exit = True
            thread.join(10)

    def _bind(self, preferred_port: int) -> socket.socket:
        try:
            return self._bound(preferred_port)
        except (OSError, OverflowError):
            return self._bound(0)

    @staticmethod
    def _bound(port: int) -> socket.socket:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
        except BaseException:
            found.close()
            raise
        return found

    async def _list(self, request: Request) -> Response:
        channel = request.query_params.get("channel")
        if channel not in {None, *CHANNELS}:
            return JSONResponse({"error": f"channel is one of {', '.join(CHANNELS)}"}, 422)
        others = [] if channel not in {None, "email"} else await self._pool_mails()
        return JSONResponse(self._messages.find(to=_wanted(request), channel=channel, others=others))

    async def _modes(self, _request: Request) -> Response:
        return JSONResponse(self.faults.modes)

    async def _fault(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        try:
            mode = (await request.json())["mode"]
        except (ValueError, KeyError, TypeError):
            mode = None
        if kind not in KINDS or mode not in MODES:
            return JSONResponse({"error": f"PUT /faults/{{{'|'.join(KINDS)}}} with mode {'|'.join(MODES)}"}, 422)
        self.faults.set(kind, mode)
        return JSONResponse({"kind": kind, "mode": mode})

    async def _pool_mails(self) -> list[Message]:
        """Return what the user pool has sent by itself: invitations with a temporary password, and codes."""
        if self.emulator_url is None:
            return []
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{self.emulator_url}/_ministack/ses/messages")
        by_account = answer.json()["messages"]
        return [message for mails in by_account.values() for mail in mails for message in _pool_messages(mail)]

    async def _page(self, request: Request) -> Response:
        found = self._messages.find(to=_wanted(request), channel=None, others=await self._pool_mails())
        rows = "".join(
            f"<tr><td>{html.escape(each['at'])}<td>{html.escape(each['channel'])}<td>{html.escape(each['to'])}"
            f"<td>{html.escape(each['template'] or '')} {html.escape(each['language'] or '')}"
            f"<td><b>{html.escape(each['subject'] or '')}</b> {html.escape(each['text'])}"
            for each in found[:_SHOWN]
        )
        return HTMLResponse(
            "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=5><title>Outbox</title>"
            "<style>body{font:15px system-ui;margin:2rem}table{border-collapse:collapse}td,th{padding:.4rem .8rem;"
            "border-bottom:1px solid #ddd;text-align:left;vertical-align:top;white-space:pre-wrap}</style>"
            "<h1>Outbox</h1><p>What would have arrived by push, WhatsApp, e-mail and SMS; newest first. "
            "Filter with <code>?to=</code>; the same as JSON: <a href=/messages>/messages</a>.</p>"
            f"<table><tr><th>At<th>Channel<th>To<th>Template<th>Text{rows}</table>"
        )


def _wanted(request: Request) -> str | None:
    """Return whose messages are asked for; a plus that a query string has turned into a space is a plus."""
    to = request.query_params.get("to")
    return f"+{to.strip()}" if to is not None and to.startswith(" ") else to


def _pool_messages(mail: dict[str, Any]) -> list[Message]:
    kind = _POOL_TEMPLATES.get(str(mail.get("Type")))
    if kind is None:
        return []
    template, secret = kind
    text = str(mail.get("BodyText") or mail.get("BodyHtml") or "")
    return [
        Message(
            channel="email",
            to=str(receiver),
            at=at(datetime.fromtimestamp(float(mail["Timestamp"]), UTC)),
            template=template,
            subject=str(mail.get("Subject", "")),
            text=text,
            data={secret: _secret_in(text)},
        )
        for receiver in mail.get("To", [])
    ]


def _secret_in(text: str) -> str | None:
    """Return the password or code, which ends the text or stands in a line of its own."""
    found = re.search(r"(?:password|code)[^:\n]*?(?: is |:\s*)(\S+?)\.?\s*$", text, flags=re.IGNORECASE | re.MULTILINE)
    return None if found is None else html.unescape(found.group(1))
