"""A stand-in of Xendit's QR codes (API version 2022-07-31), and a payer who does what the keyboard says."""

import asyncio
import base64
import secrets
from typing import Any, Final, final

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tools.local.outbox.faults import Faults
from tools.local.outbox.messages import now

_API_VERSION: Final = "2022-07-31"
_MOST_RUPIAH: Final = 10_000_000
_LEAST_RUPIAH: Final = 1
_CALLBACK_SECONDS: Final = 30.0
_CALLBACK_TRIES: Final = 3


@final
class Payments:
    """QR codes by their ``reference_id``, which is our payment's id."""

    def __init__(self, faults: Faults, *, callback_token: str) -> None:
        self._faults = faults
        self._callback_token = callback_token
        self._codes: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, str] = {}
        self._payments: dict[str, list[dict[str, Any]]] = {}
        self._late: set[asyncio.Task[int | None]] = set()
        self.callback_url: str | None = None
        """Where payments are told, as one sets it in the provider's dashboard."""

    @property
    def routes(self) -> list[Route]:
        """The provider's paths, and those that play the payer."""
        guard = self._faults.guard
        return [
            Route("/xendit/qr_codes", guard("payments", self.create, _error), methods=["POST"]),
            Route("/xendit/qr_codes/{code_id}", guard("payments", self.read, _error), methods=["GET"]),
            Route("/xendit/qr_codes/{code_id}/payments", guard("payments", self.read_paid, _error), methods=["GET"]),
            Route("/payments/{payment_id}/pay", self.pay, methods=["POST"]),
            Route("/payments/{payment_id}/expire", self.expire, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        """Make a QR code; the same idempotency key answers the same one."""
        if not _is_authorized(request):
            return _error(401)
        body = await request.json()
        reference, amount = body.get("reference_id"), body.get("amount")
        key = request.headers.get("idempotency-key", "")
        if key and key in self._by_key:
            return JSONResponse(self._codes[self._by_key[key]], 201)
        if (
            not isinstance(reference, str)
            or not isinstance(amount, int)
            or not _LEAST_RUPIAH <= amount <= _MOST_RUPIAH
            or body.get("type") != "DYNAMIC"
            or body.get("currency") != "IDR"
        ):
            return _error(400)
        if reference in self._codes:
            return _error(409)
        content = f"00020101021226{reference}5204000053033605405{amount}5802ID6304"
        code = {
            "id": f"qr_{secrets.token_hex(12)}",
            "business_id": "stand-in",
            "reference_id": reference,
            "type": "DYNAMIC",
            "currency": "IDR",
            "amount": amount,
            "channel_code": "ID_DANA",
            "status": "ACTIVE",
            "qr_string": f"{content}{secrets.token_hex(2).upper()}",
            "expires_at": body.get("expires_at"),
            "created": now(),
            "updated": now(),
            "metadata": body.get("metadata"),
        }
        self._codes[reference] = code
        if key:
            self._by_key[key] = reference
        return JSONResponse(code, 201)

    async def read(self, request: Request) -> Response:
        """Return a QR code by the provider's id."""
        if not _is_authorized(request):
            return _error(401)
        code = next((each for each in self._codes.values() if each["id"] == request.path_params["code_id"]), None)
        return _error(404) if code is None else JSONResponse(code)

    async def read_paid(self, request: Request) -> Response:
        """Return what was paid by a QR code, told or not."""
        if not _is_authorized(request):
            return _error(401)
        code = next((each for each in self._codes.values() if each["id"] == request.path_params["code_id"]), None)
        if code is None:
            return _error(404)
        return JSONResponse({"data": self._payments.get(str(code["reference_id"]), []), "has_more": False})

    async def pay(self, request: Request) -> Response:
        """Pay a code, and tell the marketplace; repeated, it is told again of the same payment.

        The body says what goes wrong: another ``amount``, ``another`` payment of the same code, a call that is
        ``lost``, or one that comes ``afterSeconds``.
        """
        code = self._codes.get(request.path_params["payment_id"])
        if code is None:
            return JSONResponse({"error": "there is no such payment here"}, 404)
        raw = await request.body()
        asked = await request.json() if raw.strip() else {}
        made = self._payments.setdefault(str(code["reference_id"]), [])
        if not made or asked.get("another"):
            made.append(
                {
                    "id": f"qrpy_{secrets.token_hex(12)}",
                    "business_id": code["business_id"],
                    "currency": "IDR",
                    "amount": asked.get("amount", code["amount"]),
                    "status": "SUCCEEDED",
                    "created": now(),
                    "qr_id": code["id"],
                    "qr_string": code["qr_string"],
                    "reference_id": code["reference_id"],
                    "type": "DYNAMIC",
                    "channel_code": code["channel_code"],
                    "expires_at": code["expires_at"],
                    "metadata": code["metadata"],
                    "payment_detail": {"receipt_id": secrets.token_hex(6), "source": "DANA", "name": None},
                }
            )
        payment = made[-1]
        event = {"event": "qr.payment", "business_id": code["business_id"], "created": now(), "data": payment}
        code["status"] = "INACTIVE"
        if asked.get("lost"):
            return JSONResponse({"paid": payment["amount"], "callbackStatus": None})
        if seconds := float(asked.get("afterSeconds", 0)):
            later = asyncio.create_task(self._tell(event, seconds))
            self._late.add(later)
            later.add_done_callback(self._late.discard)
            return JSONResponse({"paid": payment["amount"], "callbackStatus": None})
        return JSONResponse({"paid": payment["amount"], "callbackStatus": await self._tell(event)})

    async def expire(self, request: Request) -> Response:
        """Let a code run out; the provider tells nobody, whoever wants to know reads the code."""
        code = self._codes.get(request.path_params["payment_id"])
        if code is None:
            return JSONResponse({"error": "there is no such payment here"}, 404)
        code["status"] = "INACTIVE"
        code["expires_at"] = now()
        return JSONResponse({"expired": code["reference_id"]})

    async def _tell(self, event: dict[str, Any], seconds: float = 0) -> int | None:
        """Call back, after some seconds, until it is answered with 2xx, three times at most; return the last status."""
        await asyncio.sleep(seconds)
        if self.callback_url is None:
            return None
        status: int | None = None
        async with httpx.AsyncClient(timeout=_CALLBACK_SECONDS) as client:
            for number in range(_CALLBACK_TRIES):
                try:
                    answer = await client.post(
                        self.callback_url, json=event, headers={"x-callback-token": self._callback_token}
                    )
                except httpx.HTTPError:
                    status = None
                else:
                    status = answer.status_code
                    if answer.is_success:
                        break
                await asyncio.sleep(0.2 * (number + 1))
        return status


def _is_authorized(request: Request) -> bool:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic" or request.headers.get("api-version") != _API_VERSION:
        return False
    try:
        return base64.b64decode(credentials, validate=True).endswith(b":")
    except ValueError:
        return False


def _error(status: int) -> Response:
    code = {
        400: "API_VALIDATION_ERROR",
        401: "INVALID_API_KEY",
        404: "DATA_NOT_FOUND",
        409: "DUPLICATE_ERROR",
        429: "RATE_LIMIT_EXCEEDED",
    }.get(status, "SERVER_ERROR")
    return JSONResponse({"error_code": code, "message": "stand-in"}, status)
