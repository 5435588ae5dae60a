"""A room, its messages in one gapless sequence, and how far each party has read.

Counts, receipts and rights are derived from sequences and the booking; nothing that can be derived is stored.
"""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.chat.message import Draft, Message, MessageType
from marketplace.notification.announcement import Announcement
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import FieldError, Forbidden, NotFound, RoomClosed, ValidationFailed
from marketplace.platform.text.graphemes import cut

WRITABLE_AFTER_COMPLETION: Final = timedelta(hours=24)
PREVIEW_CHARACTERS: Final = 200
"""Code points of a message that a list of rooms shows at most."""


class RoomStatus(StrEnum):
    """Whether the room is in use, winding down after the visit, or closed for good."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@final
class Room(Record, frozen=True, kw_only=True):
    """The conversation of one booking; ``last_sequence`` is the number of its messages."""

    conversation_id: str
    booking_id: str
    customer_id: str
    customer_name: str
    therapist_id: str
    therapist_name: str
    status: RoomStatus
    booked_at: Instant
    expires_at: Instant | None = None
    last_sequence: int = 0
    last_revision: int = 0
    """How often messages were edited or deleted: each time took the next number."""
    last_message: Mapping[str, object] | None = None
    customer_read_sequence: int = 0
    therapist_read_sequence: int = 0
    watchers: frozenset[str] = frozenset()
    """Connections of admins who have the room open."""
    is_test: bool = False
    blocked_by_customer: bool = False
    blocked_by_therapist: bool = False
    customer_translation: str | None = None
    """The language into which the customer has others' messages translated; nothing where they do not."""
    therapist_translation: str | None = None
    translated_characters: int = 0
    """How much of the room's budget for translations is used."""

    def translation_for(self, role: Role) -> str | None:
        """Return the language into which a party has others' messages translated, if they do."""
        return {Role.CUSTOMER: self.customer_translation, Role.THERAPIST: self.therapist_translation}.get(role)

    def translated_for(self, role: Role, language: str | None) -> "Room":
        """Return the room in which a party reads others' messages in a language, or as they were written."""
        if role is Role.CUSTOMER:
            return replace(self, customer_translation=language)
        return replace(self, therapist_translation=language)

    def others_who_read(self, role: Role) -> list[str]:
        """Return the other party, where they have read anything whose reading a party could see."""
        match role:
            case Role.CUSTOMER:
                return [self.therapist_id] if self.therapist_read_sequence > 0 else []
            case Role.THERAPIST:
                return [self.customer_id] if self.customer_read_sequence > 0 else []
            case _:
                return []

    def seen_by(self, role: Role, hides_read: frozenset[str]) -> "Room":
        """Return the room as a party sees it, without the other's read cursor where that one hides it.

        ``hides_read`` has the ids of those who do. Whoever runs the marketplace sees both.
        """
        if role is Role.CUSTOMER and self.therapist_id in hides_read:
            return replace(self, therapist_read_sequence=0)
        if role is Role.THERAPIST and self.customer_id in hides_read:
            return replace(self, customer_read_sequence=0)
        return self

    @property
    def blocked_by(self) -> list[Role]:
        """Which of the parties has blocked the other."""
        return [role for role in (Role.CUSTOMER, Role.THERAPIST) if self.is_blocked_by(role)]

    def is_blocked_by(self, role: Role) -> bool:
        """Say whether a party has blocked the other."""
        match role:
            case Role.CUSTOMER:
                return self.blocked_by_customer
            case Role.THERAPIST:
                return self.blocked_by_therapist
            case _:
                return False

    def blocked(self, role: Role, *, blocked: bool) -> "Room":
        """Return the room in which a party has blocked the other, or no longer has."""
        if role is Role.CUSTOMER:
            return replace(self, blocked_by_customer=blocked)
        return replace(self, blocked_by_therapist=blocked)

    def check_may_write(self, role: Role) -> None:
        """Refuse the words of somebody whom the other party has blocked.

        Raises:
            Forbidden: the other party has.
        """
        other = {Role.CUSTOMER: Role.THERAPIST, Role.THERAPIST: Role.CUSTOMER}.get(role)
        if other is not None and self.is_blocked_by(other):
            raise Forbidden

    def party_role(self, caller: Caller) -> Role | None:
        """Return the hat that the caller wears in this room, or nothing for a stranger."""
        if caller.is_admin:
            return Role.ADMIN
        if caller.role is Role.CUSTOMER and caller.user_id == self.customer_id:
            return Role.CUSTOMER
        if caller.role is Role.THERAPIST and caller.user_id == self.therapist_id:
            return Role.THERAPIST
        return None

    def check_visible_to(self, caller: Caller) -> Role:
        """Return the caller's hat, or refuse a stranger as if there were no such room."""
        role = self.party_role(caller)
        if role is None:
            raise NotFound
        return role

    def as_of(self, booking: Booking, now: datetime) -> "Room":
        """Return the room as everybody must see it: closed once its booking's deadline has passed unanswered."""
        if self.status is RoomStatus.ACTIVE and booking.as_of(now).status is BookingStatus.EXPIRED:
            return replace(self, status=RoomStatus.CANCELLED, expires_at=booking.response_deadline)
        return self

    def is_writable(self, booking: Booking, now: datetime) -> bool:
        """Say whether the room takes messages: neither its booking nor its end has closed it."""
        over = self.expires_at is not None and now >= self.expires_at
        return not over and self.status is not RoomStatus.CANCELLED and booking.takes_messages(now)

    def check_writable(self, booking: Booking, now: datetime) -> None:
        """Refuse a message to a room that is closed.

        Raises:
            RoomClosed: its booking or its end has closed it.
        """
        if not self.is_writable(booking, now):
            raise RoomClosed

    def read_sequence(self, role: Role) -> int:
        """Return how far that party has read; an admin and the system keep no read cursor."""
        match role:
            case Role.CUSTOMER:
                return self.customer_read_sequence
            case Role.THERAPIST:
                return self.therapist_read_sequence
            case Role.ADMIN | Role.SYSTEM:
                return self.last_sequence
            case _:
                assert_never(role)

    def unread_count(self, role: Role) -> int:
        """Return how many messages of others lie beyond that party's read cursor.

        Sending moves the sender's read cursor to the message sent, so all beyond it come from others.
        """
        return max(0, self.last_sequence - self.read_sequence(role))

    def is_read(self, message: Message, reader: Role) -> bool:
        """Say whether the other party of the message has read it; for the system's, the reader has."""
        match message.sender_role:
            case Role.CUSTOMER:
                read_cursor = self.therapist_read_sequence
            case Role.THERAPIST:
                read_cursor = self.customer_read_sequence
            case Role.ADMIN | Role.SYSTEM if reader in {Role.CUSTOMER, Role.THERAPIST}:
                read_cursor = self.read_sequence(reader)
            case _:
                read_cursor = min(self.customer_read_sequence, self.therapist_read_sequence)
        return message.sequence <= read_cursor

    def add(self, draft: Draft, *, by: Caller, now: datetime) -> "tuple[Room, Message]":
        """Return the room after the message, and the message with the next sequence."""
        role = self.check_visible_to(by)
        if draft.reply_to is not None and draft.reply_to > self.last_sequence:
            complaint = "There is no such message in this room."
            raise ValidationFailed((FieldError("replyTo", complaint),))
        receiver: tuple[str | None, Role | None]
        match role:
            case Role.CUSTOMER:
                name, receiver = self.customer_name, (self.therapist_id, Role.THERAPIST)
            case Role.THERAPIST:
                name, receiver = self.therapist_name, (self.customer_id, Role.CUSTOMER)
            case _:
                name, receiver = "Admin", (None, None)
        message = Message(
            conversation_id=self.conversation_id,
            sequence=self.last_sequence + 1,
            sender_id=by.user_id,
            sender_name=name,
            sender_role=role,
            receiver_id=receiver[0],
            receiver_role=receiver[1],
            message=draft.message,
            message_type=draft.message_type,
            booking_id=self.booking_id,
            timestamp=self._not_before_last(now),
            metadata=draft.metadata,
            client_message_id=draft.client_message_id,
            attachment_id=draft.attachment_id,
            location=draft.location,
            reply_to=draft.reply_to,
            original=draft.original,
            translate_to=self._languages_wanted(role),
        )
        return self.with_message(message), message

    def edit(self, message: Message, text: str, *, original: str | None, now: datetime) -> "tuple[Room, Message]":
        """Return the room after a new text of a message, and the message under the room's next revision."""
        return self._changed(
            replace(
                message,
                message=text,
                original=original,
                edited_at=now,
                translations={},
                translate_to=self._languages_wanted(message.sender_role),
                revision=self.last_revision + 1,
            )
        )

    def take_back(self, message: Message) -> "tuple[Room, Message]":
        """Return the room after a message was deleted, and what stays of it: its place in the sequence."""
        return self._changed(
            replace(
                message,
                message="",
                original=None,
                metadata={},
                attachment_id=None,
                location=None,
                translations={},
                translate_to=(),
                deleted=True,
                revision=self.last_revision + 1,
            )
        )

    def hide(self, message: Message) -> "tuple[Room, Message]":
        """Return the room after staff took a message out of its parties' sight, and the message."""
        original = message.message if message.original is None else message.original
        return self._changed(
            replace(
                message,
                message="",
                original=original,
                translations={},
                translate_to=(),
                hidden=True,
                revision=self.last_revision + 1,
            )
        )

    def _languages_wanted(self, sender: Role) -> tuple[str, ...]:
        """Return the languages into which the parties who did not write a message have it translated."""
        wanted = (self.translation_for(role) for role in (Role.CUSTOMER, Role.THERAPIST) if role is not sender)
        return tuple(dict.fromkeys(language for language in wanted if language is not None))

    def _changed(self, message: Message) -> "tuple[Room, Message]":
        room = replace(self, last_revision=message.revision)
        if message.sequence == self.last_sequence:
            room = replace(room, last_message=_preview(message))
        return room, message

    def announce(
        self, announcement: Announcement, *, message_type: MessageType, text: str, now: datetime
    ) -> "tuple[Room, Message]":
        """Return the room after a message of the system, and the message; ``text`` is its plain English."""
        message = Message(
            conversation_id=self.conversation_id,
            sequence=self.last_sequence + 1,
            sender_id=SYSTEM.user_id,
            sender_name="System",
            sender_role=Role.SYSTEM,
            receiver_id=None,
            receiver_role=None,
            message=text,
            message_type=message_type,
            booking_id=self.booking_id,
            timestamp=self._not_before_last(now),
            metadata={"template": announcement.template.value, "parameters": dict(announcement.parameters)},
        )
        return self.with_message(message), message

    def following(self, booking: Booking, now: datetime) -> "Room":
        """Return the room as the booking's state wants it: open, winding down, closed, or with a new therapist.

        A new therapist reads on where the last one stopped: read cursors only move forward, so what the customer has
        seen read stays so, and whoever comes back finds nothing of their own unread.
        """
        status, expires_at = _room_state(booking, now)
        changed = replace(self, status=status, expires_at=expires_at)
        if booking.therapist_id == self.therapist_id:
            return changed
        return replace(
            changed,
            therapist_id=booking.therapist_id,
            therapist_name=booking.therapist_name,
            blocked_by_customer=False,  # who blocks whom is between two people
            blocked_by_therapist=False,
            therapist_translation=None,
        )

    def with_message(self, message: Message) -> "Room":
        """Return the room whose last message it is; sending moves the sender's read cursor to it."""
        room = replace(self, last_sequence=message.sequence, last_message=_preview(message))
        match message.sender_role:
            case Role.CUSTOMER:
                return replace(room, customer_read_sequence=message.sequence)
            case Role.THERAPIST:
                return replace(room, therapist_read_sequence=message.sequence)
            case Role.ADMIN | Role.SYSTEM:
                return room
            case _:
                assert_never(message.sender_role)

    def _not_before_last(self, now: datetime) -> datetime:
        """Keep times from running backwards in a room when a clock does; the sequence decides the order."""
        last = (self.last_message or {}).get("timestamp")
        return max(now, datetime.fromisoformat(last)) if isinstance(last, str) else now


