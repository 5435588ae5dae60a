"""The calls of a start that is measured, and the rows that they meet."""

import json
from collections.abc import Mapping
from copy import replace
from datetime import UTC, datetime
from typing import Any, Final

from marketplace.chat.message import Message, MessageType
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role, context_of
from tests.offers import OFFER

MARK: Final = "call-0"
"""Where this stands in an event, each call has a mark of its own."""


CUSTOMER: Final = Caller(user_id="c-1", role=Role.CUSTOMER, signed_in_at=1)


BOOKING: Final = replace(
    OFFER, chat_room_id=identifiers.room_id(OFFER.booking_id), response_deadline=datetime(2100, 1, 1, tzinfo=UTC)
)
"""One whose room takes messages."""


MESSAGES: Final = 50


def called() -> Mapping[str, tuple[Mapping[str, Any], str]]:
    """Return the events of the functions that are called, and what their answers hold."""
    signed_in = {"requestId": "r", "authorizer": context_of(CUSTOMER)}
    room = BOOKING.chat_room_id
    message = {"action": "sendMessage", "conversationId": room, "clientMessageId": MARK, "message": "Halo"}
    return {
        "CreateBookingFunction": (
            {
                "httpMethod": "POST",
                "resource": "/bookings",
                "headers": {"Idempotency-Key": MARK},
                "body": json.dumps(ORDER),
                "requestContext": signed_in,
            },
            "chatTicket",
        ),
        "ReadChatFunction": (
            {
                "httpMethod": "GET",
                "resource": "/rooms/{conversationId}/messages",
                "pathParameters": {"conversationId": room},
                "headers": {},
                "requestContext": signed_in,
            },
            "Message number 50",
        ),
        "SendMessageFunction": (
            {
                "requestContext": {**signed_in, "eventType": "MESSAGE", "connectionId": MARK},
                "body": json.dumps(message),
            },
            "ack",
        ),
    }


def message_of(number: int) -> Message:
    """Return a message of the room that is read, under a sequence."""
    return Message(
        conversation_id=BOOKING.chat_room_id,
        sequence=number,
        sender_id=BOOKING.customer_id,
        sender_name=BOOKING.customer_name,
        sender_role=Role.CUSTOMER,
        receiver_id=BOOKING.therapist_id,
        receiver_role=Role.THERAPIST,
        message=f"Message number {number}",
        message_type=MessageType.TEXT,
        booking_id=BOOKING.booking_id,
        timestamp=BOOKING.created_at,
    )


ORDER: Final = {
    "therapistId": "t-ayu",
    "bookingType": "immediate",
    "duration": 60,
    "customerName": "Wayan",
    "customerWhatsApp": "+6281234567890",
    "location": {"address": "Jalan Raya Ubud 8"},
}
