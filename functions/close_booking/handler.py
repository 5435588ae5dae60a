"""POST /bookings/{bookingId}/cancel and /complete: the two ways in which an accepted booking ends."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.command_requests import CancelBooking
from marketplace.booking.repository import Step
from marketplace.booking.views import booking_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger

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
