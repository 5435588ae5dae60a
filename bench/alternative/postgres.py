"""What the server asks of PostgreSQL: one transaction a booking, one statement a message, two queries a page."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, final

import asyncpg
from asyncpg.exceptions import ExclusionViolationError, UniqueViolationError
from msgspec import Struct, convert, to_builtins
from pydantic_core import from_json, to_json

from marketplace.booking.calendar.model import Calendar
from marketplace.booking.model import REVEALING, Booking
from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.booking.opening import Opening, OpeningContext, Order
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.message import Draft, Message
from marketplace.chat.model import Room
from marketplace.platform.caller import Caller, Role
from marketplace.platform.refusals import IdempotencyKeyReused, NotFound, Refusal, RoomClosed, SlotTaken
from marketplace.services.booking.transitions import opened_room
from marketplace.services.notification.announcements import notices_for

type Pool = asyncpg.Pool[asyncpg.Record]
type Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
type Opened = tuple[Booking, Room, Sequence[Message]]

# Who books a therapist waits for whoever is booking the same one or with the same number; locks come before what is
# read under them, since each statement sees what was committed when it began.
_LOCK: Final = """
SELECT profile, pg_advisory_xact_lock(hashtextextended($2, 0))
FROM therapists WHERE therapist_id = $1 FOR NO KEY UPDATE OF therapists"""
_STANDING: Final = """
WITH expired AS (
  UPDATE bookings SET status = 'expired', event = 'expired', expired_at = response_deadline, version = version + 1
  WHERE therapist_id = $2 AND status = 'pending' AND response_deadline <= $4)
SELECT booking_id, therapist_id, customer_id, response_deadline AS held_until FROM bookings
WHERE customer_whats_app = $3 AND status = 'pending' AND response_deadline > $4 AND booking_id <> $1"""
_OPEN: Final = """
WITH booked AS (INSERT INTO bookings SELECT * FROM jsonb_populate_record(NULL::bookings, $1) RETURNING *),
  room AS (INSERT INTO rooms SELECT * FROM jsonb_populate_record(NULL::rooms, $2)),
  said AS (INSERT INTO messages SELECT * FROM jsonb_populate_recordset(NULL::messages, $3)),
  told AS (INSERT INTO notifications SELECT * FROM jsonb_populate_recordset(NULL::notifications, $4))
INSERT INTO history (booking_id, happened_at, event, actor_id, actor_role, status_after)
SELECT booking_id, created_at, event, actor_id, actor_role, status FROM booked"""
# The room's row is locked until the commit, so its numbers have no gap: a refused message takes its number back.
_SEND: Final = """
WITH room AS (
  UPDATE rooms SET last_sequence = last_sequence + 1,
    customer_read_sequence = CASE $3 WHEN 'customer' THEN last_sequence + 1 ELSE customer_read_sequence END,
    therapist_read_sequence = CASE $3 WHEN 'therapist' THEN last_sequence + 1 ELSE therapist_read_sequence END
  FROM bookings
  WHERE rooms.conversation_id = $1 AND bookings.booking_id = rooms.booking_id
    AND $2 = CASE $3 WHEN 'customer' THEN rooms.customer_id WHEN 'therapist' THEN rooms.therapist_id END
    AND rooms.status <> 'cancelled' AND (rooms.expires_at IS NULL OR rooms.expires_at > $4)
    AND (bookings.status IN ('confirmed', 'completed')
      OR bookings.status = 'pending' AND bookings.response_deadline > $4)
  RETURNING rooms.*)
INSERT INTO messages
SELECT conversation_id, last_sequence, $2, CASE $3 WHEN 'customer' THEN customer_name ELSE therapist_name END, $3,
  CASE $3 WHEN 'customer' THEN therapist_id ELSE customer_id END,
  CASE $3 WHEN 'customer' THEN 'therapist' ELSE 'customer' END, $5, $6, booking_id, $4, $7, $8, NULL, $9
FROM room RETURNING sequence, "timestamp\""""
_SENT: Final = """
SELECT sequence, "timestamp" FROM messages
WHERE conversation_id = $1 AND sender_id = $2 AND client_message_id = $3"""
_ROOM_OF: Final = """
SELECT rooms.*, bookings.status AS booking_status FROM rooms JOIN bookings USING (booking_id)
WHERE conversation_id = $1"""
_PAGE: Final = """
SELECT * FROM messages WHERE conversation_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3"""
_NEWEST: Final = 2**31 - 1


async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Let a new connection take and give JSON as Python's values."""
    await connection.set_type_codec(
        "jsonb", encoder=lambda value: to_json(value, fallback=_row).decode(), decoder=from_json, schema="pg_catalog"
    )


async def keep(_: object) -> None:
    """Give a connection back as it is: nothing here changes a session, and a reset would be one more trip a request."""


