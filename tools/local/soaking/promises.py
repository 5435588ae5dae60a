"""What people were told in answers, and whether the tables keep it: nothing lost, nothing doubled, nothing made up."""

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from marketplace.booking.model import BookingStatus
from marketplace.operations.invariants import Row, Tables, Violation
from marketplace.operations.invariants.rooms import ACKNOWLEDGED, INVOKED

NAME: Final = "said"
"""How a broken promise is numbered among the invariants."""
_PENDING: Final = BookingStatus.PENDING.value
_EXPIRED: Final = BookingStatus.EXPIRED.value


@final
@dataclass(slots=True)
class Promises:
    """What was answered and what never was, written by many threads."""

    states: dict[str, frozenset[str]] = field(default_factory=dict)
    """By booking: the status that was told last, and those of commands that got no answer."""
    unanswered: Counter[str] = field(default_factory=Counter)
    """By customer: orders of which nobody knows whether they were taken."""
    customers: set[str] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)
    """Each acknowledged message."""
    sendings: list[dict[str, Any]] = field(default_factory=list)
    """Each message that anybody tried to send."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self, booking_id: str, *statuses: str) -> None:
        """Note that a booking is in one of these states, whatever it was before."""
        with self._lock:
            self.states[booking_id] = frozenset(statuses)

    def left_open(self, booking_id: str, status: str) -> None:
        """Note that a command got no answer, so that the booking may be in its state too."""
        with self._lock:
            self.states[booking_id] |= {status}

    def not_told(self, customer_id: str) -> None:
        """Note an order that got no answer."""
        with self._lock:
            self.unanswered[customer_id] += 1

    def sending(self, room_id: str, message_id: str) -> None:
        """Note that somebody tries to send a message."""
        with self._lock:
            self.sendings.append({"conversationId": room_id, "clientMessageId": message_id})

    def acknowledged(self, room_id: str, message_id: str, sequence: int, text: str) -> None:
        """Note that a message was acknowledged."""
        promise = {
            "conversationId": room_id,
            "clientMessageId": message_id,
            "sequence": sequence,
            "message": text,
            "isRepeat": True,  # two threads may speak for one person, so their order says nothing
        }
        with self._lock:
            self.messages.append(promise)

    def beside(self, tables: Tables) -> Tables:
        """Return tables with what the invariants of messages need to know of answers.

        Whatever others have sent in rooms of their own is none of ours to doubt.
        """
        rooms = {sending["conversationId"] for sending in self.sendings}
        of_others = [row for row in tables.get("chat_messages", ()) if row.get("conversationId") not in rooms]
        return {**tables, ACKNOWLEDGED: self.messages, INVOKED: [*self.sendings, *of_others]}

    def broken(self, tables: Tables) -> list[Violation]:
        """Return which promises the tables do not keep."""
        bookings = {str(row.get("bookingId")): row for row in tables.get("bookings", ())}
        return [
            *(Violation(NAME, booking_id, complaint) for booking_id, complaint in self._not_kept(bookings)),
            *(Violation(NAME, customer_id, complaint) for customer_id, complaint in self._doubled(bookings.values())),
        ]

    def _not_kept(self, bookings: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
        for booking_id, statuses in self.states.items():
            booking = bookings.get(booking_id)
            if booking is None:
                yield booking_id, "the booking was acknowledged and is lost"
            elif not _may_be(str(booking.get("status")), statuses):
                yield booking_id, f"it is {booking.get('status')}, and was told to be {' or '.join(sorted(statuses))}"

    def _doubled(self, bookings: Collection[Row]) -> Iterator[tuple[str, str]]:
        unknown = Counter(
            str(row.get("customerId")) for row in bookings if str(row.get("bookingId")) not in self.states
        )
        for customer_id in sorted(self.customers):
            if unknown[customer_id] > self.unanswered[customer_id]:
                yield (
                    customer_id,
                    f"{unknown[customer_id]} bookings beyond those told, of {self.unanswered[customer_id]} open orders",
                )


def _may_be(status: str, told: Collection[str]) -> bool:
    return status in told or (status == _EXPIRED and _PENDING in told)
