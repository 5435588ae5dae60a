"""POST /bookings/{bookingId}/accept and /decline: the therapist answers, in time, once."""

from marketplace import bootstrap
from marketplace.booking.command_requests import DeclineBooking
from marketplace.booking.repository import File, Step
from marketplace.booking.views import booking_view, commission_view
from marketplace.commission.model import Commission
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import AcceptedBooking, ChangedBooking
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.observability import Category, count, logger
from marketplace.platform.refusals import BookingNotPending, DeadlinePassed
from marketplace.platform.settings import settings

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/accept",
    roles=THERAPISTS,
    response=AcceptedBooking,
    refusals=(BookingNotPending, DeadlinePassed),
    summary="Accept a booking that was offered to the caller",
    description="Accepting again answers the same.",
)
def accept_booking(request: Request) -> AcceptedBooking:
    """Confirm a booking and record its commission; accepting again answers the same."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
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
        booking_id, decide, now=now, seen_until=request.seen_until(now), with_therapist=caller.user_id
    )

    if not saved.is_repeat:
        count("BookingsConfirmed")
        count("SecondsToAccept", (now - saved.booking.offered_at).total_seconds())
    commission = saved.commission or bootstrap.commissions().get(booking_id)
    return {"booking": booking_view(saved.booking, caller.role, now), "commission": commission_view(commission)}


@api.post(
    "/bookings/{bookingId}/decline",
    roles=THERAPISTS,
    body=DeclineBooking,
    response=ChangedBooking,
    refusals=(BookingNotPending, DeadlinePassed),
    summary="Decline a booking that was offered to the caller",
)
def decline_booking(request: Request, body: DeclineBooking) -> ChangedBooking:
    """Refuse a booking; its hold and claims are free at once."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    reason = body.reason
    logger().append_keys(booking_id=booking_id)

    saved = bootstrap.bookings().change(
        booking_id,
        lambda file: Step(booking=file.booking.decline(by=caller, now=now, reason=reason)),
        now=now,
        seen_until=request.seen_until(now),
    )

    count("BookingsDeclined")
    return {"booking": booking_view(saved.booking, caller.role, now)}


lambda_handler = api.answer
