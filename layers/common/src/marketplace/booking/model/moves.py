"""Another time for a visit: at once, or by a proposal that the other party answers."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

from marketplace.booking.model.allowed import may_be_moved, may_be_rescheduled_by
from marketplace.booking.model.booking import Booking, Proposal, deadline_for, end_of
from marketplace.booking.model.states import BookingEvent, BookingStatus
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import SYSTEM, Caller
from marketplace.platform.refusals import InvalidTransition, NotFound, ValidationFailed


def reschedule(  # noqa: PLR0913 - which visit, to when, with whom, by whom, when, and the time to answer
    booking: Booking, to: datetime, *, therapist: Therapist, by: Caller, now: datetime, window: timedelta
) -> Booking:
    """Move the visit at once: a pending one by its customer, with a new deadline, or either by an admin.

    Raises:
        NotFound: the caller may not see the booking.
        InvalidTransition: the state does not allow it, or it has no agreed time.
        ValidationFailed: the therapist could not be booked for then.
    """
    booking.check_visible_to(by)
    if not may_be_rescheduled_by(booking, by, now):
        raise InvalidTransition(booking.as_of(now).status)
    therapist.check_can_start_at(to, booking.duration, now)
    anew: dict[str, Any] = {}
    if booking.status is BookingStatus.PENDING:
        anew = {"offered_at": now, "response_deadline": deadline_for(now, window, to)}
    moved = replace(booking, scheduled_time=to, ends_at=end_of(to, booking.duration), proposal=None)
    return moved.with_event(BookingEvent.RESCHEDULED, by, now, **anew)


def propose(  # noqa: PLR0913 - as reschedule()
    booking: Booking, to: datetime, *, therapist: Therapist, by: Caller, now: datetime, window: timedelta
) -> Booking:
    """Ask the other party for another time; both times are held until they answer.

    Raises:
        NotFound: the caller is not a party.
        InvalidTransition: it is not confirmed, has no agreed time, has begun, or another proposal is open.
        ValidationFailed: the therapist could not be booked for then, or it is that time already.
    """
    _check_movable(booking, by, now)
    if booking.open_proposal(now) is not None or booking.scheduled_time is None:
        raise InvalidTransition(booking.status)
    if to == booking.scheduled_time:
        raise ValidationFailed.at("scheduledTime", "The visit is at this time already.")  # noqa: EM101 - a path
    therapist.check_can_start_at(to, booking.duration, now)
    expires_at = min(now + window, booking.scheduled_time, to)
    proposal = Proposal(scheduled_time=to, by=by.role, expires_at=expires_at)
    return booking.with_event(BookingEvent.PROPOSED, by, now, proposal=proposal)


def answer_proposal(booking: Booking, *, accepted: bool, by: Caller, now: datetime) -> Booking:
    """Take the other party's proposal, or do not.

    Raises:
        NotFound: the caller is not a party.
        InvalidTransition: none of the other party is open.
    """
    _check_movable(booking, by, now)
    proposal = booking.open_proposal(now)
    if proposal is None or proposal.by is by.role:
        raise InvalidTransition(booking.status)
    if not accepted:
        return booking.with_event(BookingEvent.PROPOSAL_DECLINED, by, now, proposal=None)
    return booking.with_event(
        BookingEvent.PROPOSAL_ACCEPTED,
        by,
        now,
        proposal=None,
        scheduled_time=proposal.scheduled_time,
        ends_at=end_of(proposal.scheduled_time, booking.duration),
    )


def withdraw_proposal(booking: Booking, *, by: Caller, now: datetime) -> Booking:
    """Take one's own proposal back.

    Raises:
        NotFound: the caller is not a party.
        InvalidTransition: none of the caller is open.
    """
    _check_movable(booking, by, now)
    proposal = booking.open_proposal(now)
    if proposal is None or proposal.by is not by.role:
        raise InvalidTransition(booking.status)
    return booking.with_event(BookingEvent.PROPOSAL_WITHDRAWN, by, now, proposal=None)


def end_proposal(booking: Booking, *, now: datetime) -> Booking:
    """Write down that a proposal has expired.

    Raises:
        InvalidTransition: there is none, or it is still open.
    """
    if (
        booking.status is not BookingStatus.CONFIRMED
        or booking.proposal is None
        or booking.open_proposal(now) is not None
    ):
        raise InvalidTransition(booking.status)
    return booking.with_event(BookingEvent.PROPOSAL_EXPIRED, SYSTEM, now, proposal=None)


def _check_movable(booking: Booking, by: Caller, now: datetime) -> None:
    if not booking.is_party(by):
        raise NotFound
    if not may_be_moved(booking, now):
        raise InvalidTransition(booking.as_of(now).status)
