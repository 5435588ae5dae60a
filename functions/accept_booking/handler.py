"""POST /bookings/{bookingId}/accept and /decline: the therapist answers, in time, once."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.command_requests import DeclineBooking
from marketplace.booking.views import booking_view, commission_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger

rest = Rest(Category.BOOKING)


@rest.post("/bookings/{bookingId}/accept")
def accept_booking(call: Call) -> dict[str, Any]:
    """Confirm a booking and record its commission; accepting again answers the same."""
    call.optional_body(NoBody)
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().accept(booking_id, by=caller, now=now, expected_version=call.expected_version)

    if not done.is_repeat:
        count("BookingsConfirmed")
        count("SecondsToAccept", (now - done.booking.offered_at).total_seconds())
    commission = None if done.commission is None else commission_view(done.commission)
    return {"booking": booking_view(done.booking, caller.role, now), "commission": commission}


@rest.post("/bookings/{bookingId}/decline")
def decline_booking(call: Call) -> dict[str, Any]:
    """Refuse a booking; its hold and claims are free at once."""
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    reason = call.optional_body(DeclineBooking).reason
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().decline(
        booking_id, by=caller, now=now, reason=reason, expected_version=call.expected_version
    )

    count("BookingsDeclined")
    return {"booking": booking_view(done.booking, caller.role, now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
