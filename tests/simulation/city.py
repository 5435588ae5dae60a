"""A made-up city on the real handlers: days pass on one virtual clock, and after every event the invariants are judged.

What an event has written decides what is judged after it: the rows of the bookings that it touched. What spans bookings
is judged each night, when faults have stopped, together with what must have settled by then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from zlib import crc32

import pytest
from msgspec.structs import replace

from marketplace import bootstrap
from marketplace.operations.invariants.catalogue import INVARIANTS
from marketplace.operations.invariants.rows import CLOCK
from marketplace.platform import settings
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.dynamodb.attribute_values import Item, from_item
from tests.dynamodb_expressions import Attributes
from tests.faults.injection import Fault, Killed
from tests.faults.market import ADMIN, Answered, Market, room_of
from tests.faults.market_environment import environment
from tests.simulation.city_plan import CUSTOMERS, THERAPISTS, Event
from tools.local import demo_data

BY_BOOKING: Final = (
    "bookings",
    "chat_rooms",
    "chat_messages",
    "chat_changes",
    "commission_records",
    "ledger_entries",
    "history",
    "calendar",
)
"""Tables whose rows belong to one booking each."""
LOCAL: Final = ("I1", "I3", "I4", "I6", "I7", "I10", "I12", "I13", "I16", "I19", "I23")
"""Invariants that the rows of one booking break or keep by themselves."""
VIOLATED: Final = "an invariant is violated"
UNSETTLED: Final = "something has not settled"
FAILED: Final = "the server failed"
BOOKED_TWICE: Final = "the same was booked twice"
TRIES: Final = 3
TERMINAL: Final = frozenset({"declined", "expired", "cancelled", "completed", "no_show"})
SETTLED_AFTER: Final = timedelta(minutes=2)
"""Two sweeps: by then nothing waits past its deadline any more."""


class Broken(AssertionError):  # noqa: N818 - a promise that was broken
    """An invariant does not hold, or something has not settled; names the event after which that was seen."""

    def __init__(self, what: str, findings: Iterable[object], event: Event) -> None:
        self.what, self.event = what, event
        super().__init__("; ".join((f"{what} after {event}", *(str(each) for each in findings))))


class City:
    """Therapists, customers, an admin and the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, therapists: int = THERAPISTS) -> None:
        """Found a city of so many therapists."""
        for name, value in {**environment(), "POWERTOOLS_METRICS_DISABLED": "true"}.items():
            monkeypatch.setenv(name, value)
        self.market = Market(monkeypatch)
        self.market.now = self.market.now.replace(hour=17, minute=0, second=0, microsecond=0)  # midnight in Jakarta
        self.began = self.market.now
        self.skew = timedelta(0)
        self.therapists = therapists
        self.bookings: dict[int, str] = {}
        self._orders: dict[int, Mapping[str, Any]] = {}
        self.statuses: defaultdict[str, int] = defaultdict(int)
        """How often each command was answered by each status."""
        self.violations_judged = 0
        self._rows: dict[str, dict[str, dict[tuple[str, ...], Item]]] = {
            table: defaultdict(dict) for table in BY_BOOKING
        }
        self._touched: set[str] = set()
        self._swept_at = self.market.now
        self._hears = self.market.raw.streams
        self.market.raw.streams = self._note
        model = demo_data.THERAPISTS[0]
        for number in range(therapists):
            bootstrap.catalogue().add_therapist(
                replace(model, therapist_id=f"t-{number:03}", name=f"Therapist {number}")
            )

    def live(self, event: Event) -> None:
        """Let an event happen at its time, and judge what it has touched.

        Raises:
            Broken: an invariant does not hold, something has not settled, or an answer is the server's fault.
        """
        market = self.market
        market.now = max(market.now - timedelta(minutes=10), self.began + event.at + self.skew)
        if market.now - self._swept_at >= timedelta(minutes=1):
            market.sweep()
            self._swept_at = market.now
        if event.fault:
            market.faults.at(event.position, Fault(event.fault))
        getattr(self, f"_{event.kind}")(event)
        market.faults.clear()
        self._publish(event)
        self._judge(event)

    # What people do ---------------------------------------------------------------------------------------

    def _try(self, event: Event, request: Callable[[], Answered]) -> Answered | None:
        """Send a request as a client does: what was not answered, or by a server in need, is sent again."""
        for attempt in range(TRIES):
            try:
                answer = request()
            except Killed:
                self.market.faults.clear()
                continue
            self.statuses[f"{event.kind} {answer.status}"] += 1
            if answer.status < 500:
                return answer
            if not event.fault or attempt + 1 == TRIES:
                raise Broken(FAILED, [answer.status, answer.body], event)
            self.market.faults.clear()
        return None

    def _book(self, event: Event) -> None:
        self._order(event, {})

    def _book_later(self, event: Event) -> None:
        start = self.market.now.replace(minute=0, second=0) + timedelta(hours=3 + int(event.draw * 60))
        self._order(event, {"bookingType": "scheduled", "scheduledTime": format_utc(start)})

    def _order(self, event: Event, differing: Mapping[str, Any]) -> None:
        number = f"+62812{10_000_000 + event.customer}"
        therapist = _therapist(event.therapist)
        body = self.market.order(therapist, customerWhatsApp=number, confirmOtherPending=True, **differing)
        answer = self._send_order(event, body)
        if answer is not None and answer.status == HTTPStatus.CREATED:
            self.bookings[event.visit] = str(answer.body["booking"]["bookingId"])
            self._orders[event.visit] = body

    def _send_order(self, event: Event, body: Mapping[str, Any]) -> Answered | None:
        by, key = _customer(event), f"visit-{event.visit}"
        return self._try(event, lambda: self.market.call(by, "POST", "/bookings", body, key=key))

    def _book_again(self, event: Event) -> None:
        """A client that heard no answer sends the same again, whatever has become of the booking."""
        body = self._orders.get(event.visit)
        again = self._send_order(event, body) if body is not None else None
        if again is not None and again.body.get("booking", {}).get("bookingId") != self.bookings[event.visit]:
            raise Broken(BOOKED_TWICE, [again.status, again.body], event)

    def _command(self, event: Event, by: Caller | None, step: str, body: Mapping[str, Any] | None = None) -> None:
        booking_id = self.bookings.get(event.visit)
        if booking_id is not None and by is not None:
            self._try(event, lambda: self.market.call(by, "POST", f"/bookings/{booking_id}/{step}", body))

    def _present(self, event: Event) -> Caller | None:
        """Return the therapist who has the booking now."""
        booking_id = self.bookings.get(event.visit)
        if booking_id is None:
            return None
        return _therapist_of(str(self.market.row("bookings", bookingId=booking_id)["therapistId"]))

    def _accept(self, event: Event) -> None:
        self._command(event, self._present(event), "accept")

    def _decline(self, event: Event) -> None:
        self._command(event, self._present(event), "decline", {"reason": "fully booked"})

    def _complete(self, event: Event) -> None:
        self._command(event, self._present(event), "complete")

    def _no_show(self, event: Event) -> None:
        self._command(event, self._present(event), "no-show", {"note": "nobody opened"})

    def _customer_cancels(self, event: Event) -> None:
        self._command(event, _customer(event), "cancel", {"reason": "change of plans"})

    def _therapist_cancels(self, event: Event) -> None:
        self._command(event, self._present(event), "cancel", {"reason": "ill"})

    def _en_route(self, event: Event) -> None:
        self._command(event, self._present(event), "visit", {"step": "en_route"})

    def _arrived(self, event: Event) -> None:
        self._command(event, self._present(event), "visit", {"step": "arrived"})

    def _started(self, event: Event) -> None:
        self._command(event, self._present(event), "visit", {"step": "started"})

    def _new_time(self, event: Event) -> dict[str, Any]:
        start = self.market.now.replace(minute=0, second=0) + timedelta(hours=2 + int(event.draw * 40))
        return {"scheduledTime": format_utc(start)}

    def _propose(self, event: Event) -> None:
        self._command(event, self._present(event), "proposal", self._new_time(event))

    def _accept_proposal(self, event: Event) -> None:
        self._command(event, _customer(event), "proposal/accept")

    def _decline_proposal(self, event: Event) -> None:
        self._command(event, _customer(event), "proposal/decline")

    def _withdraw_proposal(self, event: Event) -> None:
        self._command(event, self._present(event), "proposal/withdraw")

    def _reschedule(self, event: Event) -> None:
        self._command(event, _customer(event), "reschedule", self._new_time(event))

    def _redispatch(self, event: Event) -> None:
        booking_id, by = self.bookings.get(event.visit), _customer(event)
        if booking_id is None:
            return
        found = self._try(event, lambda: self.market.call(by, "GET", f"/bookings/{booking_id}/alternatives"))
        offered = found.body.get("items", []) if found else []
        if offered:
            chosen = offered[int(event.draw * len(offered))]
            self._command(event, by, "redispatch", {"therapistId": chosen["therapistId"], "price": chosen["price"]})

    def _reassign(self, event: Event) -> None:
        booking_id, other = self.bookings.get(event.visit), _therapist(int(event.draw * self.therapists))
        if booking_id is not None:
            path = f"/admin/bookings/{booking_id}/reassign"
            self._try(event, lambda: self.market.call(ADMIN, "POST", path, {"therapistId": other.user_id}))

    def _customer_reviews(self, event: Event) -> None:
        self._command(event, _customer(event), "review", {"rating": 1 + int(event.draw * 5), "text": "thank you"})

    def _therapist_reviews(self, event: Event) -> None:
        self._command(event, self._present(event), "review", {"rating": 1 + int(event.draw * 5), "text": "kind"})

    def _write(self, event: Event, by: Caller | None) -> None:
        booking_id, words = self.bookings.get(event.visit), f"word {event.draw:.9f}"
        if booking_id is not None and by is not None:
            self._try(event, lambda: self.market.send(by, booking_id, words, f"m-{words}"))

    def _customer_writes(self, event: Event) -> None:
        self._write(event, _customer(event))

    def _therapist_writes(self, event: Event) -> None:
        self._write(event, self._present(event))

    def _therapist_reads(self, event: Event) -> None:
        booking_id, by = self.bookings.get(event.visit), self._present(event)
        if booking_id is not None and by is not None:
            path, body = f"/rooms/{room_of(booking_id)}/read", {"sequence": 1 + int(event.draw * 6)}
            self._try(event, lambda: self.market.call(by, "POST", path, body))

    def _of_commission(self, event: Event, by: Caller | None, path: str, body: Mapping[str, Any]) -> None:
        booking_id = self.bookings.get(event.visit)
        if booking_id is not None and by is not None:
            self._try(event, lambda: self.market.call(by, "POST", path.format(booking_id), body))

    def _dispute(self, event: Event) -> None:
        self._of_commission(event, self._present(event), "/commissions/{}/dispute", {"reason": "paid for less"})

    def _waive(self, event: Event) -> None:
        body = {"reason": "goodwill", "confirm": True}
        self._of_commission(event, ADMIN, "/admin/commissions/{}/waive", body)

    def _erase(self, event: Event) -> None:
        if event.visit in self.bookings:
            body = {"customerId": _customer(event).user_id}
            self._try(event, lambda: self.market.call(ADMIN, "POST", "/privacy/erase", body))

    # What the clock and the surroundings do ---------------------------------------------------------------

    def _hourly(self, event: Event) -> None:
        del event
        self.market.invoke("sweep_visits", {})

    def _jump(self, event: Event) -> None:
        """The clock of the servers is put right: up to five minutes forward or back."""
        self.skew = timedelta(seconds=round((event.draw - 0.5) * 600))

    def _night(self, event: Event) -> None:
        """Faults have stopped: after two sweeps everything must have settled, and everything is judged."""
        market = self.market
        market.faults.clear()
        for _ in range(2):
            market.wait(minutes=1)
            market.sweep()
            market.invoke("sweep_visits", {})
        market.invoke("commission_audit", {})
        for _ in range(5):
            if market.changes:
                market.publish()
        unsettled = list(self._unsettled())
        if unsettled:
            raise Broken(UNSETTLED, unsettled, event)
        found = market.violations()
        if found:
            raise Broken(VIOLATED, found, event)

    def _unsettled(self) -> Iterator[str]:
        now = self.market.now
        if self.market.changes:
            yield f"{len(self.market.changes)} changes are not published"
        for booking_id, stored in self._rows["bookings"].items():
            row = next(iter(stored.values()), None)
            if row and row["status"] == "pending" and parse_utc(str(row["responseDeadline"])) < now - SETTLED_AFTER:
                yield f"{booking_id} is pending past its deadline"

    def _publish(self, event: Event) -> None:
        """Streams bring changes late, twice, and those of different bookings in any order."""
        market, chance = self.market, (event.draw * 1_000) % 1
        if chance < 0.15 or not market.changes:
            return
        changes = sorted(market.changes, key=lambda change: _order_of(change, event))
        market.changes.clear()
        market.publish(changes)
        if chance > 0.95:
            market.publish(changes)

    # Judging ----------------------------------------------------------------------------------------------

    def _note(self, table: str, before: Attributes | None, after: Attributes | None) -> None:
        self._hears(table, before, after)
        if table not in BY_BOOKING:
            return
        item = from_item(after or before or {})
        booking_id = _booking_of(item)
        if booking_id is None:
            return
        names = self.market.raw.tables[settings.settings().table_prefix + table].keys
        key = tuple(str(item[name]) for name in names)
        if after is None:
            self._rows[table][booking_id].pop(key, None)
        else:
            self._rows[table][booking_id][key] = item
        self._touched.add(booking_id)

    def _judge(self, event: Event) -> None:
        touched, self._touched = self._touched, set()
        for booking_id in touched:
            tables = {table: list(self._rows[table][booking_id].values()) for table in BY_BOOKING}
            tables[CLOCK] = [{"now": format_utc(self.market.now)}]
            if self.market.changes:  # the history follows the rows by a stream
                tables.pop("history")
            found = [each for number in LOCAL for each in INVARIANTS[number](tables)]
            if found:
                raise Broken(VIOLATED, found, event)


def _booking_of(item: Item) -> str | None:
    """Return which booking a row belongs to, if to one."""
    for name in ("bookingId", "entityId", "holdId"):
        if str(item.get(name, "")).startswith("b-"):
            return str(item[name])
    room = item.get("conversationId")
    return None if room is None else "b-" + str(room).removeprefix("r-")


def _order_of(change: Mapping[str, Any], event: Event) -> int:
    """Changes of one row keep their order, those of different rows do not."""
    return crc32(f"{change['dynamodb']['Keys']}{event.visit}".encode())


def _customer(event: Event) -> Caller:
    return Caller(user_id=f"c-{event.customer % CUSTOMERS:05}", role=Role.CUSTOMER, signed_in_at=2_000_000_000)


def _therapist(number: int) -> Caller:
    return _therapist_of(f"t-{number:03}")


def _therapist_of(therapist_id: str) -> Caller:
    return Caller(user_id=therapist_id, role=Role.THERAPIST, signed_in_at=2_000_000_000)
