"""A visit from its acceptance to its end: its steps, completed, called off or missed, and what calling it off costs."""

from marketplace import bootstrap
from marketplace.booking.requests.commands import CancelBooking, ReportNoShow, TakeStep
from marketplace.booking.responses.booking import Cancellation, ChangedBooking, booking_view, cancellation_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, OPERATIONS, PARTIES, SIGNED_IN, SUPPORT, THERAPISTS
from marketplace.platform.refusals import InvalidTransition, QuoteStale, TooManyRequests, VersionChanged
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/cancel",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    body=CancelBooking,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged, QuoteStale),
    summary="Call a visit off",
    description=(
        "The customer until the visit begins or is started, its therapist (with a `reason`) once it is confirmed and "
        "until it begins or they have arrived, admins until it is completed. `fee` is what the caller has been told "
        "that it costs: another one by now is refused as `quote_stale`."
    ),
)
def cancel_booking(request: Request, body: CancelBooking) -> ChangedBooking:
    """Call a visit off; its hold is free at once, and its commission is taken back or stands on the fee."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().cancel(
        booking_id, by=caller, now=now, reason=body.reason, fee=body.fee, expected_version=request.expected_version
    )

    count("BookingsCancelled")
    return {"booking": booking_view(done.booking, caller.role, now)}


@api.get(
    "/bookings/{bookingId}/cancellation",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=Cancellation,
    summary="Read what cancelling now would cost the customer",
)
def read_cancellation(request: Request) -> Cancellation:
    """Return the fee that the booking's own policy asks for now."""
    now, caller = request.now, request.caller
    booking, costs = bootstrap.booking_commands().cancellation(request.path("bookingId"), by=caller, now=now)
    return cancellation_view(booking, costs, caller, now)


@api.post(
    "/bookings/{bookingId}/visit",
    roles=THERAPISTS,
    body=TakeStep,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged, TooManyRequests),
    summary="Say how far a visit has come",
    description=(
        "Forward only, steps may be left out, and a repeated step answers the same; `finished` completes the visit. "
        "Where the booking has a start code, it takes the customer's four digits to get past `started`."
    ),
)
def take_step(request: Request, body: TakeStep) -> ChangedBooking:
    """Go on with a visit; its customer sees it at once."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().take_step(
        booking_id,
        body.step,
        by=caller,
        now=now,
        start_code=body.start_code,
        expected_version=request.expected_version,
    )

    if not done.is_repeat:
        count("VisitSteps")
    return {"booking": booking_view(done.booking, caller.role, now)}


@api.post(
    "/bookings/{bookingId}/no-show",
    roles=PARTIES,
    body=ReportNoShow,
    response=ChangedBooking,
    refusals=(InvalidTransition, VersionChanged),
    summary="Say that the other party did not come",
)
def report_no_show(request: Request, body: ReportNoShow) -> ChangedBooking:
    """Record that the other party did not come, some time after the visit's beginning."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)

    done = bootstrap.booking_commands().report_no_show(
        booking_id, by=caller, now=now, note=body.note, expected_version=request.expected_version
    )

    count("NoShows")
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
