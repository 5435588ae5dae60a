"""Telling connected people what has happened: who hears of it, and in which words.

Joins the connections in the store with the sockets of the gateway. What is pushed stands in the tables already, so
that whoever missed it finds it there; only that somebody is typing, and that a socket is to be replaced, stand nowhere.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.responses.booking import booking_view
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.responses import message_view
from marketplace.identity.connections import ADMINS, Connection, Connections
from marketplace.notification.repository import StoredNotice
from marketplace.notification.responses import notification_view
from marketplace.platform.aws.sockets import Sockets
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, report, report_contacts_shown
from marketplace.services.chat.chat_windows import ChatWindows

type Frame = Mapping[str, Any]


def best_effort(push: Callable[[], int]) -> int:
    """Push where what is told is durable already: that nobody could be found must not fail whoever did it.

    Those who missed it see the gap in the sequence, or find it when they come back.
    """
    try:
        return push()
    except ServiceUnavailable as error:
        report("nobody told", category=Category.CHAT, severity=Severity.WARNING, code="nobody_told", error=error)
        return 0


NOBODY: Final = ""


@final
class Delivery(Struct, frozen=True):
    """Pushes frames to people wherever they are connected."""

    connections: Connections
    chat_windows: ChatWindows
    sockets: Sockets

    def message(self, message: Message, room: Room, booking: Booking, *, exclude: str = NOBODY) -> int:
        """Push a message to everybody in the room but the connection that sent it."""
        return self._about_message("message", message, room, booking, exclude=exclude)

    def change(
        self,
        message: Message,
        room: Room,
        booking: Booking,
        *,
        exclude: str = NOBODY,
        hides_read: frozenset[str] = frozenset(),
    ) -> int:
        """Push an edited or deleted message to everybody in the room but the connection that changed it."""
        event = "deleted" if message.deleted else "edited"
        return self._about_message(event, message, room, booking, exclude=exclude, hides_read=hides_read)

    def translation(self, message: Message, room: Room, booking: Booking) -> int:
        """Push a message that is there in another language to everybody in the room."""
        return self._about_message("translated", message, room, booking)

    def _about_message(  # noqa: PLR0913 - what is told of which message, and to whom not
        self,
        event: str,
        message: Message,
        room: Room,
        booking: Booking,
        *,
        exclude: str = NOBODY,
        hides_read: frozenset[str] = frozenset(),
    ) -> int:
        return self._to_room(
            room,
            lambda connection: {
                "type": event,
                "message": message_view(
                    message,
                    room.seen_by(connection.role, hides_read),
                    connection.role,
                    connection.language,
                    reveals=booking.reveals_customer_to(connection.role),
                ),
            },
            exclude=exclude,
        )

    def read(self, room: Room, user_id: str, sequence: int, *, exclude: str = NOBODY, shows_read: bool = True) -> int:
        """Tell the room how far somebody has read; the other party does not hear of it where they hide it."""
        frame = {"type": "read", "conversationId": room.conversation_id, "userId": user_id, "sequence": sequence}
        parties = [room.customer_id, room.therapist_id] if shows_read else [user_id]
        return self._push(
            (connection, frame) for connection in self._found(parties, room) if connection.connection_id != exclude
        )

    def presence(self, room: Room, user_id: str, *, online: bool, seen_at: datetime) -> int:
        """Tell the other party of a room that somebody came or went."""
        others = [party for party in (room.customer_id, room.therapist_id) if party != user_id]
        frame = {
            "type": "presence",
            "conversationId": room.conversation_id,
            "userId": user_id,
            "online": online,
            "lastSeenAt": format_utc(seen_at),
        }
        return self._push((connection, frame) for connection in self.connections.find_by_users(others))

    def typing(self, room: Room, user_id: str) -> int:
        """Tell the others in the room that somebody is writing."""
        frame = {"type": "typing", "conversationId": room.conversation_id, "userId": user_id}
        listeners = [party for party in (room.customer_id, room.therapist_id) if party != user_id]
        return self._push(
            (connection, frame) for connection in self._found(listeners, room) if connection.owner_id != user_id
        )

    def booking(self, booking: Booking, event: str, now: datetime) -> int:
        """Tell the booking's parties and every admin what has become of it.

        A former therapist is no party any more; a notification tells them that the offer is withdrawn.
        """
        parties = [booking.customer_id, booking.therapist_id]

        def frame(connection: Connection) -> Frame:
            shown = booking_view(booking, connection.role, now)
            report_contacts_shown(shown, connection.owner_id, connection.role)
            return {"type": "booking", "event": event, "booking": shown}

        return self._push(
            (connection, frame(connection))
            for connection in self.connections.find_by_users([*parties, ADMINS])
            if connection.user_id == ADMINS or connection.role is not Role.ADMIN
        )

    def notification(self, notice: StoredNotice) -> int:
        """Push a notification to its owner; with ``sound`` the client rings."""
        return self._push(
            (
                connection,
                {
                    "type": "notification",
                    "sound": notice.sound,
                    "notification": notification_view(notice, connection.language),
                },
            )
            for connection in self.connections.find_by_users([notice.user_id])
        )

    def sos(self, notice: StoredNotice) -> int:
        """Tell every admin who is connected that somebody needs help."""
        given = notice.parameters
        frame = {
            "type": "sos",
            "bookingId": notice.booking_id,
            "conversationId": notice.conversation_id,
            "role": given.get("actorRole"),
            "latitude": given.get("latitude"),
            "longitude": given.get("longitude"),
            "text": given.get("sosText"),
            "at": format_utc(notice.created_at),
            "sound": True,
        }
        return self._push((connection, frame) for connection in self.connections.find_by_users([ADMINS]))

    def reconnect(self, ageing: Iterable[Connection]) -> int:
        """Ask sockets that near their end to be replaced."""
        return self._push((connection, {"type": "reconnect"}) for connection in ageing)

    def forget(self, connection: Connection) -> None:
        """Forget a socket that is gone, and the rooms that its window showed; the next push to it tries again."""
        try:
            forgotten = self.connections.remove(connection)
            if forgotten is not None:
                self.chat_windows.left(forgotten)
        except ServiceUnavailable as error:
            report(
                "connection not forgotten",
                category=Category.CHAT,
                severity=Severity.WARNING,
                code="connection_not_forgotten",
                error=error,
                connection_id=connection.connection_id,
            )

    def _to_room(self, room: Room, frame_for: Callable[[Connection], Frame], *, exclude: str) -> int:
        return self._push(
            (connection, frame_for(connection))
            for connection in self._found([room.customer_id, room.therapist_id], room)
            if connection.connection_id != exclude
        )

    def _found(self, parties: Iterable[str], room: Room) -> list[Connection]:
        """Return the parties' connections, and those of admins who have the room open."""
        found = self.connections.find_by_users(parties)
        if room.watchers:
            found += [
                connection
                for connection in self.connections.find_by_users([ADMINS])
                if connection.connection_id in room.watchers
            ]
        return found

    def _push(self, frames: Iterable[tuple[Connection, Frame]]) -> int:
        return self.sockets.push(frames, forget=self.forget)
