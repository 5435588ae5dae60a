"""Messages of the original: what the parties of a booking wrote, in the order in which they wrote it."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime
from typing import Final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.chat.contact_guard import masked
from marketplace.chat.message import Message, MessageType
from marketplace.chat.model import Room, room_for
from marketplace.platform.caller import SYSTEM, Role
from tools.ops.original.attributes import Document, UnfitError, flag, given_text, instant, line, meanings, one_of

IMPORTED_ID: Final = "importedId"
"""What the metadata of an imported message call the document that it was."""
LONGEST_MESSAGE: Final = 4_000
_LONGEST_NAME: Final = 255
_ROLES: Final = meanings(
    [
        ("customer user guest", Role.CUSTOMER),
        ("therapist member provider place", Role.THERAPIST),
        ("admin staff support", Role.ADMIN),
        ("system bot", Role.SYSTEM),
    ]
)
_WRITTEN_BY_PEOPLE: Final = frozenset({Role.CUSTOMER, Role.THERAPIST, Role.ADMIN})
_OPEN: Final = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})


def said_in(document: Document, booking: Booking) -> Message:
    """Return the message of a document, without its place in the room.

    Raises:
        UnfitError: nobody wrote it, nothing is in it, or nothing says when.
    """
    role = one_of(given_text(document, "senderRole", "senderType", "role"), _ROLES, "senderRole") or _by_id(
        document, booking
    )
    text = line(given_text(document, "message", "content", "text", "body"), LONGEST_MESSAGE, "message", lines=True)
    if text is None:
        raise UnfitError(why="message is empty")
    at = instant(document, "timestamp", "createdAt", "sentAt", "$createdAt")
    if at is None:
        raise UnfitError(why="timestamp is missing")
    if booking.imported_at is not None and at > booking.imported_at:
        raise UnfitError(why="timestamp lies in the future")
    named = line(given_text(document, "senderName"), _LONGEST_NAME, "senderName")
    sender_id, sender_name, receiver_id, receiver_role = _between(role, document, booking)
    is_before = booking.confirmed_at is None or at < booking.confirmed_at
    shown = masked(text) if is_before and role in {Role.CUSTOMER, Role.THERAPIST} else text
    return Message(
        conversation_id=booking.chat_room_id,
        sequence=0,
        sender_id=sender_id,
        sender_name=named or sender_name,
        sender_role=role,
        receiver_id=receiver_id,
        receiver_role=receiver_role,
        message=shown,
        message_type=MessageType.TEXT if role in _WRITTEN_BY_PEOPLE else MessageType.SYSTEM,
        booking_id=booking.booking_id,
        timestamp=at,
        metadata={IMPORTED_ID: given_text(document, "$id", "messageId", "id") or ""},
        original=text if shown != text else None,
    )


def _by_id(document: Document, booking: Booking) -> Role:
    sender = given_text(document, "senderId")
    if sender == booking.therapist_id:
        return Role.THERAPIST
    if sender in {"system", SYSTEM.user_id}:
        return Role.SYSTEM
    raise UnfitError(why="senderRole is missing")


def _between(role: Role, document: Document, booking: Booking) -> tuple[str, str, str | None, Role | None]:
    match role:
        case Role.CUSTOMER:
            return booking.customer_id, booking.customer_name, booking.therapist_id, Role.THERAPIST
        case Role.THERAPIST:
            return booking.therapist_id, booking.therapist_name, booking.customer_id, Role.CUSTOMER
        case Role.ADMIN:
            return given_text(document, "senderId") or "admin", "Admin", None, None
        case _:
            return SYSTEM.user_id, "System", None, None


def room_of(booking: Booking, said: Sequence[tuple[Message, Document]], now: datetime) -> tuple[Room, list[Message]]:
    """Return a booking's room and its messages in the order of their instants, read as far as the original says.

    Rooms of visits that are over are read: nobody is to find years of unread messages.
    """
    room, messages = room_for(booking).following(booking, now), list[Message]()
    read = {Role.CUSTOMER: 0, Role.THERAPIST: 0}
    for number, (message, document) in enumerate(sorted(said, key=lambda pair: pair[0].timestamp), start=1):
        placed = replace(message, sequence=number)
        messages.append(placed)
        room = room.with_message(placed)
        readers = read if message.receiver_role is None else (message.receiver_role,)
        for reader in readers:
            if flag(document, "isRead", "read"):
                read[reader] = number
    if booking.status not in _OPEN:
        read = dict.fromkeys(read, len(messages))
    return (
        replace(
            room,
            customer_read_sequence=max(room.customer_read_sequence, read[Role.CUSTOMER]),
            therapist_read_sequence=max(room.therapist_read_sequence, read[Role.THERAPIST]),
        ),
        messages,
    )
