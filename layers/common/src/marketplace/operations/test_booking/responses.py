"""What is said of test bookings."""

from typing import Literal, TypedDict

from marketplace.booking.responses.booking import AdminBooking
from marketplace.chat.responses import RoomView


class TestStep(TypedDict):
    """One step of a test booking."""

    title: str
    status: Literal["green", "red"]
    latencyMs: int


class TestBooking(TypedDict):
    """A whole booking that was made to try the system, and removes itself."""

    booking: AdminBooking
    room: RoomView | None
    """Null where there is none, which is a fault."""
    steps: list[TestStep]
