"""Whether a booking's chat is on anybody's screen: follows from the open sockets, kept on the booking for lists."""

from contextlib import suppress
from typing import final

from marketplace.booking.model import Booking
from marketplace.booking.repository import showing_chat_window
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.identity.connections import Connection, Connections
from marketplace.platform import identifiers
from marketplace.platform.caller import Role
from marketplace.platform.dynamodb.actions import ConditionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound
from marketplace.services.booking.context import load_booking


@final
class ChatWindows:
    """Keeps ``chatWindowOpen`` of bookings true to the sockets."""

    def __init__(self, store: Store, rooms: Rooms, connections: Connections) -> None:
        """Read sockets from ``connections`` and write to ``store``."""
        self._store = store
        self._rooms = rooms
        self._connections = connections

    def follow(self, room: Room, booking: Booking, *, is_open: bool | None = None) -> None:
        """Write whether a party has the room on screen; ``is_open`` saves asking where it is known."""
        shown = self._is_shown(room) if is_open is None else is_open
        if shown == booking.chat_window_open:
            return
        self._write(booking.booking_id, shown=shown)
        if not shown and self._is_shown(room):  # somebody opened it between the look and the write
            self._write(booking.booking_id, shown=True)

    def _write(self, booking_id: str, *, shown: bool) -> None:
        try:
            self._store.write(showing_chat_window(booking_id, shown=shown))
        except ConditionRefused:
            return

    def left(self, connection: Connection) -> None:
        """Follow a socket that is gone: its rooms may now be on nobody's screen."""
        for conversation_id in sorted(connection.open_rooms):
            with suppress(NotFound):  # a room that is gone is on nobody's screen
                self._follow_leaving(connection, conversation_id)

    def _follow_leaving(self, connection: Connection, conversation_id: str) -> None:
        if connection.role is Role.ADMIN:
            self._rooms.watch(conversation_id, connection.connection_id, watching=False)
            return
        context = load_booking(self._store, identifiers.booking_of_room(conversation_id))
        if context.room is not None:
            self.follow(context.room, context.booking)

    def _is_shown(self, room: Room) -> bool:
        parties = (room.customer_id, room.therapist_id)
        return any(
            room.conversation_id in connection.open_rooms for connection in self._connections.find_by_users(parties)
        )
