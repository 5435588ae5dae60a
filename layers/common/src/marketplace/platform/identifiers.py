"""Opaque ids; whatever must not double is derived from what makes it unique."""

import hashlib
import secrets
from base64 import b32encode
from typing import Final

_LENGTH: Final = 26
_IMPORTED: Final = "ri-"
"""What the rooms of bookings with ids of another system begin with."""


def _encoded(digest: bytes) -> str:
    return b32encode(digest).decode("ascii").lower()[:_LENGTH]


def fresh() -> str:
    """Return a random id of 26 characters, 130 bits."""
    return _encoded(secrets.token_bytes(20))


def derived(*parts: str) -> str:
    """Return the id that follows from ``parts`` and from nothing else."""
    return _encoded(hashlib.sha256("\x1f".join(parts).encode()).digest())


def booking_id(caller_id: str, idempotency_key: str | None) -> str:
    """Return the id of a new booking: with a key always the same one for that caller."""
    return "b-" + (derived("booking", caller_id, idempotency_key) if idempotency_key else fresh())


def attachment_id(caller_id: str, idempotency_key: str | None) -> str:
    """Return the id of a newly announced file: with a key always the same one for that caller."""
    return "a-" + (derived("attachment", caller_id, idempotency_key) if idempotency_key else fresh())


def payment_id(caller_id: str, booking_id: str, idempotency_key: str | None) -> str:
    """Return the id of a new payment of a booking's commission: with a key always the same one for that caller."""
    return "pay-" + (derived("payment", caller_id, booking_id, idempotency_key) if idempotency_key else fresh())


def report_id(caller_id: str, idempotency_key: str | None) -> str:
    """Return the id of a new report: with a key always the same one for that caller."""
    return "q-" + (derived("report", caller_id, idempotency_key) if idempotency_key else fresh())


def room_id(of_booking: str) -> str:
    """Return the id of the one room of a booking: ``r-x`` for ``b-x``, ``ri-x`` for an imported one that is ``x``."""
    return "r-" + of_booking.removeprefix("b-") if of_booking.startswith("b-") else _IMPORTED + of_booking


def booking_of_room(conversation_id: str) -> str:
    """Return the booking to which a room belongs: ``b-x`` for ``r-x``, ``x`` for ``ri-x``."""
    if conversation_id.startswith(_IMPORTED):
        return conversation_id.removeprefix(_IMPORTED)
    return "b-" + conversation_id.removeprefix("r-")
