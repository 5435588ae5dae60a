"""POST /bookings/{bookingId}/cancel and /complete: the two ways in which an accepted booking ends."""

from marketplace import bootstrap
from marketplace.booking.command_requests import CancelBooking
from marketplace.booking.responses import ChangedBooking, booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, OPERATIONS, SIGNED_IN, SUPPORT, THERAPISTS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition, VersionChanged

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/cancel",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    body=CancelBooking,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Call a visit off",
    description="The customer and admins at any time before it is over, the therapist once it is confirmed.",
)
def cancel_booking(request: Request, body: CancelBooking) -> ChangedBooking:
    """Call a visit off; its hold is free at once, and its commission is taken back."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().cancel(
        booking_id, by=caller, now=now, reason=body.reason, expected_version=request.expected_version
    )

    count("BookingsCancelled")
    return {"booking": booking_view(done.booking, caller.role, now)}


@api.post(
    "/bookings/{bookingId}/complete",
    roles=THERAPISTS | ADMINS,
    duties=OPERATIONS,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Record that the visit took place",
)
def complete_booking(request: Request) -> ChangedBooking:
    """Record that a visit took place; the room stays open for another day."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().complete(
        booking_id, by=caller, now=now, expected_version=request.expected_version
    )

    count("BookingsCompleted")
    return {"booking": booking_view(done.booking, caller.role, now)}


lambda_handler = api.answer
