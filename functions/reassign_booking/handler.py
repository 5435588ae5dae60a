"""POST /admin/bookings/{bookingId}/reassign: an admin offers a booking to somebody else."""

from marketplace import bootstrap
from marketplace.booking.command_requests import ReassignBooking
from marketplace.booking.repository import File, Step
from marketplace.booking.views import booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import ChangedBooking
from marketplace.platform.caller import ADMINS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import InvalidTransition, NotFound, SlotTaken, TherapistUnavailable

api = Api(Category.BOOKING, tag="Administration")


@api.post(
    "/admin/bookings/{bookingId}/reassign",
    roles=ADMINS,
    body=ReassignBooking,
    response=ChangedBooking,
    refusals=(InvalidTransition, SlotTaken, TherapistUnavailable),
    summary="Offer a booking to another therapist",
)
def reassign_booking(request: Request, body: ReassignBooking) -> ChangedBooking:
    """Move hold, room and deadline to another therapist; the former one is out at once."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    therapist_id = body.therapist_id
    logger().append_keys(booking_id=booking_id, therapist_id=therapist_id)

    def decide(file: File) -> Step:
        if file.therapist is None:
            raise NotFound
        window = bootstrap.policy().response_window
        return Step(booking=file.booking.reassign(to=file.therapist, by=caller, now=now, window=window))

    saved = bootstrap.bookings().change(
        booking_id, decide, now=now, seen_until=request.seen_until(now), with_therapist=therapist_id
    )

    count("BookingsReassigned")
    return {"booking": booking_view(saved.booking, caller.role, now)}


lambda_handler = api.answer
