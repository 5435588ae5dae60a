"""To whom a booking was offered, and what became of each offer, out of its history and itself."""

from collections.abc import Iterable
from copy import replace
from datetime import datetime
from typing import Final, final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.platform.clock import parse_utc
from marketplace.platform.dynamodb.attribute_values import Item

_OPENING: Final = frozenset({"created", "reassigned", "redispatched"})
_ENDING: Final = {"confirmed": "accepted", "declined": "declined", "expired": "expired", "cancelled": "cancelled"}
_ENDED: Final = {
    BookingStatus.CONFIRMED: "accepted",
    BookingStatus.DECLINED: "declined",
    BookingStatus.EXPIRED: "expired",
}


@final
class Offer(Struct, frozen=True, kw_only=True):
    """One asking of one therapist; open while it has no outcome."""

    therapist_id: str
    offered_at: datetime
    outcome: str | None = None
    """``accepted``, ``declined``, ``expired``, ``cancelled`` or ``reassigned``."""
    ended_at: datetime | None = None
    reasons: tuple[str, ...] = ()


def offers_of(booking: Booking, audit_log: Iterable[Item], now: datetime) -> list[Offer]:
    """Return the offers of a booking, the first one first.

    The audit log may lag behind the booking, which knows the latest offer itself.
    """
    offers: list[Offer] = []
    for entry in audit_log:
        action, at = str(entry.get("action")), parse_utc(str(entry["at"]))
        if action in _OPENING:
            if offers and offers[-1].outcome is None:
                offers[-1] = replace(offers[-1], outcome="reassigned", ended_at=at)
            after = entry.get("after") or {}
            offers.append(Offer(therapist_id=str(after.get("therapistId", booking.therapist_id)), offered_at=at))
        elif action in _ENDING and offers and offers[-1].outcome is None:
            reason = entry.get("reason")
            offers[-1] = replace(
                offers[-1], outcome=_ENDING[action], ended_at=at, reasons=(str(reason),) if reason else ()
            )
    seen = booking.as_of(now)
    if not offers or (offers[-1].therapist_id != seen.therapist_id):
        if offers and offers[-1].outcome is None:
            offers[-1] = replace(offers[-1], outcome="reassigned", ended_at=seen.offered_at)
        offers.append(Offer(therapist_id=seen.therapist_id, offered_at=seen.offered_at))
    if offers[-1].outcome is None and seen.status is not BookingStatus.PENDING:
        was_confirmed = seen.confirmed_at is not None
        outcome = "accepted" if was_confirmed else _ENDED.get(seen.status, "cancelled")
        ended_at = seen.confirmed_at or seen.declined_at or seen.expired_at or seen.cancelled_at
        offers[-1] = replace(offers[-1], outcome=outcome, ended_at=ended_at)
    return offers
