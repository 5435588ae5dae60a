"""A visit moves to another time: at once, or as its parties agree by a proposal of one that the other answers."""

from datetime import datetime
from functools import partial
from typing import Final, Protocol

from marketplace import bootstrap
from marketplace.booking.requests.commands import NewTime
from marketplace.booking.responses.booking import ChangedBooking, booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, CUSTOMERS, OPERATIONS, PARTIES, Caller
from marketplace.platform.refusals import InvalidTransition, SlotTaken, TherapistUnavailable, VersionChanged
from marketplace.platform.runtime.observability import Category, count, logger
from marketplace.services.booking.changes import Done

api = Api(Category.BOOKING, tag="Bookings")


class Command(Protocol):
    """A command that moves one visit."""

    def __call__(self, booking_id: str, /, *, by: Caller, now: datetime, expected_version: int | None) -> Done:
        """Return what it left behind."""
        ...


_TIME_REFUSED: Final = (InvalidTransition, VersionChanged, SlotTaken, TherapistUnavailable)


@api.post(
    "/bookings/{bookingId}/reschedule",
    roles=CUSTOMERS | ADMINS,
    duties=OPERATIONS,
    body=NewTime,
    response=ChangedBooking,
    refusals=_TIME_REFUSED,
    summary="Move a visit at once",
    description="Its customer while it is pending, whose deadline starts anew; admins while pending or confirmed.",
)
def reschedule_booking(request: Request, body: NewTime) -> ChangedBooking:
    """Move a visit: old time out, new one in, or neither."""
    return _changed(request, partial(bootstrap.visit_moves().reschedule, to=body.scheduled_time))


@api.post(
    "/bookings/{bookingId}/proposal",
    roles=PARTIES,
    body=NewTime,
    response=ChangedBooking,
    refusals=_TIME_REFUSED,
    summary="Propose another time to the other party",
    description="Both times are held until the other party answers or the proposal expires; one at a time.",
)
def propose_time(request: Request, body: NewTime) -> ChangedBooking:
    """Ask the other party for another time."""
    return _changed(request, partial(bootstrap.visit_moves().propose, to=body.scheduled_time))


@api.post(
    "/bookings/{bookingId}/proposal/accept",
    roles=PARTIES,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Take the other party's time",
)
def accept_proposal(request: Request) -> ChangedBooking:
    """Move the visit to the proposed time."""
    return _changed(request, bootstrap.visit_moves().accept_proposal)


@api.post(
    "/bookings/{bookingId}/proposal/decline",
    roles=PARTIES,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Leave the visit at its time",
)
def decline_proposal(request: Request) -> ChangedBooking:
    """Do not take the other party's time."""
    return _changed(request, bootstrap.visit_moves().decline_proposal)


@api.post(
    "/bookings/{bookingId}/proposal/withdraw",
    roles=PARTIES,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Take one's own proposal back",
)
def withdraw_proposal(request: Request) -> ChangedBooking:
    """Take one's own proposal back."""
    return _changed(request, bootstrap.visit_moves().withdraw_proposal)


def _changed(request: Request, command: Command) -> ChangedBooking:
    """Carry a command out and return the booking as the caller sees it now."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    done = command(booking_id, by=request.caller, now=request.now, expected_version=request.expected_version)
    count("VisitsMoved")
    return {"booking": booking_view(done.booking, request.caller.role, request.now)}


lambda_handler = api.answer
