"""QRIS by Xendit: QR codes of one amount, and the call that tells of a payment.

Source: https://docs.xendit.co/apidocs/create-qr-code and https://docs.xendit.co/docs/handling-webhooks, API version
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
        credentials = b64encode(f"{self._secrets().api_key}:".encode()).decode()
        body = {
            "reference_id": payment_id,
            "type": "DYNAMIC",
            "currency": CURRENCY,
            "amount": amount,
            "expires_at": format_utc(expires_at),
        }
        try:
            answer = self._pool.request(
                "POST",
                self._url,
                body=json.dumps(body).encode(),
                headers={
                    "Authorization": f"Basic {credentials}",
                    "Content-Type": "application/json",
                    "api-version": API_VERSION,
                    "idempotency-key": payment_id,
                },
                timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
                retries=False,
                redirect=False,
            )
            if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
                raise _unavailable(answer.status)
            made = msgspec.json.decode(answer.data, type=_Code)
        except (urllib3.exceptions.HTTPError, msgspec.DecodeError):
            raise _unavailable(None) from None
        return QrCode(reference=made.id, content=made.qr_string)

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
        if paid.currency != CURRENCY or paid.amount <= 0:
            raise _UNREADABLE
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
