"""POST /bookings: a customer asks for a visit; booking, hold, room and ring come into being at once or not at all."""

import hashlib
from typing import Any

from marketplace import bootstrap
from marketplace.booking.opening import Circumstances, Opening, open_booking
from marketplace.booking.orders import order_of
from marketplace.booking.requests import NewBooking
from marketplace.booking.views import booking_view, message_view, room_view, warnings_view
from marketplace.identity.tickets import ticket_for
from marketplace.platform import identifiers
from marketplace.platform.api.http import Answer, Call, Rest, created
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.limits import BOOKINGS
from marketplace.platform.observability import Category, count, count_by, logger

bootstrap.make_at_start(bootstrap.bookings)
rest = Rest(Category.BOOKING)


@rest.post("/bookings")
def create_booking(call: Call) -> Answer:
    """Open a booking, or find the one that the same key has opened before."""
    now, caller, key = utc_now(), call.caller, call.idempotency_key
    asked = call.body(NewBooking)
    order = order_of(asked, bootstrap.seal, now)
    booking_id = identifiers.booking_id(caller.user_id, key)
    logger().append_keys(
        booking_id=booking_id,
        user_id=caller.user_id,
        booking_type=order.wanted.booking_type.value,
        duration=order.wanted.duration,
    )

    def decide(circumstances: Circumstances) -> Opening:
        if circumstances.therapist is not None:  # else the id is whatever the client made up
            logger().append_keys(therapist_id=circumstances.therapist.therapist_id)
        return open_booking(
            order,
            by=caller,
            circumstances=circumstances,
            now=now,
            policy=bootstrap.policy(),
            booking_id=booking_id,
        )

    opened = bootstrap.bookings().open(
        order,
        now=now,
        window=bootstrap.policy().response_window,
        booking_id=booking_id,
        request_hash=hashlib.sha256(asked.model_dump_json().encode()).hexdigest(),
        may_be_repeat=key is not None,
        decide=decide,
        allowance=bootstrap.allowance(BOOKINGS, caller.user_id, now),
    )

    if opened.is_new:
        count("BookingsCreated")
        count_by("BookingsCreated", source=opened.booking.source.value)
    booking, room = opened.booking, opened.room
    return created(
        {
            "booking": booking_view(booking, caller.role, now),
            "room": room_view(room, booking, caller, now),
            "messages": [
                message_view(message, room, caller.role, caller.language, reveals=True) for message in opened.messages
            ],
            "warnings": warnings_view(booking, caller.language),
            "chatTicket": ticket_for(caller, bootstrap.seal(), now)["ticket"],
        }
    )


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
