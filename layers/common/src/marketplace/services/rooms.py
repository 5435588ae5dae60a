"""What parties do in a room: send messages, and say how far they have read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_key
from marketplace.chat.attachment import no_such_attachment
from marketplace.chat.attachment_repository import Attachments
from marketplace.chat.model import Draft, Message, Room
from marketplace.chat.repository import Rooms, message_claim, room_key, saving_room
from marketplace.chat.uploads import Uploads
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store, TransactionRefused
from marketplace.platform.refusals import NotFound
from marketplace.services.delivery import Delivery, best_effort

TOLD_WITHIN: Final = timedelta(seconds=5)
"""In which a message that was written has been pushed, unless its invocation died."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message in its room: written just now, or found again by a repeat."""

    message: Message
    room: Room
    booking: Booking
    is_new: bool

    def should_be_told(self, now: datetime) -> bool:
        """Say whether the others should hear of it.

        A repeat that comes late may mean that the first call ended between writing and telling; whoever
        has the message already knows it by its sequence.
        """
        if self.is_new:
            return True
        untold = not self.room.is_read(self.message, self.message.sender_role)
        return untold and now - self.message.timestamp > TOLD_WITHIN


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMark:
    """How far a party has read: the sequence of the last message, and how many lie beyond it."""

    conversation_id: str
    sequence: int
    unread_count: int


@final
class RoomCommands:
    """The commands in rooms. They tell the others themselves, because a conversation cannot wait for a stream.

    Nobody waits for that, and that somebody could not be told fails nobody: what is told is durable.
    """

    def __init__(
        self,
        store: Store,
        *,
        rooms: Rooms,
        attachments: Callable[[], Attachments],
        uploads: Callable[[], Uploads],
        delivery: Callable[[], Delivery],
    ) -> None:
        """Write to ``store``; what few messages need is made when one needs it."""
        self._store = store
        self._rooms = rooms
        self._attachments = attachments
        self._uploads = uploads
        self._delivery = delivery

    def send(
        self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime, from_connection: str = ""
    ) -> Delivered:
        """Add a message once, whoever else is writing, and tell the others but for the connection that sent it.

        The same ``client_message_id`` of the same sender in the same room is the same message for the
        life of the room, over whichever door it comes.

        Raises:
            NotFound: no such room for this caller.
            RoomClosed: the room takes no more messages.
            ValidationFailed: it cites a file that the room does not have, or that has not been uploaded.
        """
        sent = retry_on_conflict(lambda: self._try_to_send(conversation_id, draft, by=by, now=now))
        if sent.should_be_told(now):
            best_effort(
                lambda: self._delivery().message(sent.message, sent.room, sent.booking, exclude=from_connection)
            )
        return sent

    def mark_read(self, conversation_id: str, sequence: int, *, by: Caller, from_connection: str = "") -> ReadMark:
        """Move the caller's read cursor forward, never back and never past the last message, and tell the others.

        Raises:
            NotFound: no such room for this caller, or it has passed to somebody else meanwhile.
        """
        room, _, role = self._rooms.load(conversation_id, by)
        cursor = self._rooms.mark_read(room, role, sequence)
        if cursor > room.read_sequence(role):
            best_effort(lambda: self._delivery().read(room, by.user_id, cursor, exclude=from_connection))
        return ReadMark(
            conversation_id=room.conversation_id,
            sequence=cursor,
            unread_count=max(0, room.last_sequence - cursor),
        )

    def _try_to_send(self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime) -> Delivered | None:
        room_item, booking_item, claimed = self._store.batch_get(
            [
                room_key(conversation_id),
                booking_key(identifiers.booking_of_room(conversation_id)),
                message_claim(conversation_id, by.user_id, draft.client_message_id),
            ]
        )
        if room_item is None or booking_item is None:
            raise NotFound
        room, booking = from_record(Room, room_item), from_record(Booking, booking_item)
        room.check_visible_to(by)
        if claimed is not None:
            message = self._rooms.message(conversation_id, int(claimed["sequence"]))
            return Delivered(message=message, room=room, booking=booking, is_new=False)
        room.check_writable(booking, now)
        self._check_citation(draft, conversation_id)
        after, message = room.add(draft, by=by, now=now)
        try:
            self._store.transact(
                [
                    saving_room(room, after),
                    self._rooms.adding_message(message),
                    self._rooms.claiming(message, draft.client_message_id, now),
                ]
            )
        except TransactionRefused:
            return None
        return Delivered(message=message, room=after, booking=booking, is_new=True)

    def _check_citation(self, draft: Draft, conversation_id: str) -> None:
        """Refuse the citation of a file that the room does not have, or that has not been uploaded."""
        if draft.attachment_id is None:
            return
        if not self._attachments().may_be_cited(
            draft.attachment_id,
            check=lambda attachment: attachment.check_citable(conversation_id, draft.message_type),
            is_uploaded=lambda attachment: self._uploads().holds(attachment.incoming_key),
        ):
            raise no_such_attachment()
