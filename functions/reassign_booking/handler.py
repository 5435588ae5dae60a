"""POST /admin/bookings/{bookingId}/reassign: an admin offers a booking to somebody else."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.command_requests import ReassignBooking
from marketplace.booking.views import booking_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger

rest = Rest(Category.BOOKING)


@rest.post("/admin/bookings/{bookingId}/reassign")
def reassign_booking(call: Call) -> dict[str, Any]:
    """Move hold, room and deadline to another therapist; the former one is out at once."""
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    therapist_id = call.body(ReassignBooking).therapist_id
    logger().append_keys(booking_id=booking_id, therapist_id=therapist_id)

    done = bootstrap.booking_commands().reassign(
        booking_id, to=therapist_id, by=caller, now=now, expected_version=call.expected_version
    )

    count("BookingsReassigned")
    return {"booking": booking_view(done.booking, caller.role, now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
