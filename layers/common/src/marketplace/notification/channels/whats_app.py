"""WhatsApp by Meta's Cloud API: approved templates with named parameters.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates.
"""

import json
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, final

import urllib3

from marketplace.notification.channels.model import TIMEOUT_SECONDS, Failure, Message, NotSent, failure_of

_RATE_LIMITS: Final = frozenset({4, 80_007, 130_429, 131_048, 131_056})
"""Codes of errors that pass; https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes."""


@final
class WhatsApp:
    """One business number."""

    def __init__(self, api_url: str, number_id: str, token: Callable[[], str]) -> None:
        """Send from the number of that id; ``token`` returns the system user's access token."""
        self._url = f"{api_url.rstrip('/')}/{number_id}/messages"
        self._token = token
        self._pool = urllib3.PoolManager(ssl_context=ssl.create_default_context())

    def send(self, message: Message) -> None:
        """Send a template message.

        Raises:
            NotSent: it was not taken.
        """
        template: dict[str, object] = {"name": message.template, "language": {"code": message.language.value}}
        if message.parameters:
            named = [
                {"type": "text", "parameter_name": name, "text": value} for name, value in message.parameters.items()
            ]
            template["components"] = [{"type": "body", "parameters": named}]
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.to.removeprefix("+"),
            "type": "template",
            "template": template,
        }
        try:
            answer = self._pool.request(
                "POST",
                self._url,
                body=json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
                timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError:
            raise NotSent(Failure.NO_ANSWER) from None
        try:
            said = json.loads(answer.data)
        except ValueError:
            said = None
        if answer.status != HTTPStatus.OK:
            raise NotSent(Failure.THROTTLED) if _code(said) in _RATE_LIMITS else failure_of(answer.status)
        if not isinstance(said, dict) or not said.get("messages"):
            raise NotSent(Failure.GARBLED_ANSWER)


def _code(said: object) -> int | None:
    error = said.get("error") if isinstance(said, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None
