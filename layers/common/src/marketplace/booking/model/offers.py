"""Offers of a booking to a therapist: answered, expired, or made to somebody else."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

from marketplace.booking.model.allowed import may_be_reassigned, may_be_redispatched
from marketplace.booking.model.booking import Booking, deadline_for, end_of
from marketplace.booking.model.states import BookingEvent, BookingStatus, BookingType, DeadlineRule
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.refusals import BookingNotPending, DeadlinePassed, InvalidTransition, NotFound


def accept(
    booking: Booking, *, by: Caller, now: datetime, whats_app: str | None = None, start_code: str | None = None
) -> Booking:
    """Confirm the booking in the name of its therapist, strictly before its deadline.

    ``whats_app`` is the therapist's number, which the customer may use from now on; ``start_code`` what the
    therapist needs to begin, if anything.

    Raises:
        NotFound: the caller is not its therapist.
        DeadlinePassed: the time to answer is over, swept or not.
        BookingNotPending: it was answered or cancelled.
    """
    _check_answerable(booking, by, now)
    return booking.with_status(
        BookingStatus.CONFIRMED,
        BookingEvent.CONFIRMED,
        by,
        now,
        confirmed_at=now,
        confirmed_therapist_id=booking.therapist_id,
        therapist_whats_app=whats_app,
        start_code=start_code,
        ends_at=end_of(booking.scheduled_time or now, booking.duration),
    )


def decline(booking: Booking, *, by: Caller, now: datetime, reason: str | None = None) -> Booking:
    """Refuse the booking in the name of its therapist; the same refusals as :func:`accept`."""
    _check_answerable(booking, by, now)
    return booking.with_status(BookingStatus.DECLINED, BookingEvent.DECLINED, by, now, declined_at=now, reason=reason)


def withdraw_offer(booking: Booking, *, by: Caller, now: datetime) -> Booking:
    """End the offer as declined because its therapist takes no more bookings; the same refusals as accept."""
    if booking.as_of(now).status is not BookingStatus.PENDING:
        raise BookingNotPending(booking.as_of(now).status)
    return booking.with_status(BookingStatus.DECLINED, BookingEvent.DECLINED, by, now, declined_at=now)


def expire(booking: Booking, *, now: datetime) -> Booking:
    """Write down that its deadline has passed.

    Raises:
        BookingNotPending: it was answered, or its deadline is still ahead.
    """
    if booking.status is not BookingStatus.PENDING or not DeadlineRule.PASSED.holds(booking.response_deadline, now):
        raise BookingNotPending(booking.status)
    return booking.with_status(
        BookingStatus.EXPIRED, BookingEvent.EXPIRED, SYSTEM, now, expired_at=booking.response_deadline
    )


def _check_can_come(booking: Booking, to: Therapist, start: datetime | None, now: datetime) -> None:
    """Refuse a therapist who does not come there, or not at that time; as soon as possible where there is none."""
    to.check_comes_to(booking.place)
    if start is None:
        to.check_can_start_now()
    else:
        to.check_can_start_at(start, booking.duration, now)


def _offered_to(
    booking: Booking, to: Therapist, start: datetime | None, now: datetime, window: timedelta
) -> dict[str, Any]:
    """Return what an offer to another therapist changes."""
    return {
        "previous_therapist_id": booking.therapist_id,
        "therapist_id": to.therapist_id,
        "therapist_name": to.name,
        "therapist_type": to.therapist_type,
        "time_zone": to.time_zone,
        "buffer_minutes": to.buffer_minutes,
        "buffer_before_minutes": to.buffer_before_minutes,
        "distance_km": to.distance_to(booking.place),
        "offered_at": now,
        "response_deadline": deadline_for(now, window, start),
    }


def reassign(booking: Booking, *, to: Therapist, by: Caller, now: datetime, window: timedelta) -> Booking:
    """Offer the booking to another therapist with a new deadline; price and discount stay.

    Raises:
        InvalidTransition: the state does not allow it, its scheduled start is past, that very therapist
            is being asked already, or its customer is forgotten.
        TherapistUnavailable, ValidationFailed: the therapist could not be booked like this either.
    """
    status = booking.as_of(now).status
    is_asked = to.therapist_id == booking.therapist_id and status is BookingStatus.PENDING
    if is_asked or not may_be_reassigned(booking, status, now):
        raise InvalidTransition(status)
    to.price_of(booking.duration, booking.service_id)
    _check_can_come(booking, to, booking.scheduled_time, now)
    return booking.with_status(
        BookingStatus.PENDING,
        BookingEvent.REASSIGNED,
        by,
        now,
        **_offered_to(booking, to, booking.scheduled_time, now, window),
        declined_at=None,
        expired_at=None,
    )


def redispatch(booking: Booking, *, to: Therapist, by: Caller, now: datetime, window: timedelta) -> Booking:
    """Offer the booking anew to somebody else, at that therapist's own price, without discount.

    Its customer chooses, or the marketplace by the policy. A visit whose agreed time is past, for the therapist did
    not come, is asked for as soon as possible.

    Raises:
        NotFound: the caller is neither its customer nor the marketplace.
        InvalidTransition: the state does not allow it.
        TherapistUnavailable, ValidationFailed: the therapist could not be booked like this.
    """
    is_automatic = by.role is Role.SYSTEM
    if not (is_automatic or booking.is_customer(by)):
        raise NotFound
    if not may_be_redispatched(booking, now):
        raise InvalidTransition(booking.as_of(now).status)
    price = to.price_of(booking.duration, booking.service_id)
    start = start_anew(booking, now)
    _check_can_come(booking, to, start, now)
    since, asked = looking_since(booking, fell_away_at(booking, now))
    offered = booking.with_status(
        BookingStatus.PENDING,
        BookingEvent.REDISPATCHED,
        by,
        now,
        **_offered_to(booking, to, start, now, window),
        redispatched_at=now,
        booking_type=BookingType.IMMEDIATE if start is None else booking.booking_type,
        scheduled_time=start,
        looking_since=since if is_automatic else None,
        asked=(*asked, booking.therapist_id) if is_automatic else (),
        list_price=price,
        price=price,
        discount=0,
        discount_code=None,
        discount_counters=(),
        service_name=to.service_name(booking.duration, booking.service_id),
    )
    return replace(
        offered,
        confirmed_at=None,
        confirmed_therapist_id=None,
        therapist_whats_app=None,
        declined_at=None,
        expired_at=None,
        cancelled_at=None,
        cancelled_by=None,
        cancellation_fee=None,
        no_show_at=None,
        no_show_by=None,
        visit_step=None,
        en_route_at=None,
        arrived_at=None,
        started_at=None,
        start_code=None,
        ends_at=end_of(start, booking.duration),
    )


def start_anew(booking: Booking, now: datetime) -> datetime | None:
    """Return when a booking is to begin with somebody else: at its time, as soon as possible where that is past."""
    start = booking.scheduled_time
    return start if start is not None and now < start else None


def fell_away_at(booking: Booking, now: datetime) -> datetime:
    """Return when a booking's last offer or visit came to nothing."""
    seen = booking.as_of(now)
    return seen.no_show_at or seen.cancelled_at or seen.declined_at or seen.expired_at or seen.updated_at


def looking_since(booking: Booking, fell_away: datetime) -> tuple[datetime, tuple[str, ...]]:
    """Return since when somebody else is looked for, and who was asked meanwhile; an accepted one begins it anew."""
    if booking.confirmed_at is not None or booking.looking_since is None:
        return fell_away, ()
    return booking.looking_since, booking.asked


def _check_answerable(booking: Booking, by: Caller, now: datetime) -> None:
    if not booking.is_therapist(by):
        raise NotFound
    if booking.as_of(now).status is BookingStatus.EXPIRED:
        raise DeadlinePassed(BookingStatus.EXPIRED)
    if booking.status is not BookingStatus.PENDING:
        raise BookingNotPending(booking.status)
