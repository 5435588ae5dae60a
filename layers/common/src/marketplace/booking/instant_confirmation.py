"""Bookings that are confirmed at once because their therapist wishes so: which ones, and their two first versions."""

from copy import replace
from datetime import datetime, timedelta

from marketplace.booking.calendar.model import Calendar
from marketplace.booking.model import Booking, BookingEvent, BookingStatus, offers
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import SYSTEM, Caller, Role


def wishes_instant_confirmation(therapist: Therapist | None) -> bool:
    """Say whether a therapist has scheduled bookings confirmed at once."""
    return therapist is not None and therapist.instant_confirm is not None and therapist.instant_confirm.enabled


def fits_at_once(booking: Booking, therapist: Therapist, calendar: Calendar, now: datetime) -> bool:
    """Say whether a pending booking is confirmed at once: far enough ahead, on a date that is not full.

    Every visit that begins on the therapist's local date counts, however it was confirmed; the ``calendar`` must have
    all of that date.
    """
    wish, start = therapist.instant_confirm, booking.scheduled_time
    if wish is None or not wish.enabled or start is None:
        return False
    if start < now + timedelta(minutes=wish.notice_minutes):
        return False
    day = start.astimezone(therapist.zone).date()
    return calendar.visits_on(day, therapist.zone, now, beside=booking.booking_id) < wish.max_per_day


def confirmed_at_once(booking: Booking, therapist: Therapist, *, now: datetime, start_code: str | None) -> Booking:
    """Return a pending booking as it is once the marketplace has confirmed it in its therapist's name."""
    their_own = Caller(user_id=therapist.therapist_id, role=Role.THERAPIST)
    accepted = offers.accept(booking, by=their_own, now=now, whats_app=therapist.whats_app, start_code=start_code)
    return replace(accepted, actor_id=SYSTEM.user_id, actor_role=Role.SYSTEM)


def as_opened(booking: Booking) -> Booking:
    """Return the first version of a booking that was opened and confirmed in one transaction; it was never stored."""
    return replace(
        booking,
        status=BookingStatus.PENDING,
        version=1,
        event=BookingEvent.CREATED,
        actor_id=booking.customer_id,
        actor_role=Role.CUSTOMER,
        confirmed_at=None,
        confirmed_therapist_id=None,
        therapist_whats_app=None,
        start_code=None,
    )


def is_opened_and_confirmed(booking: Booking) -> bool:
    """Say whether a booking that has just come to be is confirmed already."""
    return booking.event is BookingEvent.CONFIRMED
