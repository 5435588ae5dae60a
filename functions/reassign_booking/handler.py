"""POST /admin/bookings/{bookingId}/reassign: an admin offers a booking to somebody else."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.command_requests import ReassignBooking
from marketplace.booking.repository import File, Step
from marketplace.booking.views import booking_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import NotFound

rest = Rest(Category.BOOKING)


@rest.post("/admin/bookings/{bookingId}/reassign")
def reassign_booking(call: Call) -> dict[str, Any]:
    """Move hold, room and deadline to another therapist; the former one is out at once."""
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    therapist_id = call.body(ReassignBooking).therapist_id
    logger().append_keys(booking_id=booking_id, therapist_id=therapist_id)

    def decide(file: File) -> Step:
        if file.therapist is None:
            raise NotFound
        window = bootstrap.policy().response_window
        return Step(booking=file.booking.reassign(to=file.therapist, by=caller, now=now, window=window))

    saved = bootstrap.bookings().change(
        booking_id, decide, now=now, seen_until=call.seen_until(now), with_therapist=therapist_id
    )

    count("BookingsReassigned")
    return {"booking": booking_view(saved.booking, caller.role, now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
