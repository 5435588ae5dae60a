"""A confirmed visit: its steps, its completion, a cancellation, and who did not come."""

from copy import replace
from datetime import datetime, timedelta
from typing import assert_never

from marketplace.booking.model.allowed import may_be_cancelled_by
from marketplace.booking.model.booking import Booking
from marketplace.booking.model.states import BookingEvent, BookingStatus, VisitStep
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.refusals import InvalidTransition, NotFound, ValidationFailed


def cancel(booking: Booking, *, by: Caller, now: datetime, reason: str | None = None) -> Booking:
    """Call the visit off; what that costs is another matter.

    The customer may until the visit begins or is started, the therapist, with a reason, until it begins or they
    have arrived, an admin until it is completed.

    Raises:
        NotFound: the caller may not see the booking.
        InvalidTransition: the state does not allow it.
        ValidationFailed: a therapist gives no reason.
    """
    booking.check_visible_to(by)
    if not may_be_cancelled_by(booking, by, now):
        raise InvalidTransition(booking.as_of(now).status)
    if reason is None and booking.is_therapist(by):
        raise ValidationFailed.at("reason", "A therapist's cancellation needs a reason.")  # noqa: EM101 - a path
    return booking.with_status(
        BookingStatus.CANCELLED,
        BookingEvent.CANCELLED,
        by,
        now,
        cancelled_at=now,
        cancelled_by=by.role,
        reason=reason,
    )


def complete(booking: Booking, *, by: Caller, now: datetime) -> Booking:
    """Record that the visit took place; a scheduled one not before its start.

    Raises:
        NotFound: the caller is neither its therapist nor an admin.
        InvalidTransition: it is not confirmed, or has not begun.
        ValidationFailed: it has a start code that the therapist has not given.
    """
    if not (by.is_admin or booking.is_therapist(by)):
        raise NotFound
    if booking.status is not BookingStatus.CONFIRMED or not booking.has_begun(now):
        raise InvalidTransition(booking.as_of(now).status)
    if not by.is_admin:
        _check_start_code(booking, None)
    return _completed(booking, by, now)


def complete_overdue(booking: Booking, *, now: datetime, after: timedelta) -> Booking:
    """Complete a visit that nobody has closed, ``after`` its planned end.

    Raises:
        InvalidTransition: it is not confirmed, or it is too early.
    """
    end = booking.planned_end
    if booking.status is not BookingStatus.CONFIRMED or end is None or now < end + after:
        raise InvalidTransition(booking.as_of(now).status)
    return _completed(booking, SYSTEM, now)


def take_step(
    booking: Booking, step: VisitStep, *, by: Caller, now: datetime, start_code: str | None = None
) -> Booking:
    """Go on with a confirmed visit, forward only; the last step completes it. A repeated step changes nothing.

    Raises:
        NotFound: the caller is not its therapist.
        InvalidTransition: it is not confirmed, has come further already, or is finished before it has begun.
        ValidationFailed: the step needs the customer's code, and this is not it.
    """
    if not booking.is_therapist(by):
        raise NotFound
    if booking.visit_step is step and booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
        return booking
    is_back = booking.visit_step is not None and step.place <= booking.visit_step.place
    if booking.status is not BookingStatus.CONFIRMED or is_back:
        raise InvalidTransition(booking.as_of(now).status)
    if step is VisitStep.FINISHED and not booking.has_begun(now):
        raise InvalidTransition(booking.status)
    if step.place >= VisitStep.STARTED.place:
        _check_start_code(booking, start_code)
    match step:
        case VisitStep.EN_ROUTE:
            return booking.with_event(BookingEvent.EN_ROUTE, by, now, visit_step=step, en_route_at=now)
        case VisitStep.ARRIVED:
            return booking.with_event(BookingEvent.ARRIVED, by, now, visit_step=step, arrived_at=now)
        case VisitStep.STARTED:
            return booking.with_event(BookingEvent.STARTED, by, now, visit_step=step, started_at=now)
        case VisitStep.FINISHED:
            return replace(_completed(booking, by, now), visit_step=step, finished_at=now)
        case _:
            assert_never(step)


def needs_start_code_for(booking: Booking, step: VisitStep) -> bool:
    """Say whether a step can be taken with the customer's code alone."""
    return booking.start_code is not None and booking.started_at is None and step.place >= VisitStep.STARTED.place


def report_no_show(
    booking: Booking, *, by: Caller, now: datetime, after: timedelta, note: str | None = None
) -> Booking:
    """Record that the other party did not come, ``after`` the visit's beginning at the earliest.

    A therapist who has started the visit cannot say so any more: it took place.

    Raises:
        NotFound: the caller is not a party.
        InvalidTransition: it is not confirmed, it is too early, or the visit was started.
    """
    if not booking.is_party(by):
        raise NotFound
    begins_at = booking.begins_at
    if booking.status is not BookingStatus.CONFIRMED or begins_at is None or now < begins_at + after:
        raise InvalidTransition(booking.as_of(now).status)
    if booking.is_therapist(by) and booking.started_at is not None:
        raise InvalidTransition(booking.status)
    absent = Role.THERAPIST if by.role is Role.CUSTOMER else Role.CUSTOMER
    return booking.with_status(
        BookingStatus.NO_SHOW, BookingEvent.NO_SHOW, by, now, no_show_at=now, no_show_by=absent, reason=note
    )


def _check_start_code(booking: Booking, given: str | None) -> None:
    """Ask for the customer's code before a visit is started, where it has one."""
    if booking.start_code is not None and booking.started_at is None and given != booking.start_code:
        raise ValidationFailed.at("startCode", "This needs the customer's code.")  # noqa: EM101 - a path


def _completed(booking: Booking, by: Caller, now: datetime) -> Booking:
    return booking.with_status(
        BookingStatus.COMPLETED, BookingEvent.COMPLETED, by, now, completed_at=now, completed_by=by.role
    )
