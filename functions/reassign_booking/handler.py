"""POST /admin/bookings/{bookingId}/reassign: an admin offers a booking to somebody else."""

from marketplace import bootstrap
from marketplace.booking.command_requests import ReassignBooking
from marketplace.booking.responses import ChangedBooking, booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, OPERATIONS, SUPPORT
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition, SlotTaken, TherapistUnavailable, VersionChanged

api = Api(Category.BOOKING, tag="Administration")


@api.post(
    "/admin/bookings/{bookingId}/reassign",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    body=ReassignBooking,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged, SlotTaken, TherapistUnavailable),
    summary="Offer a booking to another therapist",
)
def reassign_booking(request: Request, body: ReassignBooking) -> ChangedBooking:
    """Move hold, room and deadline to another therapist; the former one is out at once."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    therapist_id = body.therapist_id
    logger().append_keys(booking_id=booking_id, therapist_id=therapist_id)

    done = bootstrap.booking_commands().reassign(
        booking_id, to=therapist_id, by=caller, now=now, expected_version=request.expected_version
    )

    count("BookingsReassigned")
    return {"booking": booking_view(done.booking, caller.role, now)}


lambda_handler = api.answer