@final
class Desk:
    """Bookings and rooms behind one pool of connections."""

    def __init__(self, pool: Pool) -> None:
        """Take connections from ``pool``."""
        self._pool = pool

    async def open(
        self,
        order: Order,
        *,
        now: datetime,
        booking_id: str,
        request_hash: str,
        decide: Callable[[OpeningContext], Opening],
    ) -> Opened:
        """Bring a booking into being with its room, three messages, notification and history: all or none.

        Raises:
            IdempotencyKeyReused: the id is taken by a request with another body.
            SlotTaken: the therapist is held; ``decide`` refuses whatever else stands against it.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                wanted, number = order.wanted, order.customer_whats_app
                profile = await connection.fetchval(_LOCK, wanted.therapist_id, number)
                standing = await connection.fetch(_STANDING, booking_id, wanted.therapist_id, number, now)
                asked = {each.booking_id: each for each in (_model(OpenRequest, row) for row in standing)}
                opening = decide(
                    OpeningContext(
                        therapist=None if profile is None else convert(profile, Therapist),
                        hotel=None,
                        discount_code=None,
                        calendar=Calendar(therapist_id=wanted.therapist_id, sheets={}),  # the constraint knows
                        open_requests=OpenRequests(whats_app=number, requests=asked),
                    )
                )
                room, messages = opened_room(opening.booking, now)
                hold = opening.hold
                await connection.execute(
                    _OPEN,
                    {
                        **_row(opening.booking),
                        "request_hash": request_hash,
                        "held": f"[{hold.starts_at.isoformat()},{hold.ends_at.isoformat()})",
                    },
                    room,
                    messages,
                    [
                        {**_row(notice), "notification_id": f"n-{booking_id}-{notice.kind}", "created_at": now}
                        for notice in notices_for(opening.booking)
                    ],
                )
                return opening.booking, room, messages
        except (Refusal, UniqueViolationError, ExclusionViolationError) as refused:
            found = await self._opened_before(booking_id, request_hash)
            if found is not None:
                return found
            if isinstance(refused, Refusal):
                raise
            raise SlotTaken from None

    async def _opened_before(self, booking_id: str, request_hash: str) -> Opened | None:
        """Return what the same request has opened; a no is only said after this look."""
        booking = await self._pool.fetchrow("SELECT * FROM bookings WHERE booking_id = $1", booking_id)
        room = await self._pool.fetchrow("SELECT * FROM rooms WHERE booking_id = $1", booking_id)
        if booking is None or room is None:
            return None
        if booking["request_hash"] != request_hash:
            raise IdempotencyKeyReused
        messages = await self._pool.fetch(_PAGE, room["conversation_id"], _NEWEST, 50)
        return _model(Booking, booking), _model(Room, room), _oldest_first(messages)

    async def send(self, conversation_id: str, draft: Draft, *, by: Caller, now: datetime) -> tuple[int, datetime]:
        """Add a message once and return its sequence and time; both are durable.

        Raises:
            NotFound: no such room for this caller.
            RoomClosed: the room takes no more messages.
        """
        try:
            sent = await self._pool.fetchrow(
                _SEND,
                conversation_id,
                by.user_id,
                by.role.value,
                now,
                draft.message,
                draft.message_type.value,
                draft.metadata,
                draft.client_message_id,
                draft.location,
            )
        except UniqueViolationError:
            sent = None
        sent = sent or await self._pool.fetchrow(_SENT, conversation_id, by.user_id, draft.client_message_id)
        if sent is None:
            await self.room(conversation_id, by)
            raise RoomClosed
        return sent["sequence"], sent["timestamp"]

    async def room(self, conversation_id: str, caller: Caller) -> tuple[Room, Role, bool]:
        """Return a room, the caller's hat, and whether they may know the exact place.

        Raises:
            NotFound: there is no such room, or the caller may not see it.
        """
        row = await self._pool.fetchrow(_ROOM_OF, conversation_id)
        if row is None:
            raise NotFound
        room = _model(Room, row)
        role = room.check_visible_to(caller)
        return room, role, role is not Role.THERAPIST or row["booking_status"] in REVEALING

    async def messages(self, conversation_id: str, *, before: int | None, limit: int) -> tuple[list[Message], bool]:
        """Return a page in ascending sequence that ends before one, and whether older ones lie beyond it."""
        rows = await self._pool.fetch(_PAGE, conversation_id, _NEWEST if before is None else before, limit + 1)
        return _oldest_first(rows[:limit]), len(rows) > limit


def _row(model: Struct) -> dict[str, Any]:
    """Return a model as a row: columns have Python's names, what lies in them the wire's."""
    return dict(zip(model.__struct_fields__, to_builtins(model).values(), strict=True))


def _model[T: Struct](kind: type[T], row: asyncpg.Record) -> T:
    wire_names = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    return convert({wire_names[name]: value for name, value in row.items() if name in wire_names}, kind)


def _oldest_first(rows: Sequence[asyncpg.Record]) -> list[Message]:
    return [_model(Message, row) for row in reversed(rows)]
