"""Who else could take a booking now, best first: one pure ranking over what customers care about."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.booking.calendar.model import Hold
from marketplace.booking.model import Booking
from marketplace.booking.model.offers import start_anew
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.refusals import Refusal

MOST: Final = 3
"""How many a customer is shown."""
_PRICE: Final = 50
_DISTANCE: Final = 20
_SAME_TYPE: Final = 20
_SAME_ZONE: Final = 10
_FAR_KILOMETRES: Final = 20


@final
class Alternative(Struct, frozen=True, kw_only=True):
    """Somebody who could take the booking, at their own price in rupiah."""

    therapist: Therapist
    price: int
    starts_at: datetime
    reasons: tuple[str, ...]
    """Names of what speaks for them: ``cheaper``, ``same_price``, ``same_type``, ``near``, ``online``."""
    score: int
    is_immediate: bool
    """Whether they would be asked to come as soon as possible."""


def candidate(booking: Booking, therapist: Therapist, now: datetime) -> Alternative | None:
    """Return a therapist as an alternative, if the rules of a new booking let them take it; time is another matter."""
    if therapist.therapist_id == booking.therapist_id or therapist.is_test != booking.is_test:
        return None
    start = start_anew(booking, now)
    try:
        price = therapist.price_of(booking.duration, booking.service_id)
        therapist.check_comes_to(booking.place)
        if start is None:
            therapist.check_can_start_now()
        else:
            therapist.check_can_start_at(start, booking.duration, now)
    except Refusal:
        return None
    distance = therapist.distance_to(booking.place)
    reasons = {
        "cheaper": price < booking.list_price,
        "same_price": price == booking.list_price,
        "same_type": therapist.therapist_type is booking.therapist_type,
        "near": distance is not None and distance <= _FAR_KILOMETRES // 4,
        "online": start is None,
    }
    return Alternative(
        therapist=therapist,
        price=price,
        starts_at=start or now,
        is_immediate=start is None,
        reasons=tuple(name for name, holds in reasons.items() if holds),
        score=_score(booking, therapist, price, distance),
    )


def ranked(alternatives: Iterable[Alternative]) -> list[Alternative]:
    """Return alternatives, best first; equals by their ids, so that the order is always the same."""
    return sorted(alternatives, key=lambda each: (-each.score, each.therapist.therapist_id))


def wanted_hold(booking: Booking, alternative: Alternative, window_ends_at: datetime) -> Hold:
    """Return the time that an alternative would have to have free."""
    therapist, starts_at = alternative.therapist, alternative.starts_at
    latest = window_ends_at if alternative.is_immediate else starts_at
    before = timedelta(minutes=0 if alternative.is_immediate else therapist.buffer_before_minutes)
    return Hold(
        booking_id=booking.booking_id,
        starts_at=starts_at - before,
        ends_at=latest + therapist.buffer + timedelta(minutes=booking.duration),
        visit_at=starts_at if before else None,
    )


def _score(booking: Booking, therapist: Therapist, price: int, distance: int | None) -> int:
    dearer = max(0, price - booking.list_price) / max(1, booking.list_price)
    far = _FAR_KILOMETRES if distance is None else min(distance, _FAR_KILOMETRES)
    return (
        round(_PRICE * max(0.0, 1 - dearer))
        + round(_DISTANCE * (1 - far / _FAR_KILOMETRES))
        + _SAME_TYPE * (therapist.therapist_type is booking.therapist_type)
        + _SAME_ZONE * (booking.time_zone == therapist.time_zone)
    )
