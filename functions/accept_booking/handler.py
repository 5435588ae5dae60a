"""POST /bookings/{bookingId}/accept and /decline: the therapist answers, in time, once."""

from marketplace import bootstrap
from marketplace.booking.requests.commands import DeclineBooking
from marketplace.booking.responses.booking import ChangedBooking, booking_view
from marketplace.commission.responses import AcceptedBooking, commission_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.refusals import BookingNotPending, DeadlinePassed, VersionChanged
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/accept",
    roles=THERAPISTS,
    response=AcceptedBooking,
    refusals=(BookingNotPending, DeadlinePassed, VersionChanged),
    summary="Accept a booking that was offered to the caller",
    description="Accepting again answers the same, whatever `If-Match` says.",
)
def accept_booking(request: Request) -> AcceptedBooking:
    """Confirm a booking and record its commission; accepting again answers the same."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().accept(
        booking_id, by=caller, now=now, expected_version=request.expected_version
    )

    if not done.is_repeat:
        count("BookingsConfirmed")
        count("SecondsToAccept", (now - done.booking.offered_at).total_seconds())
    return {"booking": booking_view(done.booking, caller.role, now), "commission": commission_view(done.commission)}


@api.post(
    "/bookings/{bookingId}/decline",
    roles=THERAPISTS,
    body=DeclineBooking,
    response=ChangedBooking,
    refusals=(BookingNotPending, DeadlinePassed, VersionChanged),
    summary="Decline a booking that was offered to the caller",
)
def decline_booking(request: Request, body: DeclineBooking) -> ChangedBooking:
    """Refuse a booking; its hold and claims are free at once."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().decline(
        booking_id, by=caller, now=now, reason=body.reason, expected_version=request.expected_version
    )

    count("BookingsDeclined")
    return {"booking": booking_view(done.booking, caller.role, now)}


lambda_handler = api.answer
