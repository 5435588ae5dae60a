"""Two people with a room between them, each with a socket."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.local.orders import booked
from tests.local.world import World
from tools.local.person import Person, Socket, expect


@dataclass(frozen=True, slots=True)
class Talk:
    """A pending booking's room, its customer and its therapist."""

    customer: Person
    therapist: Person
    booking_id: str
    room_id: str
    at_customer: Socket
    at_therapist: Socket

    def text(self, said: str, message: str = "hello", **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
        """Return a frame that sends a message under a client's id."""
        return {
            "action": "sendMessage",
            "conversationId": self.room_id,
            "clientMessageId": said,
            "message": message,
            **differing,
        }

    def room(self, reader: Person) -> dict[str, Any]:
        """Return the room as somebody sees it."""
        return expect(reader.get(f"/rooms/{self.room_id}"), 200)

    def messages(self, reader: Person, **query: str | int) -> dict[str, Any]:
        """Return a page of messages."""
        return expect(reader.get(f"/rooms/{self.room_id}/messages", **query), 200)


@contextmanager
def talk(world: World, **order: Any) -> Iterator[Talk]:  # noqa: ANN401 - any field of the booking's body
    """Open a room between new people; both have heard of the booking and its three messages."""
    customer, therapist = world.guest(), world.therapist()
    with ExitStack() as sockets:
        at_customer = sockets.enter_context(customer.connected())
        at_therapist = sockets.enter_context(therapist.connected())
        created = booked(customer, therapist.user_id, **order)
        for socket in (at_customer, at_therapist):
            heard = [socket.wait_for("message")["message"]["sequence"] for _ in range(3)]
            assert sorted(heard) == [1, 2, 3]
        yield Talk(
            customer=customer,
            therapist=therapist,
            booking_id=created["booking"]["bookingId"],
            room_id=created["room"]["conversationId"],
            at_customer=at_customer,
            at_therapist=at_therapist,
        )
