"""QRIS by Xendit: QR codes of one amount, the call that tells of a payment, and the list of what came in by a code.

Source: https://docs.xendit.co/apidocs/create-qr-code, https://docs.xendit.co/apidocs/get-payments-by-qr-id and
https://docs.xendit.co/docs/handling-webhooks, API version
2022-07-31.
"""

import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, Final, final
from urllib.parse import quote

import msgspec
import urllib3
from msgspec import Struct

from marketplace.payment.provider import QrCode, Received
from marketplace.platform.clock import format_utc
from marketplace.platform.money import CURRENCY
from marketplace.platform.refusals import ServiceUnavailable, ValidationFailed
from marketplace.platform.runtime.observability import Category, Severity, report

API_VERSION: Final = "2022-07-31"
TIMEOUT_SECONDS: Final = 4.0
_PAID: Final = "qr.payment"
_SUCCEEDED: Final = frozenset({"SUCCEEDED", "COMPLETED"})


@final
class Secrets(Struct, frozen=True, rename="camel"):
    """What we and the provider know each other by."""

    api_key: str
    callback_token: str


class _Code(Struct, frozen=True):
    id: str
    qr_string: str


class _Paid(Struct, frozen=True):
    id: str
    reference_id: str
    amount: int
    status: str
    currency: str = CURRENCY


class _Listed(Struct, frozen=True):
    data: tuple[_Paid, ...]


@final
class Xendit:
    """One account of ours."""

    name = "xendit"

    def __init__(self, api_url: str, secrets: Callable[[], Secrets]) -> None:
        """Call the API at that address; ``secrets`` returns the key and the token of its callbacks."""
        self._url = f"{api_url.rstrip('/')}/qr_codes"
        self._secrets = secrets
        self._pool = urllib3.PoolManager(ssl_context=ssl.create_default_context())

    def create_code(self, payment_id: str, amount: int, expires_at: datetime) -> QrCode:
        """Return the code of a payment; our id is its reference and its idempotency key, so there is one of it."""
        body = {
            "reference_id": payment_id,
            "type": "DYNAMIC",
            "currency": CURRENCY,
            "amount": amount,
            "expires_at": format_utc(expires_at),
        }
        made = self._asked("POST", self._url, _Code, body, {"idempotency-key": payment_id})
        return QrCode(reference=made.id, content=made.qr_string)

    def payments_of(self, code: str) -> list[Received]:
        """Return what came in by a code, as a ``qr.payment`` tells it; of many the first page is enough."""
        listed = self._asked("GET", f"{self._url}/{quote(code, safe='')}/payments", _Listed)
        return [_received(paid) for paid in listed.data if paid.status in _SUCCEEDED and _is_money(paid)]

    def is_authentic(self, headers: Mapping[str, str]) -> bool:
        """Say whether the token of our account is in the header that Xendit names."""
        given = headers.get("x-callback-token", "")
        return compare_digest(given.encode(), self._secrets().callback_token.encode())

    def received(self, event: Mapping[str, Any]) -> Received | None:
        """Return what came in by a ``qr.payment``."""
        if event.get("event") != _PAID:
            return None
        try:
            paid = msgspec.convert(event.get("data"), _Paid)
        except msgspec.ValidationError:
            raise _UNREADABLE from None
        if paid.status not in _SUCCEEDED:
            return None
        if not _is_money(paid):
            raise _UNREADABLE
        return _received(paid)

    def _asked[Answer](
        self,
        method: str,
        url: str,
        kind: type[Answer],
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return what the API answers.

        Raises:
            ServiceUnavailable: it fails, hangs or answers garbage.
        """
        credentials = b64encode(f"{self._secrets().api_key}:".encode()).decode()
        try:
            answer = self._pool.request(
                method,
                url,
                body=None if body is None else json.dumps(body).encode(),
                headers={
                    "Authorization": f"Basic {credentials}",
                    "Content-Type": "application/json",
                    "api-version": API_VERSION,
                    **(headers or {}),
                },
                timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
                retries=False,
                redirect=False,
            )
            if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
                raise _unavailable(answer.status)
            return msgspec.json.decode(answer.data, type=kind)
        except (urllib3.exceptions.HTTPError, msgspec.DecodeError):
            raise _unavailable(None) from None


def _is_money(paid: _Paid) -> bool:
    return paid.currency == CURRENCY and paid.amount > 0


def _received(paid: _Paid) -> Received:
    return Received(received_id=paid.id, payment_id=paid.reference_id, amount=paid.amount)


_UNREADABLE: Final = ValidationFailed.at("data", "This is no payment in rupiah.")


def _unavailable(status: int | None) -> ServiceUnavailable:
    report(
        "the provider of payments did not answer as it should",
        category=Category.PAYMENT,
        severity=Severity.ERROR,
        code="payment_provider_failed",
        status=status,
    )
    return ServiceUnavailable()