def room_for(booking: Booking) -> Room:
    """Return the empty room that belongs to a new booking."""
    return Room(
        conversation_id=booking.chat_room_id,
        booking_id=booking.booking_id,
        customer_id=booking.customer_id,
        customer_name=booking.customer_name,
        therapist_id=booking.therapist_id,
        therapist_name=booking.therapist_name,
        status=RoomStatus.ACTIVE,
        booked_at=booking.created_at,
        is_test=booking.is_test,
    )


def _room_state(booking: Booking, now: datetime) -> tuple[RoomStatus, datetime | None]:
    match booking.status:
        case BookingStatus.PENDING | BookingStatus.CONFIRMED:
            return RoomStatus.ACTIVE, None
        case BookingStatus.COMPLETED | BookingStatus.NO_SHOW:
            over_at = booking.completed_at or booking.no_show_at or now
            return RoomStatus.COMPLETED, over_at + WRITABLE_AFTER_COMPLETION
        case BookingStatus.DECLINED | BookingStatus.EXPIRED | BookingStatus.CANCELLED:
            return RoomStatus.CANCELLED, now
        case _:
            assert_never(booking.status)


def _preview(message: Message) -> Mapping[str, object]:
    """Return what lists of rooms show of the last message."""
    preview: dict[str, object] = {
        "sequence": message.sequence,
        "senderId": message.sender_id,
        "senderRole": message.sender_role.value,
        "messageType": message.message_type.value,
        "message": cut(message.message, PREVIEW_CHARACTERS),
        "timestamp": message.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if message.sender_role is Role.SYSTEM:
        preview["metadata"] = message.metadata
    return preview
