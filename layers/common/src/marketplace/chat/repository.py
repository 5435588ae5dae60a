"""Rooms and their messages as they are stored: what is read of them, and the actions that write their rows."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_key
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.rows import EPOCH_KEY, message_claim, message_key, room_key
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put, Update, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import HistoryReset, NotFound

CHANGES_LIMIT: Final = 50
PAGE_LIMIT: Final = 50
FIRST_EPOCH: Final = "1"
"""That of tables that were never brought back to an earlier instant."""
EPOCH_REREAD_SECONDS: Final = 30.0
SEARCH_QUERIES: Final = 4
SEARCH_STRETCH: Final = 500


@final
class MessagePage(Struct, frozen=True, kw_only=True):
    """One page of messages, and the sequence at which the walk goes on; malformed rows are left out."""

    messages: Sequence[Message]
    next_edge: int | None

    @property
    def has_more(self) -> bool:
        """Say whether more lie in the direction of the walk."""
        return self.next_edge is not None


@final
class ChangesPage(Struct, frozen=True, kw_only=True):
    """Messages that were edited or deleted, as they are now, and the revision up to which none is missing."""

    messages: Sequence[Message]
    revision: int
    has_more: bool


@final
class VisibleRoom(Struct, frozen=True, kw_only=True):
    """A room with what its reader needs to know of it."""

    room: Room
    booking: Booking
    role: Role
    """The reader's hat."""
    epoch: str
    """Another one than the reader knows says that the tables were brought back to an earlier instant."""

    def check_epoch(self, known: str | None) -> None:
        """Refuse a reader who knows the room by another history.

        Raises:
            HistoryReset: the tables were brought back since.
        """
        if known is not None and known != self.epoch:
            raise HistoryReset


