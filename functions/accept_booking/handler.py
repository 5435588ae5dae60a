"""POST /bookings/{bookingId}/accept and /decline: the therapist answers, in time, once."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.command_requests import DeclineBooking
from marketplace.booking.repository import File, Step
from marketplace.booking.views import booking_view, commission_view
from marketplace.commission.model import Commission
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.settings import settings

rest = Rest(Category.BOOKING)


@rest.post("/bookings/{bookingId}/accept")
def accept_booking(call: Call) -> dict[str, Any]:
    """Confirm a booking and record its commission; accepting again answers the same."""
    call.optional_body(NoBody)
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    def decide(file: File) -> Step:
        if file.booking.is_accepted_by(caller):
            return Step(booking=file.booking, is_repeat=True)
        whats_app = file.therapist.whats_app if file.therapist else None
        accepted = file.booking.accept(by=caller, now=now, whats_app=whats_app)
        return Step(
            booking=accepted,
            commission=Commission.owed_for(accepted, due_days=settings().commission_due_days),
            bank_details=bootstrap.bank_details_for(accepted, file.therapist),
        )

    saved = bootstrap.bookings().change(
        booking_id, decide, now=now, seen_until=call.seen_until(now), with_therapist=caller.user_id
    )

    if not saved.is_repeat:
        count("BookingsConfirmed")
        count("SecondsToAccept", (now - saved.booking.offered_at).total_seconds())
    commission = saved.commission or bootstrap.commissions().get(booking_id)
    return {"booking": booking_view(saved.booking, caller.role, now), "commission": commission_view(commission)}


@rest.post("/bookings/{bookingId}/decline")
def decline_booking(call: Call) -> dict[str, Any]:
    """Refuse a booking; its hold and claims are free at once."""
    now, caller, booking_id = utc_now(), call.caller, call.path("bookingId")
    reason = call.optional_body(DeclineBooking).reason
    logger().append_keys(booking_id=booking_id)

    saved = bootstrap.bookings().change(
        booking_id,
        lambda file: Step(booking=file.booking.decline(by=caller, now=now, reason=reason)),
        now=now,
        seen_until=call.seen_until(now),
    )

    count("BookingsDeclined")
    return {"booking": booking_view(saved.booking, caller.role, now)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
