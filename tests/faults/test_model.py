"""A day at random: customers, therapists, an admin and the clock act, a small model says how each must be answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from marketplace.operations.invariants.catalogue import check_all
from marketplace.platform.caller import Caller
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of
from tests.faults.market_environment import environment

WINDOW: Final = timedelta(seconds=900)
TRAVEL: Final = timedelta(minutes=30)
"""An immediate visit begins so long after it was accepted; until then its customer may cancel it."""
NUMBERS: Final = {WAYAN.user_id: "+6281234567890", MADE.user_id: "+6281234567891"}
CALLERS: Final = {each.user_id: each for each in (WAYAN, MADE, AYU, BUDI)}
LIVE: Final = frozenset({"pending", "confirmed"})


@dataclass(slots=True)
class Expected:
    """What the model knows of a booking."""

    booking_id: str
    customer: str
    therapist: str
    status: str
    deadline: datetime
    starts_at: datetime
    messages: int = 3
    ends_at: datetime | None = None
    """When the room of a completed visit closes."""

    def as_of(self, now: datetime) -> str:
        """Return the status as everybody must see it."""
        return "expired" if self.status == "pending" and now >= self.deadline else self.status

    def busy(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return the time that it keeps, if it is live."""
        match self.as_of(now):
            case "pending":
                return self.starts_at, self.deadline + timedelta(minutes=75)
            case "confirmed":
                return self.starts_at, self.starts_at + timedelta(minutes=75)
            case _:
                return None


