"""What parties do in a room: send messages, and say how far they have read."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import booking_key
from marketplace.catalogue.policy.model import ContactGuard
from marketplace.catalogue.policy.repository import Policies
from marketplace.chat.attachments.model import no_such_attachment
from marketplace.chat.attachments.repository import Attachments
from marketplace.chat.attachments.uploads import Uploads
from marketplace.chat.contact_guard import masked
from marketplace.chat.message import Draft, Message, MessageType
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import (
    changing_message,
    joining_key,
    message_claim,
    message_key,
    revising_room,
    room_key,
    saving_room,
)
from marketplace.moderation.masked import counting_masked
from marketplace.notification.announcement import Announcement, Template
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, Put, TransactionRefused, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound
from marketplace.services.booking.transitions import announced
from marketplace.services.notification.delivery import NOBODY, Delivery, best_effort

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
class ChangedMessage(Struct, frozen=True, kw_only=True):
    """A message after an edit or a deletion: made just now, or found again by a repeat."""

    message: Message
    room: Room
    booking: Booking
    role: Role
    """The caller's hat."""
    is_new: bool
    hides_read: frozenset[str] = frozenset()
    """Who of the parties hides how far they have read."""

    @property
    def room_as_seen(self) -> Room:
        """The room as whoever made the change sees it."""
        return self.room.seen_by(self.role, self.hides_read)


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

    def __init__(  # noqa: PLR0913 - the repositories whose actions go into one transaction, and the way to people
        self,
        store: Store,
        *,
        rooms: Rooms,
        policies: Policies,
        attachments: Callable[[], Attachments],
        uploads: Callable[[], Uploads],
        delivery: Callable[[], Delivery],
    ) -> None:
        """Write to ``store``; what few messages need is made when one needs it."""
        self._store = store
        self._rooms = rooms
        self._policies = policies
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

    def edit(self, conversation_id: str, sequence: int, text: str, *, by: Caller, now: datetime) -> ChangedMessage:
        """Give a message of the caller's another text, once; the same again finds it done.

        Raises:
            NotFound: no such message of this caller, or it was deleted.
            ChangeTooLate: it is older than a quarter of an hour.
            RoomClosed: the room takes no more messages.
        """

        def decide(room: Room, booking: Booking, message: Message) -> tuple[Room, Message] | None:
            message.check_own(by)
            if message.deleted or message.hidden:
                raise NotFound
            shown, original = self._guarded(text, booking, by, now)
            if message.edited_at is not None and (message.message, message.original) == (shown, original):
                return None
            message.check_changeable(now)
            room.check_writable(booking, now)
            room.check_may_write(by.role)
            return room.edit(message, shown, original=original, now=now)

        return retry_on_conflict(lambda: self._try_to_change(conversation_id, sequence, decide, by=by, now=now))

    def delete(self, conversation_id: str, sequence: int, *, by: Caller, now: datetime) -> ChangedMessage:
        """Take a message of the caller's back; again, it finds it done.

        Raises:
            NotFound, ChangeTooLate, RoomClosed: as for an edit.
        """

        def decide(room: Room, booking: Booking, message: Message) -> tuple[Room, Message] | None:
            message.check_own(by)
            if message.deleted:
                return None
            message.check_changeable(now)
            room.check_writable(booking, now)
            return room.take_back(message)

        return retry_on_conflict(lambda: self._try_to_change(conversation_id, sequence, decide, by=by, now=now))

    def tell_of_change(self, changed: ChangedMessage, *, exclude: str = NOBODY) -> None:
        """Tell everybody in the room of an edit or deletion, but for one connection; a repeat tells it again."""

        def push() -> int:
            return self._delivery().change(
                changed.message, changed.room, changed.booking, exclude=exclude, hides_read=changed.hides_read
            )

        best_effort(push)

    def look_in(self, conversation_id: str, *, by: Caller, now: datetime) -> None:
        """Let a room say that somebody of the staff reads it: once for each of them.

        Raises:
            NotFound: there is no such room.
        """

        def attempt() -> bool | None:
            room_item, joined_item = self._store.batch_get(
                [room_key(conversation_id), joining_key(conversation_id, by.user_id)]
            )
            if room_item is None:
                raise NotFound
            room = from_record(Room, room_item)
            after, joining = self._joining(room, joined_item, by, now)
            if not joining:
                return True
            try:
                self._store.transact([*joining, saving_room(room, after)])
            except TransactionRefused:
                return None
            return True

        retry_on_conflict(attempt)

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

            def push() -> int:
                shows_read = not self._rooms.hiding_read([mark.user_id])
                return self._delivery().read(
                    mark.room, mark.user_id, mark.sequence, exclude=exclude, shows_read=shows_read
                )

            best_effort(push)

    def _try_to_send(self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime) -> SentMessage | None:
        wanted = [
            room_key(conversation_id),
            booking_key(identifiers.booking_of_room(conversation_id)),
            message_claim(conversation_id, by.user_id, draft.client_message_id),
        ]
        if by.is_admin:
            wanted.append(joining_key(conversation_id, by.user_id))
        room_item, booking_item, claimed, *rest = self._store.batch_get(wanted)
        joined_item = rest[0] if rest else None
        if room_item is None or booking_item is None:
            raise NotFound
        room, booking = from_record(Room, room_item), from_record(Booking, booking_item)
        role = room.check_visible_to(by)
        if claimed is not None:
            message = self._rooms.message(conversation_id, int(claimed["sequence"]))
            return SentMessage(message=message, room=room, booking=booking, is_new=False)
        room.check_writable(booking, now)
        room.check_may_write(role)
        self._check_citation(draft, conversation_id)
        shown, original = self._guarded(draft.message, booking, by, now)
        joined, joining = self._joining(room, joined_item, by, now)
        after, message = joined.add(replace(draft, message=shown, original=original), by=by, now=now)
        try:
            self._store.transact(
                [
                    *joining,
                    *_counted(message, by, now),
                    saving_room(room, after),
                    self._rooms.adding_message(message),
                    self._rooms.claiming(message, draft.client_message_id, now),
                ]
            )
        except TransactionRefused:
            return None
        return SentMessage(message=message, room=after, booking=booking, is_new=True)

    def _try_to_change(
        self,
        conversation_id: str,
        sequence: int,
        decide: Callable[[Room, Booking, Message], tuple[Room, Message] | None],
        *,
        by: Caller,
        now: datetime,
    ) -> ChangedMessage | None:
        room_item, booking_item, message_item = self._store.batch_get(
            [
                room_key(conversation_id),
                booking_key(identifiers.booking_of_room(conversation_id)),
                message_key(conversation_id, sequence),
            ]
        )
        if room_item is None or booking_item is None:
            raise NotFound
        room, booking = from_record(Room, room_item), from_record(Booking, booking_item)
        role = room.check_visible_to(by)
        if message_item is None:
            raise NotFound
        before = from_record(Message, message_item)
        parties = (room.customer_id, room.therapist_id) if room.is_read(before, before.sender_role) else ()
        hides_read = self._rooms.hiding_read(parties)
        done = decide(room, booking, before)
        if done is None:
            return ChangedMessage(
                message=before, room=room, booking=booking, role=role, is_new=False, hides_read=hides_read
            )
        after_room, after = done
        try:
            self._store.transact(
                [
                    *_counted(after, by, now),
                    revising_room(room, after_room),
                    changing_message(before, after),
                    self._rooms.adding_change(after),
                    record_change(
                        conversation_id,
                        action="message_deleted" if after.deleted else "message_edited",
                        before=_in_history(before),
                        after={**_in_history(after), "sequence": sequence},
                        by=by,
                        now=now,
                        version=after.revision,
                    ),
                ]
            )
        except TransactionRefused:
            return None
        return ChangedMessage(
            message=after, room=after_room, booking=booking, role=role, is_new=True, hides_read=hides_read
        )

    def _joining(self, room: Room, joined_item: Item | None, by: Caller, now: datetime) -> tuple[Room, list[Action]]:
        """Return the room after it says that somebody of the staff is there, if they are and it has not yet."""
        if not by.is_admin or joined_item is not None:
            return room, []
        after, message = announced(room, Announcement(template=Template.ADMIN_JOINED), MessageType.SYSTEM, now)
        table, key = joining_key(room.conversation_id, by.user_id)
        claim = Put(
            label="joining",
            table=table,
            item={**key, "claimedAt": format_utc(now), "sequence": message.sequence},
            condition=absent("claimKey"),
        )
        return after, [claim, self._rooms.adding_message(message)]

    def _guarded(self, text: str, booking: Booking, by: Caller, now: datetime) -> tuple[str, str | None]:
        """Return a text as its readers may see it, and what was written where that is something else.

        Until a booking is confirmed its parties cannot hand each other numbers, addresses and links, where its
        policy says so; whoever runs the marketplace may.
        """
        if by.is_admin or booking.as_of(now).status is not BookingStatus.PENDING:
            return text, None
        if self._policies.get(booking.policy_version).contact_guard is ContactGuard.OFF:
            return text, None
        shown = masked(text)
        return (shown, text) if shown != text else (text, None)

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


def _counted(message: Message, by: Caller, now: datetime) -> list[Action]:
    """Return what counts a message of somebody in which contact details are masked."""
    return [counting_masked(by, message.conversation_id, now)] if message.is_masked else []


def _in_history(message: Message) -> dict[str, object]:
    """Return what the audit log keeps of a message before and after a change; admins alone read it."""
    return {
        "message": message.message if message.original is None else message.original,
        "attachmentId": message.attachment_id,
        "location": message.location,
        "revision": message.revision,
    }
