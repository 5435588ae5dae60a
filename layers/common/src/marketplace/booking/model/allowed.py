"""What a booking lets somebody do now."""

from datetime import datetime

from marketplace.booking.model.booking import Booking
from marketplace.booking.model.states import BookingStatus
from marketplace.platform.caller import Caller, Role


def allowed_actions(booking: Booking, caller: Caller, now: datetime) -> tuple[str, ...]:  # noqa: C901 - one branch a command
    """Return the commands that would succeed for the caller now, for clients to offer."""
    status = booking.as_of(now).status
    actions: list[str] = []
    if status is BookingStatus.PENDING and booking.is_therapist(caller):
        actions += ["accept", "decline"]
    if may_be_cancelled_by(booking, caller, now):
        actions.append("cancel")
    may_complete = caller.is_admin or booking.is_therapist(caller)
    if status is BookingStatus.CONFIRMED and may_complete and booking.has_begun(now):
        actions.append("complete")
    if status is BookingStatus.CONFIRMED and booking.is_therapist(caller):
        actions.append("visit")
    if caller.is_admin and may_be_reassigned(booking, status, now):
        actions.append("reassign")
    if booking.is_customer(caller) and may_be_redispatched(booking, now):
        actions.append("redispatch")
    if may_be_rescheduled_by(booking, caller, now):
        actions.append("reschedule")
    if may_be_moved(booking, now) and booking.is_party(caller):
        proposal = booking.open_proposal(now)
        if proposal is None:
            actions.append("propose")
        elif proposal.by is caller.role:
            actions.append("withdrawProposal")
        else:
            actions += ["acceptProposal", "declineProposal"]
    return tuple(actions)


def may_be_cancelled_by(booking: Booking, caller: Caller, now: datetime) -> bool:
    """Say whether somebody could call the visit off now."""
    status = booking.as_of(now).status
    if status is BookingStatus.PENDING:
        return caller.is_admin or booking.is_customer(caller)
    if status is not BookingStatus.CONFIRMED:
        return False
    is_ahead = booking.begins_at is not None and now < booking.begins_at and booking.started_at is None
    if booking.is_therapist(caller):
        return is_ahead and booking.arrived_at is None
    return caller.is_admin or (booking.is_customer(caller) and is_ahead)


def may_be_redispatched(booking: Booking, now: datetime) -> bool:
    """Say whether its customer may choose somebody else: nobody took it, or the therapist fell away."""
    seen = booking.as_of(now)
    match seen.status:
        case BookingStatus.DECLINED | BookingStatus.EXPIRED:
            fell_away = True
        case BookingStatus.CANCELLED:
            fell_away = seen.cancelled_by is Role.THERAPIST
        case BookingStatus.NO_SHOW:
            fell_away = seen.no_show_by is Role.THERAPIST
        case _:
            fell_away = False
    # Whose therapist did not come still waits, though the agreed time is past.
    is_in_time = booking.scheduled_time is None or now < booking.scheduled_time or seen.status is BookingStatus.NO_SHOW
    return fell_away and is_in_time and not is_without_place(booking)


def may_be_reassigned(booking: Booking, status: BookingStatus, now: datetime) -> bool:
    """Say whether a booking, which is seen in a status now, may be offered to another therapist."""
    open_states = {BookingStatus.PENDING, BookingStatus.DECLINED, BookingStatus.EXPIRED}
    return (
        status in open_states
        and not is_without_place(booking)
        and (booking.scheduled_time is None or now < booking.scheduled_time)
    )


def is_without_place(booking: Booking) -> bool:
    """Say whether nobody could find the visit any more: its customer is forgotten, or its place."""
    return booking.is_erased or booking.place_erased_at is not None


def may_be_moved(booking: Booking, now: datetime) -> bool:
    """Say whether the parties can agree on another time."""
    return booking.status is BookingStatus.CONFIRMED and booking.is_ahead(now)


def may_be_rescheduled_by(booking: Booking, caller: Caller, now: datetime) -> bool:
    """Say whether somebody may move the visit at once."""
    status = booking.as_of(now).status
    if status is BookingStatus.PENDING:
        return booking.scheduled_time is not None and (caller.is_admin or booking.is_customer(caller))
    return caller.is_admin and status is BookingStatus.CONFIRMED and booking.is_ahead(now)
