"""What is said of rooms, messages and files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast
from urllib.parse import quote

from marketplace.booking.model import Booking
from marketplace.booking.responses.booking import (
    BookingView,
    RoomAction,
    WarningView,
    actions_view,
    booking_view,
    other_party_link,
)
from marketplace.catalogue.responses import LocationView
from marketplace.chat.message import Message, MessageType
from marketplace.chat.model import PREVIEW_CHARACTERS, Room, RoomStatus
from marketplace.notification.announcement import render_message
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, format_utc_or_none
from marketplace.platform.language import Language
from marketplace.platform.text.graphemes import cut


class LastMessage(TypedDict):
    """What a list of rooms shows of the newest message, in the reader's language."""

    sequence: int
    senderId: str
    senderRole: Role
    messageType: MessageType
    message: str
    """At most the first 200 characters."""
    timestamp: Time


class PartyPresenceView(TypedDict):
    """Whether somebody has a socket open now, and when they were last seen, where that is known."""

    online: bool
    lastSeenAt: Time | None


class TranslationView(TypedDict):
    """Whether the reader has others' messages translated, and into which language."""

    enabled: bool
    language: Language
    """The one that the reader reads, or into which messages are translated already."""


class ChosenTranslation(TranslationView):
    """The same, as it was chosen for a room."""

    conversationId: str
    available: bool
    """Whether messages are translated here at all; where not, it stays off."""


class RoomView(TypedDict):
    """The conversation of one booking as its reader may see it."""

    conversationId: str
    bookingId: str
    customerId: str
    customerName: str
    therapistId: str
    therapistName: str
    status: RoomStatus
    createdAt: Time
    expiresAt: Time | None
    """Until when it takes messages; null while no end is in sight."""
    lastSequence: int
    """The number of its messages."""
    revision: int
    """How often messages in it were edited or deleted."""
    epoch: str
    """Another one than before says that the conversation was restored to an earlier state: load it anew."""
    lastMessage: LastMessage | None
    unreadCount: int
    """Messages of others beyond the reader's read cursor."""
    readSequence: int
    """How far the reader has read."""
    otherReadSequence: int
    """How far the other party has read; for an admin, how far both have."""
    blockedBy: list[Role]
    """Which of the parties has blocked the other."""
    presence: NotRequired[dict[str, PartyPresenceView | None]]
    """Of both parties by id, where one room is read; null of who does not show it."""
    translation: NotRequired[TranslationView | None]
    """Of the reader, where one room is read by a party of it; null where messages are not translated at all."""
    booking: BookingView
    actions: list[RoomAction]
    whatsAppLink: str | None
    """To the other party, once the booking is confirmed and where a number is known."""


class MessageView(TypedDict):
    """One message; one of the system is in the reader's language."""

    conversationId: str
    sequence: int
    """1, 2, 3 … in its room without a gap."""
    senderId: str
    senderName: str
    senderRole: Role
    receiverId: str | None
    """Null when both parties are meant."""
    receiverRole: Role | None
    message: str
    messageType: MessageType
    bookingId: str
    isRead: bool
    """Whether the other party's read cursor has reached it."""
    timestamp: Time
    metadata: dict[str, object]
    clientMessageId: str | None
    """Null on messages of the system."""
    attachmentId: str | None
    location: LocationView | None
    mapLink: str | None
    """Opens the location on a map; null where there is none."""
    replyTo: int | None
    """The sequence of the message that it answers."""
    editedAt: Time | None
    deleted: bool
    """Its sender took it back: the text is empty."""
    revision: int
    """The number of its latest change among all changes in its room; 0 for as it was sent."""
    masked: bool
    """Contact details were taken out of the text; admins see them."""
    hidden: bool
    """Staff took it out of the parties' sight; admins see it."""
    translations: dict[str, str]
    """The text in other languages, by language, where the reader has asked for that."""


class CreatedBooking(TypedDict):
    """A booking with everything that opens its chat at once."""

    booking: BookingView
    room: RoomView
    messages: list[MessageView]
    warnings: list[WarningView]
    chatTicket: str
    """Opens one WebSocket connection, once, within 30 seconds."""


class MessagePage(TypedDict):
    """A page of messages in ascending ``sequence``; hits of a search come newest first."""

    items: list[MessageView]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""
    hasMore: bool
    """Whether there are more in the direction asked for."""
    changes: list[MessageView]
    """What was edited or deleted after ``changedAfter``, as it is now; empty without it."""
    revision: int
    """Up to which no change is missing, in ``items`` and ``changes`` together."""
    epoch: str
    """Of the history that this is a page of."""


class ReadCursor(TypedDict):
    """How far the caller has read now."""

    conversationId: str
    sequence: int
    unreadCount: int