@final
class Rooms:
    """The rooms of every booking."""

    def __init__(self, store: Store, kept_for: timedelta) -> None:
        """Keep rooms and messages in ``store``; a message is ``kept_for`` so long after it was written."""
        self._store = store
        self._kept_for = kept_for
        self._epoch: tuple[str, float] | None = None

    def view(self, conversation_id: str, caller: Caller) -> VisibleRoom:
        """Return a room with its booking, the caller's hat and the present epoch, in one read.

        Raises:
            NotFound: there is no such room, or the caller may not see it.
        """
        room_item, booking_item, epoch_item = self._store.batch_get(
            [room_key(conversation_id), booking_key(identifiers.booking_of_room(conversation_id)), EPOCH_KEY]
        )
        if room_item is None or booking_item is None:
            raise NotFound
        room = from_record(Room, room_item)
        role = room.check_visible_to(caller)
        shown = room.seen_by(role, self.hiding_read(room.others_who_read(role)))
        return VisibleRoom(room=shown, booking=from_record(Booking, booking_item), role=role, epoch=_epoch(epoch_item))

    def hiding_read(self, user_ids: Iterable[str]) -> frozenset[str]:
        """Return who of these people hides how far they have read: one read, none for nobody."""
        keys = [("preferences", {"userId": user_id}) for user_id in dict.fromkeys(user_ids)]
        found = self._store.batch_get(keys) if keys else []
        return frozenset(str(item["userId"]) for item in found if item is not None and item.get("showsRead") is False)

    def epoch(self) -> str:
        """Return the epoch as it was at most half a minute ago: who is told an older one loads once too often."""
        if self._epoch is None or time.monotonic() >= self._epoch[1]:
            (item,) = self._store.batch_get([EPOCH_KEY])
            self._epoch = _epoch(item), time.monotonic() + EPOCH_REREAD_SECONDS
        return self._epoch[0]

    def load(self, conversation_id: str, caller: Caller) -> tuple[Room, Booking, Role]:
        """Return a room, its booking and the caller's hat, in one read.

        Raises:
            NotFound: there is no such room, or the caller may not see it.
        """
        room_item, booking_item = self._store.batch_get(
            [room_key(conversation_id), booking_key(identifiers.booking_of_room(conversation_id))]
        )
        if room_item is None or booking_item is None:
            raise NotFound
        room = from_record(Room, room_item)
        role = room.check_visible_to(caller)
        return room, from_record(Booking, booking_item), role

    def messages(
        self,
        conversation_id: str,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE_LIMIT,
    ) -> MessagePage:
        """Return one page in ascending sequence.

        ``before`` walks back from a sequence (from the newest without one), ``after`` forward from one.
        One query, whatever the size of the room.
        """
        where = Condition(expression="#conversationId = :room", values={"room": conversation_id})
        if after is not None:
            where &= Condition(expression="#sequence > :edge", values={"edge": after})
        elif before is not None:
            where &= Condition(expression="#sequence < :edge", values={"edge": before})
        page = self._store.query(
            "chat_messages", where=where, newest_first=after is None, limit=limit + 1, strongly=True
        )
        items = page.items[:limit]
        has_more = len(page.items) > limit or page.next_key is not None
        found = readable_records(Message, items, key="conversationId")
        return MessagePage(
            messages=found if after is not None else found[::-1],
            next_edge=int(items[-1]["sequence"]) if has_more and items else None,
        )

    def changes(self, room: Room, *, after: int, limit: int = CHANGES_LIMIT) -> ChangesPage:
        """Return what was edited or deleted after a revision: nothing is read where the room says that nothing was."""
        if after >= room.last_revision:
            return ChangesPage(messages=(), revision=room.last_revision, has_more=False)
        page = self._store.query(
            "chat_changes",
            where=Condition(
                expression="#conversationId = :room AND #revision > :edge",
                values={"room": room.conversation_id, "edge": after},
            ),
            limit=limit + 1,
            strongly=True,
        )
        changes = page.items[:limit]
        sequences = sorted({int(change["sequence"]) for change in changes})
        items = self._store.batch_get([message_key(room.conversation_id, sequence) for sequence in sequences])
        return ChangesPage(
            messages=readable_records(Message, [item for item in items if item is not None], key="conversationId"),
            revision=int(changes[-1]["revision"]) if changes else room.last_revision,
            has_more=len(page.items) > limit or page.next_key is not None,
        )

    def search(
        self, conversation_id: str, matches: Callable[[Message], bool], *, before: int | None, limit: int
    ) -> MessagePage:
        """Return matching messages newest first.

        Bounded work in a room of any size: at most four queries of five hundred messages; a page may be
        short, even empty, while there is more to look through.
        """
        found: list[Message] = []
        edge = before
        for _ in range(SEARCH_QUERIES):
            where = Condition(expression="#conversationId = :room", values={"room": conversation_id})
            if edge is not None:
                where &= Condition(expression="#sequence < :edge", values={"edge": edge})
            page = self._store.query(
                "chat_messages", where=where, newest_first=True, limit=SEARCH_STRETCH, strongly=True
            )
            for message in readable_records(Message, page.items, key="conversationId"):
                edge = message.sequence
                if matches(message):
                    found.append(message)
                    if len(found) == limit:
                        return MessagePage(messages=found, next_edge=edge if edge > 1 else None)
            if page.next_key is None:
                return MessagePage(messages=found, next_edge=None)
            edge = int(page.next_key["sequence"])
        return MessagePage(messages=found, next_edge=edge)

    def claiming(self, message: Message, client_message_id: str, now: datetime) -> Put:
        """Return the action that makes a sender's message id the name of this message, for the life of the room."""
        table, key = message_claim(message.conversation_id, message.sender_id, client_message_id)
        return Put(
            label="claim",
            table=table,
            item={
                **key,
                "sequence": message.sequence,
                "claimedAt": format_utc(now),
                "expiresAtEpoch": self._forgotten_at(message),
            },
            condition=absent("claimKey"),
        )

    def message(self, conversation_id: str, sequence: int) -> Message:
        """Return one message.

        Raises:
            NotFound: there is none of that sequence.
        """
        item = self._store.get("chat_messages", {"conversationId": conversation_id, "sequence": sequence})
        if item is None:
            raise NotFound
        return from_record(Message, item)

    def adding_message(self, message: Message) -> Put:
        """Return the action that writes a message for the first time."""
        return Put(
            label=f"message:{message.sequence}",
            table="chat_messages",
            item={**to_record(message), "expiresAtEpoch": self._forgotten_at(message)},
            condition=absent("conversationId"),
        )

    def adding_change(self, message: Message) -> Put:
        """Return the action that names a message's change by the room's next revision."""
        return Put(
            label="change",
            table="chat_changes",
            item={
                "conversationId": message.conversation_id,
                "revision": message.revision,
                "sequence": message.sequence,
                "expiresAtEpoch": self._forgotten_at(message),
            },
            condition=absent("conversationId"),
        )

    def _forgotten_at(self, message: Message) -> int:
        """Return from when on DynamoDB may remove a message with its claim, in seconds since 1970."""
        return int((message.timestamp + self._kept_for).timestamp())

    def mark_read(self, room: Room, role: Role, sequence: int) -> int:
        """Move a party's read cursor forward, never back and never past the last message; return where it is.

        Raises:
            NotFound: the room has passed to somebody else meanwhile.
        """
        attribute = "customerReadSequence" if role is Role.CUSTOMER else "therapistReadSequence"
        owner = "customerId" if role is Role.CUSTOMER else "therapistId"
        party = room.customer_id if role is Role.CUSTOMER else room.therapist_id
        cursor = min(sequence, room.last_sequence)
        if cursor <= room.read_sequence(role):
            return room.read_sequence(role)
        try:
            self._store.write(
                Update(
                    label="cursor",
                    table="chat_rooms",
                    key={"conversationId": room.conversation_id},
                    condition=Condition(
                        expression=f"#{attribute} < :cursor AND #{owner} = :owner",
                        values={"cursor": cursor, "owner": party},
                    ),
                    assign={attribute: cursor},
                )
            )
        except ConditionRefused as refused:
            stored = refused.item
            if stored is None or stored.get(owner) != party:
                raise NotFound from None
            return int(stored[attribute])
        return cursor

    def find_by_party(self, caller: Caller, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of keys of the rooms of a party, newest booking first."""
        index, attribute = (
            ("byCustomer", "customerId") if caller.role is Role.CUSTOMER else ("byTherapist", "therapistId")
        )
        return self._store.query(
            "chat_rooms",
            index=index,
            where=Condition(expression=f"#{attribute} = :party", values={"party": caller.user_id}),
            newest_first=True,
            limit=limit,
            start=start,
        )

    def find_by_month(self, month: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of keys of all rooms booked in a month (``2026-11``), newest first."""
        return self._store.query(
            "chat_rooms",
            index="byMonth",
            where=Condition(expression="#createdMonth = :month", values={"month": month}),
            newest_first=True,
            limit=limit,
            start=start,
        )

    def load_many(self, conversation_ids: Sequence[str]) -> list[tuple[Room, Booking]]:
        """Return rooms with their bookings in the order asked; what is missing or malformed is left out."""
        keys = [
            key
            for room_id in conversation_ids
            for key in (room_key(room_id), booking_key(identifiers.booking_of_room(room_id)))
        ]
        return list(_pairs(self._store.batch_get(keys)))

    def watch(self, conversation_id: str, connection_id: str, *, watching: bool) -> None:
        """Note that an admin's connection has the room open, or no longer has."""
        change = {"watchers": frozenset({connection_id})}
        try:
            self._store.write(
                Update(
                    label="watcher",
                    table="chat_rooms",
                    key={"conversationId": conversation_id},
                    condition=Condition(expression="attribute_exists(#conversationId)"),
                    add=change if watching else {},
                    delete={} if watching else change,
                )
            )
        except ConditionRefused:
            raise NotFound from None


def _epoch(item: Item | None) -> str:
    return FIRST_EPOCH if item is None else str(item["epoch"])


def _pairs(items: Sequence[Item | None]) -> Iterator[tuple[Room, Booking]]:
    for room_item, booking_item in zip(items[::2], items[1::2], strict=True):
        if room_item is not None and booking_item is not None:
            rooms = readable_records(Room, [room_item], key="conversationId")
            bookings = readable_records(Booking, [booking_item], key="bookingId")
            yield from zip(rooms, bookings, strict=False)