class Day(RuleBasedStateMachine):
    """Commands in any order, and after each of them every invariant."""

    bookings: Bundle[str] = Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        self._patching = pytest.MonkeyPatch()
        for name, value in environment().items():
            self._patching.setenv(name, value)
        self.market = Market(self._patching)
        self.known: dict[str, Expected] = {}
        self.sent = 0

    def teardown(self) -> None:
        self._patching.undo()

    @property
    def now(self) -> datetime:
        return self.market.now

    def free(self, therapist: str, but: str = "") -> bool:
        """Say whether an offer made now would meet no other's time."""
        until = self.now + WINDOW + timedelta(minutes=75)
        return not any(
            other.therapist == therapist
            and other.booking_id != but
            and (busy := other.busy(self.now)) is not None
            and self.now < busy[1]
            and busy[0] < until
            for other in self.known.values()
        )

    @initialize()
    def somebody_watches(self) -> None:
        assert self.market.connect(ADMIN, "connection-admin") == 200

    @rule(target=bookings, customer=st.sampled_from([WAYAN, MADE]), therapist=st.sampled_from([AYU, BUDI]))
    def book(self, customer: Caller, therapist: Caller) -> Any:
        body = self.market.order(therapist, customerWhatsApp=NUMBERS[customer.user_id], confirmOtherPending=True)
        mine = [
            each
            for each in self.known.values()
            if each.customer == customer.user_id
            and each.therapist == therapist.user_id
            and each.as_of(self.now) == "pending"
        ]
        answer = self.market.call(customer, "POST", "/bookings", body)
        if mine:
            assert (answer.status, answer.body["code"]) == (409, "duplicate_booking")
        elif not self.free(therapist.user_id):
            assert (answer.status, answer.body["code"]) == (409, "slot_taken")
        else:
            assert answer.status == 201
            booking_id = str(answer.body["booking"]["bookingId"])
            self.known[booking_id] = Expected(
                booking_id=booking_id,
                customer=customer.user_id,
                therapist=therapist.user_id,
                status="pending",
                deadline=self.now + WINDOW,
                starts_at=self.now,
            )
            return booking_id
        return multiple()

    def _move(self, booking: Expected, status: str) -> None:
        booking.status = status
        booking.messages += 1

    @rule(booking_id=bookings, step=st.sampled_from(["accept", "decline"]))
    def answer(self, booking_id: str, step: str) -> None:
        booking = self.known[booking_id]
        seen = booking.as_of(self.now)
        answer = self.market.command(CALLERS[booking.therapist], booking_id, step)
        if seen == "pending":
            assert answer.status == 200
            self._move(booking, "confirmed" if step == "accept" else "declined")
            booking.starts_at = self.now if step == "accept" else booking.starts_at
        elif seen == "confirmed" and step == "accept":
            assert answer.status == 200
        else:
            code = "deadline_passed" if seen == "expired" else "booking_not_pending"
            assert (answer.status, answer.body["code"]) == (409, code)

    @rule(booking_id=bookings)
    def cancel(self, booking_id: str) -> None:
        booking = self.known[booking_id]
        answer = self.market.command(CALLERS[booking.customer], booking_id, "cancel")
        seen = booking.as_of(self.now)
        if seen == "pending" or (seen == "confirmed" and self.now < booking.starts_at + TRAVEL):
            assert answer.status == 200
            self._move(booking, "cancelled")
        else:
            assert (answer.status, answer.body["code"]) == (409, "invalid_transition")

    @rule(booking_id=bookings)
    def complete(self, booking_id: str) -> None:
        booking = self.known[booking_id]
        answer = self.market.command(CALLERS[booking.therapist], booking_id, "complete")
        if booking.status == "confirmed":
            assert answer.status == 200
            self._move(booking, "completed")
            booking.ends_at = self.now + timedelta(hours=24)
        else:
            assert (answer.status, answer.body["code"]) == (409, "invalid_transition")

    @rule(booking_id=bookings, therapist=st.sampled_from([AYU, BUDI]))
    def reassign(self, booking_id: str, therapist: Caller) -> None:
        booking = self.known[booking_id]
        seen = booking.as_of(self.now)
        rival = any(
            other.booking_id != booking_id
            and (other.customer, other.therapist) == (booking.customer, therapist.user_id)
            and other.as_of(self.now) == "pending"
            for other in self.known.values()
        )
        answer = self.market.command(ADMIN, booking_id, "reassign", {"therapistId": therapist.user_id})
        asked = seen == "pending" and therapist.user_id == booking.therapist
        if seen not in {"pending", "declined", "expired"} or asked:
            assert (answer.status, answer.body["code"]) == (409, "invalid_transition")
        elif rival or not self.free(therapist.user_id, but=booking_id):
            assert answer.status == 409
        else:
            assert answer.status == 200
            self._move(booking, "pending")
            booking.therapist = therapist.user_id
            booking.deadline, booking.starts_at = self.now + WINDOW, self.now

    @rule(booking_id=bookings, by=st.sampled_from(["customer", "therapist"]), again=st.booleans())
    def say(self, booking_id: str, by: str, again: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        booking = self.known[booking_id]
        caller = CALLERS[booking.customer if by == "customer" else booking.therapist]
        self.sent += 1
        answers = [
            self.market.send(caller, booking_id, f"words {self.sent}", f"m-{self.sent}") for _ in range(1 + again)
        ]
        is_open = booking.as_of(self.now) in {*LIVE, "completed"} and (
            booking.ends_at is None or self.now < booking.ends_at
        )
        if is_open:
            booking.messages += 1
            assert {answer.body["sequence"] for answer in answers} == {booking.messages}
        else:
            assert {(answer.status, answer.body["code"]) for answer in answers} == {(409, "room_closed")}

    @rule(booking_id=bookings, sequence=st.integers(1, 30))
    def read(self, booking_id: str, sequence: int) -> None:
        booking = self.known[booking_id]
        answer = self.market.call(
            CALLERS[booking.therapist], "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": sequence}
        )
        assert answer.status == 200
        assert answer.body["unreadCount"] == booking.messages - answer.body["sequence"]

    @rule(minutes=st.sampled_from([1, 5, 14, 16, 100]))
    def time_passes(self, minutes: int) -> None:
        self.market.wait(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        due = [each for each in self.known.values() if each.status == "pending" and each.as_of(self.now) == "expired"]
        assert self.market.sweep() == {"due": len(due), "expired": len(due)}
        for booking in due:
            self._move(booking, "expired")

    @rule(times=st.integers(1, 2))
    def the_streams_bring_what_happened(self, times: int) -> None:
        changes = list(self.market.changes)
        self.market.changes.clear()
        for _ in range(times):
            self.market.publish(changes)

    @invariant()
    def nothing_is_broken_and_everybody_sees_what_the_model_says(self) -> None:
        tables = self.market.tables()
        if self.market.changes:
            for follower in ("history", "deliveries"):  # they follow the rows by a stream
                tables.pop(follower)
        found = check_all(tables)
        assert not found, found
        stored = {row["bookingId"]: row for row in tables["bookings"]}
        assert stored.keys() == self.known.keys()
        for booking in self.known.values():
            assert stored[booking.booking_id]["status"] == booking.status
            assert stored[booking.booking_id]["therapistId"] == booking.therapist


Day.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_a_day_at_random_breaks_nothing = Day.TestCase
