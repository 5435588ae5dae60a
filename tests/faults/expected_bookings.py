"""What the model of a day knows of a booking: the rules of its life once more, in as few words as they take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from marketplace.platform.clock import format_utc

WINDOW: Final = timedelta(seconds=900)
HOUR: Final = timedelta(hours=1)
BUSY: Final = timedelta(minutes=75)
"""An hour's visit and the buffer after it."""
TRAVEL: Final = timedelta(minutes=30)
"""An immediate visit begins so long after it was accepted."""
LATE: Final = timedelta(minutes=20)
"""So long after its beginning somebody may say that the other did not come."""
DUE: Final = timedelta(days=7)
PRICE: Final = 250_000
STEPS: Final = ("en_route", "arrived", "started", "finished")
FALLEN: Final = frozenset({"declined", "expired"})

type Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy, as far as the model goes."""

    fee_bps: int = 0
    """What a customer pays who cancels after the very instant of the creation."""
    no_show_bps: int = 0
    has_code: bool = False
    redispatch: str = "ask"

    @property
    def as_body(self) -> dict[str, object]:
        """The body of ``POST /admin/policies``."""
        return {
            "startCode": self.has_code,
            "noShowFeeBps": self.no_show_bps,
            "cancellation": {"graceMinutes": 0, "tiers": [{"hoursBefore": 0, "feeBps": self.fee_bps}]},
            "redispatch": self.redispatch,
            "reason": "a day at random",
        }


@dataclass(slots=True, kw_only=True)
class Proposed:
    """Another time that one party has asked the other for."""

    to: datetime
    by: str
    until: datetime


@dataclass(slots=True, kw_only=True)
class Expected:
    """A booking as the model sees it; ``owed`` is what its record asks: nothing without one, 0 once reversed."""

    booking_id: str
    customer: str
    therapist: str
    created_at: datetime
    offered_at: datetime
    deadline: datetime
    scheduled: datetime | None
    status: str = "pending"
    messages: int = 3
    confirmed_at: datetime | None = None
    step: str | None = None
    was_started: bool = False
    start_code: str | None = None
    code_tries: int = 0
    proposal: Proposed | None = None
    ended_by: str | None = None
    """Whose cancellation or absence ended it."""
    room_until: datetime | None = None
    owed: int | None = None
    fell_away_at: datetime | None = None
    looking_since: datetime | None = None
    asked: list[str] = field(default_factory=list)

    # What it is -------------------------------------------------------------------------------------------

    def as_of(self, now: datetime) -> str:
        """Return the status as everybody must see it."""
        return "expired" if self.status == "pending" and now >= self.deadline else self.status

    def stretches(self, now: datetime) -> list[Stretch]:
        """Return the times that it keeps."""
        match self.as_of(now):
            case "pending":
                last_start = self.scheduled or self.deadline
                return [(self.scheduled or self.offered_at, last_start + BUSY)]
            case "confirmed":
                held = [(self.starts_at, self.starts_at + BUSY)]
                proposal = self.open_proposal(now)
                return held if proposal is None else [*held, (proposal.to, proposal.to + BUSY)]
            case _:
                return []

    def open_proposal(self, now: datetime) -> Proposed | None:
        """Return the proposal that can be answered or still holds its time."""
        is_open = self.status == "confirmed" and self.proposal is not None and now < self.proposal.until
        return self.proposal if is_open else None

    @property
    def starts_at(self) -> datetime:
        """When a confirmed visit is planned to start."""
        assert self.confirmed_at is not None
        return self.scheduled or self.confirmed_at

    @property
    def begins_at(self) -> datetime:
        """From when on nobody calls a confirmed visit off."""
        assert self.confirmed_at is not None
        return self.scheduled or self.confirmed_at + TRAVEL

    def is_movable(self, now: datetime) -> bool:
        """Say whether a confirmed visit has an agreed time ahead."""
        is_ahead = self.scheduled is not None and now < self.scheduled and not self.was_started
        return self.status == "confirmed" and is_ahead

    def takes_messages(self, now: datetime) -> bool:
        """Say whether its room is open."""
        if self.status in {"completed", "no_show"}:
            return self.room_until is not None and now < self.room_until
        return self.as_of(now) in {"pending", "confirmed"}

    def lets_choose_another(self, now: datetime) -> bool:
        """Say whether somebody else may be found for it."""
        seen = self.as_of(now)
        fell = seen in FALLEN or (seen in {"cancelled", "no_show"} and self.ended_by == "therapist")
        return fell and (self.scheduled is None or now < self.scheduled or seen == "no_show")

    def start_anew(self, now: datetime) -> datetime | None:
        """Return when it is to begin with somebody else: at its time, as soon as possible where that is past."""
        return self.scheduled if self.scheduled and now < self.scheduled else None

    # What may be done -------------------------------------------------------------------------------------

    def may_be_cancelled(self, by: str, now: datetime) -> bool:
        """Say whether a customer, therapist or admin may call it off."""
        seen = self.as_of(now)
        if seen == "pending":
            return by != "therapist"
        if seen != "confirmed":
            return False
        is_ahead = now < self.begins_at and not self.was_started
        return by == "admin" or (is_ahead and (by == "customer" or self.step != "arrived"))

    def fee(self, by: str, rules: Rules, now: datetime) -> int:
        """Return what cancelling costs the customer."""
        is_free = by != "customer" or self.status != "confirmed" or now <= self.created_at
        return 0 if is_free else PRICE * rules.fee_bps // 10_000

    def may_be_completed(self, now: datetime) -> bool:
        """Say whether it can have taken place, code or not."""
        return self.status == "confirmed" and (self.scheduled is None or now >= self.scheduled)

    def needs_code(self) -> bool:
        """Say whether its therapist has still to show the customer's code."""
        return self.start_code is not None and not self.was_started

    def may_go_on_to(self, step: str, now: datetime) -> bool:
        """Say whether a step lies ahead, code or not."""
        is_forward = self.step is None or STEPS.index(step) > STEPS.index(self.step)
        is_in_time = step != "finished" or self.may_be_completed(now)
        return self.status == "confirmed" and is_forward and is_in_time

    def may_be_missed(self, by: str, now: datetime) -> bool:
        """Say whether a party may report that the other did not come."""
        is_late = self.status == "confirmed" and now >= self.begins_at + LATE
        return is_late and not (by == "therapist" and self.was_started)

    def may_be_rescheduled(self, by: str, now: datetime) -> bool:
        """Say whether a customer or an admin moves it at once."""
        is_pending = self.as_of(now) == "pending" and self.scheduled is not None
        return is_pending or (by == "admin" and self.is_movable(now))

    def may_be_answered(self, by: str, verb: str, now: datetime) -> bool:
        """Say whether a party may accept, decline or withdraw what is proposed."""
        proposal = self.open_proposal(now)
        return proposal is not None and self.is_movable(now) and (proposal.by == by) is (verb == "withdraw")

    def instants(self) -> Iterator[datetime]:
        """Yield when something about it is due."""
        if self.status == "pending":
            yield self.deadline
        elif self.status == "confirmed":
            yield from (self.begins_at, self.begins_at + LATE, self.starts_at + 2 * HOUR)
            if self.proposal is not None:
                yield self.proposal.until

    # What becomes of it -----------------------------------------------------------------------------------

    def offer(self, therapist: str, scheduled: datetime | None, now: datetime) -> None:
        """Begin anew with a therapist."""
        self.status, self.therapist = "pending", therapist
        self.offered_at, self.scheduled = now, scheduled
        self.deadline = now + WINDOW if scheduled is None else min(now + WINDOW, scheduled)
        self.confirmed_at = self.step = self.start_code = self.proposal = self.ended_by = self.room_until = None
        self.was_started = False
        self.messages += 1

    def look_further(self, therapist: str, now: datetime) -> None:
        """Judge whether the marketplace may ask one more therapist by itself: within half an hour, three at most."""
        if self.confirmed_at is not None or self.looking_since is None:
            self.looking_since, self.asked = self.fell_away_at, []
        assert self.looking_since is not None
        assert now < self.looking_since + timedelta(minutes=30)
        assert therapist not in {self.therapist, *self.asked}
        assert len(self.asked) < 3
        self.asked.append(self.therapist)

    def confirm(self, now: datetime, start_code: str | None) -> None:
        """Note the therapist's yes."""
        self.status, self.confirmed_at, self.start_code = "confirmed", now, start_code
        self.owed = PRICE * 3_000 // 10_000
        self.messages += 1

    def end(self, status: str, now: datetime, *, ended_by: str | None = None, fee: int | None = None) -> None:
        """Note an end; with a ``fee`` or 0 of a confirmed one its commission follows that."""
        if fee is not None and self.status == "confirmed":
            self.owed = fee * 3_000 // 10_000
        self.status, self.ended_by, self.fell_away_at = status, ended_by, now
        if status == "expired":
            self.fell_away_at = self.deadline
        if status in {"completed", "no_show"}:
            self.room_until = now + timedelta(hours=24)
        self.messages += 1

    def move(self, to: datetime) -> None:
        """Note another agreed time."""
        self.scheduled, self.proposal = to, None
        self.messages += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookings:
    """All of them at one instant."""

    known: Mapping[str, Expected]
    now: datetime

    def stretch(self, to: datetime | None) -> Stretch:
        """Return the time that an offer made now would hold: an agreed one, or as soon as possible."""
        start, latest = (self.now, self.now + WINDOW) if to is None else (to, to)
        return start, latest + BUSY

    def is_free(self, therapist: str, wanted: Stretch, but: str = "") -> bool:
        """Say whether a time would meet no other's."""
        return not any(
            wanted[0] < until and since < wanted[1]
            for other in self.known.values()
            if other.therapist == therapist and other.booking_id != but
            for since, until in other.stretches(self.now)
        )

    def is_rival(self, customer: str, therapist: str, but: str = "") -> bool:
        """Say whether a customer is asking a therapist already."""
        return any(
            (other.customer, other.therapist) == (customer, therapist) and other.as_of(self.now) == "pending"
            for other in self.known.values()
            if other.booking_id != but
        )

    def can_start(self, to: datetime | None) -> bool:
        """Say whether every therapist, by hours and notice, could be booked for then."""
        return to is None or to >= self.now + HOUR

    def is_takeable(self, booking: Expected, therapist: str, start: datetime | None) -> bool:
        """Say whether a therapist could be offered a booking for a time."""
        is_rival = self.is_rival(booking.customer, therapist, but=booking.booking_id)
        is_free = self.is_free(therapist, self.stretch(start), but=booking.booking_id)
        return self.can_start(start) and is_free and not is_rival


def check_owed(booking: Expected, record: dict[str, Any]) -> None:
    """Hold a record against the model: rate times price or fee, or nothing, due a week after the planned end."""
    if booking.owed == 0:
        assert record["paymentStatus"] == "reversed"
        return
    assert (record["paymentStatus"], record["commissionAmount"]) == ("pending", booking.owed)
    if booking.status in {"confirmed", "completed"}:
        assert record["paymentDeadline"] == format_utc(booking.starts_at + HOUR + DUE)
