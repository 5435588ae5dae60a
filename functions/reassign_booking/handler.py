"""A booking is offered to somebody else: by an admin, or by its customer after the therapist fell away."""

from marketplace import bootstrap
from marketplace.booking.requests.commands import ReassignBooking, RedispatchBooking
from marketplace.booking.responses.alternatives import Alternatives, alternative_view
from marketplace.booking.responses.booking import ChangedBooking, booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, CUSTOMERS, OPERATIONS, SUPPORT
from marketplace.platform.refusals import (
    DuplicateBooking,
    InvalidTransition,
    QuoteStale,
    SlotTaken,
    TherapistUnavailable,
    VersionChanged,
)
from marketplace.platform.runtime.observability import Category, count, logger

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


@api.get(
    "/bookings/{bookingId}/alternatives",
    roles=CUSTOMERS | ADMINS,
    duties=OPERATIONS | SUPPORT,
    response=Alternatives,
    tag="Bookings",
    summary="List who else could take a booking now",
    description="After a no, an expiry, the therapist's cancellation or absence; empty in other states.",
)
def list_alternatives(request: Request) -> Alternatives:
    """Return at most three who can take it now."""
    found = bootstrap.rescue().alternatives(request.path("bookingId"), by=request.caller, now=request.now)
    return {"items": [alternative_view(each, request.caller.language) for each in found]}


@api.post(
    "/bookings/{bookingId}/redispatch",
    roles=CUSTOMERS,
    body=RedispatchBooking,
    response=ChangedBooking,
    tag="Bookings",
    refusals=(InvalidTransition, VersionChanged, SlotTaken, TherapistUnavailable, QuoteStale, DuplicateBooking),
    summary="Offer one's booking to somebody else",
    description="The same booking, room and form at that therapist's own price; a discount falls away.",
)
def redispatch_booking(request: Request, body: RedispatchBooking) -> ChangedBooking:
    """Offer a booking anew to somebody whom its customer chose."""
    now, caller, booking_id = request.now, request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id, therapist_id=body.therapist_id)

    done = bootstrap.booking_commands().redispatch(
        booking_id,
        to=body.therapist_id,
        price=body.price,
        by=caller,
        now=now,
        expected_version=request.expected_version,
    )

    count("BookingsRedispatched")
    return {"booking": booking_view(done.booking, caller.role, now)}


lambda_handler = api.answer
