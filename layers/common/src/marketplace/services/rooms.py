"""What parties do in a room: send messages, and say how far they have read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_key
from marketplace.chat.attachment import no_such_attachment
from marketplace.chat.attachment_repository import Attachments
from marketplace.chat.model import Draft, Message, Room
from marketplace.chat.repository import Rooms, message_claim, room_key, saving_room
from marketplace.chat.uploads import Uploads
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound
from marketplace.services.delivery import NOBODY, Delivery, best_effort

TOLD_WITHIN: Final = timedelta(seconds=5)
"""In which a message that was written has been pushed, unless its invocation died."""


@final
class SentMessage(Struct, frozen=True, kw_only=True):
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
class ReadMark(Struct, frozen=True, kw_only=True):
    """How far a party has read: up to which message, and how many lie beyond it."""

    room: Room
    user_id: str
    sequence: int
    has_moved: bool
    """Whether the reading moved the cursor, so that the others should hear of it."""

    @property
    def unread_count(self) -> int:
        """How many messages lie beyond."""
        return max(0, self.room.last_sequence - self.sequence)


@final
class RoomCommands:
    """The commands in rooms, and the telling of them: here it follows the saving, as a conversation cannot wait.

    That somebody could not be told fails nobody: what is told is durable.
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

    def send(self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime) -> SentMessage:
        """Add a message once, whoever else is writing.

        The same ``client_message_id`` of the same sender in the same room is the same message for the
        life of the room, over whichever door it comes.

        Raises:
            NotFound: no such room for this caller.
            RoomClosed: the room takes no more messages.
            ValidationFailed: it cites a file that the room does not have, or that has not been uploaded.
        """
        return retry_on_conflict(lambda: self._try_to_send(conversation_id, draft, by=by, now=now))

    def tell_of_message(self, sent: SentMessage, now: datetime, *, exclude: str = NOBODY) -> None:
        """Tell everybody in the room of a message, if they should hear of it, but for one connection."""
        if sent.should_be_told(now):
            best_effort(lambda: self._delivery().message(sent.message, sent.room, sent.booking, exclude=exclude))

    def mark_read(self, conversation_id: str, sequence: int, *, by: Caller) -> ReadMark:
        """Move the caller's read cursor forward, never back and never past the last message.

        Raises:
            NotFound: no such room for this caller, or it has passed to somebody else meanwhile.
        """
        room, _, role = self._rooms.load(conversation_id, by)
        cursor = self._rooms.mark_read(room, role, sequence)
        return ReadMark(room=room, user_id=by.user_id, sequence=cursor, has_moved=cursor > room.read_sequence(role))

    def tell_of_reading(self, mark: ReadMark, *, exclude: str = NOBODY) -> None:
        """Tell the room how far somebody has read, if that has moved, but for one connection."""
        if mark.has_moved:
            best_effort(lambda: self._delivery().read(mark.room, mark.user_id, mark.sequence, exclude=exclude))

    def _try_to_send(self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime) -> SentMessage | None:
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
            return SentMessage(message=message, room=room, booking=booking, is_new=False)
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
        return SentMessage(message=message, room=after, booking=booking, is_new=True)

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
