"""Forgetting who the customer of a booking was."""

import hashlib
from copy import replace
from datetime import datetime
from typing import Final

from marketplace.booking.model.booking import Booking
from marketplace.booking.model.states import LIVE, BookingEvent
from marketplace.platform.caller import Caller
from marketplace.platform.refusals import InvalidTransition, NotFound

FORGOTTEN: Final = "Former customer"
"""The name of a customer who wished to be forgotten."""


def erase(booking: Booking, *, by: Caller, now: datetime, stand_in: str) -> Booking:
    """Forget who the customer was, at their own wish; what the books need stays.

    Args:
        booking: the customer's booking, which is over.
        by: the customer.
        now: the present.
        stand_in: what stands for the telephone number from now on, the same for the same number.

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
