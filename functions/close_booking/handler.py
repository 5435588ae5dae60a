"""POST /bookings/{bookingId}/cancel and /complete: the two ways in which an accepted booking ends."""

from typing import Any

from marketplace import bootstrap
from marketplace.clock import utc_now
from marketplace.edge.requests.booking_commands import CancelBooking
from marketplace.edge.requests.model import NoBody
from marketplace.edge.rest import Call, Rest
from marketplace.edge.runtime import Context, Event
from marketplace.edge.views import booking_view
from marketplace.observability import Category, count, logger
from marketplace.storage.bookings import Step

rest = Rest(Category.BOOKING)


@rest.post("/bookings/{bookingId}/cancel")
def cancel_booking(call: Call) -> dict[str, Any]:
    """Call a visit off; its hold is free at once, and its commission is taken back."""
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    reason = call.optional_body(CancelBooking).reason
    logger().append_keys(booking_id=booking_id)

    saved = bootstrap.bookings().change(
        booking_id,
        lambda file: Step(booking=file.booking.cancel(by=caller, now=now, reason=reason)),
        now=now,
        seen_until=call.seen_until(now),
    )

    count("BookingsCancelled")
    return {"booking": booking_view(saved.booking, caller.role, now)}


@rest.post("/bookings/{bookingId}/complete")
def complete_booking(call: Call) -> dict[str, Any]:
    """Record that a visit took place; the room stays open for another day."""
    call.optional_body(NoBody)
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    saved = bootstrap.bookings().change(
        booking_id,
        lambda file: Step(booking=file.booking.complete(by=caller, now=now)),
        now=now,
        seen_until=call.seen_until(now),
    )

    count("BookingsCompleted")
    return {"booking": booking_view(saved.booking, caller.role, now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
