"""Links by which a party of a visit lets a friend follow it: without a number or an address, until it is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import Bookings
from marketplace.chat.repository import Rooms
from marketplace.platform import identifiers
from marketplace.platform.caller import PARTIES, Caller, Role
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import InvalidTransition, NotFound
from marketplace.platform.signing import Signer

_PURPOSE: Final = "shared-visit"
_SHARERS: Final = {role.value[0]: role for role in PARTIES}
"""A link names a role by its first letter, and all else as shortly: it is part of a path."""
OVER_AFTER: Final = timedelta(hours=2)
"""How long after its planned end a visit that nobody has closed is over for friends."""


@final
class SharedVisits:
    """Gives out links to visits, and opens them."""

    def __init__(self, store: Store, rooms: Rooms, bookings: Bookings, signer: Callable[[], Signer]) -> None:
        """Sign links with ``signer``; they are kept nowhere, and end with what they name."""
        self._store = store
        self._rooms = rooms
        self._bookings = bookings
        self._signer = signer

    def share(self, booking_id: str, *, by: Caller, now: datetime) -> str:
        """Return the token of a link to a visit; the same party gets the same one again.

        Raises:
            NotFound: no such booking for this caller.
            InvalidTransition: the visit is not confirmed, or over.
        """
        _, booking, role = self._rooms.load(identifiers.room_id(booking_id), by)
        if not _is_on(booking, now):
            raise InvalidTransition(booking.as_of(now).status)
        self._store.transact(
            [
                record_change(
                    booking_id,
                    action="visit_shared",
                    before=None,
                    after={"by": role.value},
                    by=by,
                    now=now,
                    version=booking.version,
                )
            ]
        )
        named = {"b": booking_id, "r": role.value[0], "t": _short(booking.therapist_id)}
        return self._signer().close(_PURPOSE, named)

    def open(self, token: str, now: datetime) -> tuple[Booking, Role]:
        """Return the visit that a link names, and who shared it.

        Raises:
            NotFound: the link is none of ours, or the visit is over, cancelled or with another therapist.
        """
        named = self._signer().open(_PURPOSE, token, now=now, otherwise=NotFound())
        booking = self._bookings.get(str(named["b"]))
        if not _is_on(booking, now) or _short(booking.therapist_id) != named["t"]:
            raise NotFound
        return booking, _SHARERS[str(named["r"])]


def _short(therapist_id: str) -> str:
    """Return what tells a booking's therapist from its next one, short enough for a path."""
    return sha256(therapist_id.encode()).hexdigest()[:8]


def _is_on(booking: Booking, now: datetime) -> bool:
    end = booking.planned_end
    return booking.status is BookingStatus.CONFIRMED and end is not None and now < end + OVER_AFTER
