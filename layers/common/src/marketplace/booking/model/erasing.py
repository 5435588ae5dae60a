"""Forgetting who the customer of a booking was."""

import hashlib
from collections.abc import Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Final

from marketplace.booking.model.booking import Booking
from marketplace.booking.model.states import LIVE, BookingEvent, BookingStatus
from marketplace.platform.caller import SYSTEM, Caller
from marketplace.platform.refusals import InvalidTransition, NotFound

FORGOTTEN: Final = "Former customer"
"""The name of a customer who wished to be forgotten."""

PLACE_KEPT_FOR: Final = timedelta(days=30)
"""How long room number, address and coordinates outlive a booking."""


def place_due_at(booking: Booking) -> datetime:
    """Return from when on the place of a booking that is over is to be erased."""
    match booking.status:
        case BookingStatus.COMPLETED:
            ended_at = booking.completed_at
        case BookingStatus.CANCELLED:
            ended_at = booking.cancelled_at
        case BookingStatus.NO_SHOW:
            ended_at = booking.no_show_at
        case BookingStatus.DECLINED:
            ended_at = booking.declined_at
        case _:
            ended_at = booking.expired_at
    return (ended_at or booking.updated_at) + PLACE_KEPT_FOR


def erase_place(booking: Booking, now: datetime) -> Booking:
    """Forget where a visit was, or was to be, some time after the booking is over.

    Raises:
        InvalidTransition: it is not over for long enough.
    """
    if booking.status in LIVE or now < place_due_at(booking):
        raise InvalidTransition(booking.status)
    return replace(
        booking,
        location=None,
        distance_km=None,
        room_number=None,
        hotel_latitude=None,
        hotel_longitude=None,
        place_erased_at=now,
        event=BookingEvent.ERASED,
        actor_id=SYSTEM.user_id,
        actor_role=SYSTEM.role,
        updated_at=max(now, booking.updated_at),
        version=booking.version + 1,
    )


def erase(booking: Booking, *, by: Caller, now: datetime, stand_in: str, formerly: Sequence[str]) -> Booking:
    """Forget who the customer was, at their own wish; what the books need stays.

    Args:
        booking: the customer's booking, which is over.
        by: the customer.
        now: the present.
        stand_in: what stands for the telephone number from now on, the same for the same number.
        formerly: pseudonyms of name and number, by which erasing again finds them in what others write later.

    Raises:
        NotFound: the caller is not its customer.
        InvalidTransition: it is not over yet.
    """
    if not booking.is_customer(by):
        raise NotFound
    if booking.status in LIVE:
        raise InvalidTransition(booking.status)
    return replace(
        booking,
        customer_name=FORGOTTEN,
        customer_whats_app=stand_in,
        formerly=tuple(formerly),
        location=None,
        distance_km=None,
        room_number=None,
        reason=None,
        request_hash=hashlib.sha256(stand_in.encode() + booking.booking_id.encode()).hexdigest(),
        discount_counters=tuple(counter for counter in booking.discount_counters if counter != "customer"),
        event=BookingEvent.ERASED,
        actor_id=by.user_id,
        actor_role=by.role,
        updated_at=max(now, booking.updated_at),
        version=booking.version + 1,
    )
