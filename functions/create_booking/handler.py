"""POST /bookings: a customer asks for a visit; booking, hold, room and ring come into being at once or not at all."""

import hashlib
from http import HTTPStatus
from typing import Final

from marketplace import bootstrap
from marketplace.booking.orders import order_of
from marketplace.booking.requests.new_booking import NewBooking
from marketplace.booking.responses.booking import booking_view, warnings_view
from marketplace.chat.responses import CreatedBooking, message_view, room_view
from marketplace.identity.tickets import ticket_for
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import CUSTOMERS
from marketplace.platform.limits import BOOKINGS
from marketplace.platform.refusals import (
    ConfirmationRequired,
    DiscountUnavailable,
    DuplicateBooking,
    NotFound,
    QuoteStale,
    SlotTaken,
    TherapistUnavailable,
    VerificationRequired,
)
from marketplace.platform.runtime.observability import Category, count, count_by, logger
from marketplace.platform.signing import pseudonym
from marketplace.services.booking.new_bookings import BookingRequest

HASH_CHARACTERS: Final = 32
"""Of the request's hash: 128 bits tell any two requests apart, and the booking stays within one write unit."""

bootstrap.make_at_start(bootstrap.new_bookings)
api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings",
    roles=CUSTOMERS,
    body=NewBooking,
    response=CreatedBooking,
    status=HTTPStatus.CREATED,
    idempotent=True,
    refusals=(
        NotFound,
        SlotTaken,
        TherapistUnavailable,
        DuplicateBooking,
        ConfirmationRequired,
        QuoteStale,
        DiscountUnavailable,
        VerificationRequired,
    ),
    summary="Book a visit",
    description=(
        "The booking, its room with the first messages and the therapist's notification come to be together or "
        "not at all. With an `Idempotency-Key` a repeat answers the booking as it is now. `confirmation_required`"
        " names the caller's open bookings with other therapists: repeat with `confirmOtherPending` if it is "
        "meant."
    ),
)
def create_booking(request: Request, body: NewBooking) -> CreatedBooking:
    """Open a booking, or find the one that the same key has opened before."""
    now, caller, key = request.now, request.caller, request.idempotency_key
    order = order_of(body, bootstrap.seal, now)
    booking_id = identifiers.booking_id(caller.user_id, key)
    logger().append_keys(
        booking_id=booking_id,
        user_id=caller.user_id,
        booking_type=order.wanted.booking_type.value,
        duration=order.wanted.duration,
    )

    opened = bootstrap.new_bookings().open(
        BookingRequest(
            order=order,
            by=caller,
            booking_id=booking_id,
            request_hash=hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:HASH_CHARACTERS],
            may_be_repeat=key is not None,
            now=now,
            network=pseudonym(request.source_network, bootstrap.sealing_key()),
        ),
        bootstrap.allowance(BOOKINGS, caller.user_id, now),
    )

    if opened.is_new:
        count("BookingsCreated")
        count_by("BookingsCreated", source=opened.booking.source.value)
    booking, room = opened.booking, opened.room
    return {
        "booking": booking_view(booking, caller.role, now),
        "room": room_view(room, booking, caller, now, epoch=bootstrap.rooms().epoch()),
        "messages": [
            message_view(message, room, caller.role, caller.language, reveals=True) for message in opened.messages
        ],
        "warnings": warnings_view(booking, caller.language),
        "chatTicket": ticket_for(caller, bootstrap.seal(), now)["ticket"],
    }


lambda_handler = api.answer