def room_view(room: Room, booking: Booking, caller: Caller, now: datetime, *, epoch: str) -> RoomView:
    """Return a room with its booking card and what the caller may do there now."""
    role = room.check_visible_to(caller)
    seen, shown = booking.as_of(now), room.as_of(booking, now)
    actions = actions_view(booking, caller, now)
    is_shut_out = role is not Role.ADMIN and any(each is not role for each in room.blocked_by)
    if room.is_writable(booking, now) and not is_shut_out:
        actions.append("sendMessage")
    reveals = seen.reveals_customer_to(role)
    link = other_party_link(seen, role, caller.language)
    return {
        "conversationId": room.conversation_id,
        "bookingId": room.booking_id,
        "customerId": room.customer_id,
        "customerName": room.customer_name,
        "therapistId": room.therapist_id,
        "therapistName": room.therapist_name,
        "status": shown.status,
        "expiresAt": format_utc_or_none(shown.expires_at),
        "createdAt": format_utc(room.booked_at),
        "lastSequence": room.last_sequence,
        "revision": room.last_revision,
        "epoch": epoch,
        "lastMessage": _last_message_view(room.last_message, caller.language, reveals=reveals),
        "unreadCount": 0 if role is Role.ADMIN else room.unread_count(role),
        "readSequence": room.read_sequence(role),
        "otherReadSequence": _other_read_cursor(room, role),
        "blockedBy": room.blocked_by,
        "booking": booking_view(booking, role, now),
        "actions": actions,
        "whatsAppLink": link,
    }


def translation_view(room: Room, reader: Caller) -> TranslationView:
    """Return whether a party of a room has others' messages translated, and into which language."""
    language = room.translation_for(room.check_visible_to(reader))
    return {
        "enabled": language is not None,
        "language": reader.language if language is None else Language(language),
    }


def message_view(message: Message, room: Room, reader: Role, language: Language, *, reveals: bool) -> MessageView:
    """Return a message in the reader's language; ``reveals`` says whether they may know the exact place."""
    is_system = message.sender_role is Role.SYSTEM
    is_hidden = message.hidden and reader is not Role.ADMIN
    return {
        "conversationId": message.conversation_id,
        "sequence": message.sequence,
        "senderId": message.sender_id,
        "senderName": message.sender_name,
        "senderRole": message.sender_role,
        "receiverId": message.receiver_id,
        "receiverRole": message.receiver_role,
        "message": text_of(message.message, message.metadata, language, reveals=reveals)
        if is_system
        else text_for(message, reader),
        "messageType": message.message_type,
        "bookingId": message.booking_id,
        "isRead": room.is_read(message, reader),
        "timestamp": format_utc(message.timestamp),
        "metadata": _system_metadata(message.metadata) if is_system else dict(message.metadata),
        "clientMessageId": message.client_message_id,
        "attachmentId": None if is_hidden else message.attachment_id,
        "location": None if is_hidden else _pin(message.location),
        "mapLink": None if is_hidden else map_link(message.location),
        "replyTo": message.reply_to,
        "editedAt": format_utc_or_none(message.edited_at),
        "deleted": message.deleted,
        "revision": message.revision,
        "masked": message.is_masked,
        "hidden": message.hidden,
        "translations": {} if is_hidden else dict(message.translations),
    }


def text_for(message: Message, reader: Role) -> str:
    """Return what a reader may see of what a person wrote: admins alone see what was masked."""
    return message.original if reader is Role.ADMIN and message.original is not None else message.message


def map_link(location: Mapping[str, Any] | None) -> str | None:
    """Return the link that shows a place on a map: its coordinates, else its address.

    Source: https://developers.google.com/maps/documentation/urls/get-started#search-action.
    """
    if location is None:
        return None
    latitude, longitude = location.get("latitude"), location.get("longitude")
    place = str(location.get("address")) if latitude is None else f"{latitude},{longitude}"
    return f"https://www.google.com/maps/search/?api=1&query={quote(place, safe='')}"


def text_of(stored: str, metadata: Mapping[str, object], language: Language, *, reveals: bool) -> str:
    """Return what a system message says in a language; one without a known template says what is stored."""
    template, parameters = metadata.get("template"), metadata.get("parameters")
    if not isinstance(template, str) or not isinstance(parameters, Mapping):
        return stored
    return render_message(template, parameters, language, private=reveals)


def _other_read_cursor(room: Room, role: Role) -> int:
    match role:
        case Role.CUSTOMER:
            return room.therapist_read_sequence
        case Role.THERAPIST:
            return room.customer_read_sequence
        case _:
            return min(room.customer_read_sequence, room.therapist_read_sequence)


def _last_message_view(
    preview: Mapping[str, object] | None, language: Language, *, reveals: bool
) -> LastMessage | None:
    if preview is None:
        return None
    shown: dict[str, Any] = {name: value for name, value in preview.items() if name != "metadata"}
    metadata = preview.get("metadata")
    if isinstance(metadata, Mapping):
        said_now = text_of(str(shown["message"]), metadata, language, reveals=reveals)
        shown["message"] = cut(said_now, PREVIEW_CHARACTERS)
    return cast("LastMessage", shown)


def _system_metadata(metadata: Mapping[str, object]) -> dict[str, Any]:
    """Return what clients may know of a system message: which one it is, not what went into it."""
    return {"template": metadata.get("template")}


def _pin(location: Mapping[str, Any] | None) -> LocationView | None:
    if location is None:
        return None
    return {
        "address": location.get("address"),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
    }
