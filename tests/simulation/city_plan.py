"""What happens in a made-up city: who books whom when, what follows, and what goes wrong, all of it from one seed.

A plan is a list of events in the order of time. An event names its visit by number, so that a plan stays one when any
of its events are left out: what follows a booking that was never made is passed over.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

THERAPISTS: Final = 50
CUSTOMERS: Final = 2_000
BOOKINGS_A_DAY: Final = 24
HOURS: Final = (1, 1, 1, 1, 1, 1, 2, 3, 6, 9, 10, 9, 8, 9, 10, 11, 12, 14, 14, 12, 8, 4, 2, 1)
"""How busy each hour of a day is."""
FAULTY: Final = 0.03
"""The share of events during which a call to the store goes wrong."""
FAULTS: Final = ("throttled", "broken", "answer lost", "killed before", "killed after")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that somebody or something does."""

    at: timedelta
    """Since the beginning of the simulation."""
    kind: str
    visit: int = 0
    customer: int = 0
    therapist: int = 0
    draw: float = 0.0
    """What the event needs of chance: which words, which time, which reason."""
    fault: str = ""
    position: int = 0
    """Before or after which write of the event the fault comes."""

    def __str__(self) -> str:
        """Return the event as a line of a history."""
        wrong = f", {self.fault} at write {self.position}" if self.fault else ""
        return f"{self.at!s:>17} {self.kind} (visit {self.visit}, draw {self.draw:.3f}{wrong})"


def plan(seed: int, days: int, *, bookings_a_day: int = BOOKINGS_A_DAY, therapists: int = THERAPISTS) -> list[Event]:
    """Return the events of some days, in the order of time."""
    random = Random(seed)  # noqa: S311 - repeatable chance, nothing secret
    events: list[Event] = []
    visit = 0
    for day in range(days):
        for hour in random.choices(range(24), HOURS, k=bookings_a_day):
            visit += 1
            start = day * _DAY + timedelta(hours=hour, seconds=random.randrange(3_600))
            events += _visit(random, visit, start, therapists)
        events += _clockwork(random, day)
    return sorted(events, key=lambda event: event.at)


def _visit(random: Random, visit: int, start: timedelta, therapists: int) -> list[Event]:
    customer, therapist = random.randrange(CUSTOMERS), random.randrange(therapists)
    events: list[Event] = []

    def add(after: timedelta, kind: str) -> None:
        faulty = random.random() < FAULTY
        events.append(
            Event(
                at=start + after,
                kind=kind,
                visit=visit,
                customer=customer,
                therapist=therapist,
                draw=random.random(),
                fault=random.choice(FAULTS) if faulty else "",
                position=random.randrange(3) if faulty else 0,
            )
        )

    def sometimes(share: float, after: timedelta, kind: str) -> bool:
        happens = random.random() < share
        if happens:
            add(after, kind)
        return happens

    def minutes(least: float, most: float) -> timedelta:
        return timedelta(seconds=round(random.uniform(60 * least, 60 * most)))

    add(timedelta(0), "book" if random.random() < 0.7 else "book_later")
    sometimes(0.05, minutes(0, 1), "book_again")
    for _ in range(random.randrange(4)):
        add(minutes(0, 14), "customer_writes" if random.random() < 0.5 else "therapist_writes")
    sometimes(0.3, minutes(1, 14), "therapist_reads")
    sometimes(0.04, minutes(0, 15), "customer_cancels")
    answer = random.choices(["accept", "decline", None], [75, 10, 15])[0]
    if answer:
        add(minutes(0, 17), answer)
        sometimes(0.05, minutes(0, 17), answer)
    if answer != "accept":
        sometimes(0.4, minutes(16, 40), "redispatch")
        sometimes(0.2, minutes(16, 40), "reassign")
        sometimes(0.5, minutes(41, 50), "accept")
    sometimes(0.08, minutes(18, 60), "customer_cancels")
    sometimes(0.03, minutes(18, 120), "therapist_cancels")
    if sometimes(0.06, minutes(18, 30), "propose"):
        add(minutes(31, 60), random.choice(["accept_proposal", "decline_proposal", "withdraw_proposal"]))
    sometimes(0.03, minutes(18, 60), "reschedule")
    visited = minutes(18, 30)
    for step, offset in (("en_route", 0), ("arrived", 15), ("started", 20)):
        sometimes(0.6, visited + timedelta(minutes=offset), step)
    end = visited + minutes(22, 80)
    sometimes(0.03, end, "no_show")
    sometimes(0.85, end, "complete")
    sometimes(0.02, end, "therapist_cancels")
    sometimes(0.3, end + minutes(10, 600), "customer_reviews")
    sometimes(0.3, end + minutes(10, 600), "therapist_reviews")
    sometimes(0.1, end + minutes(1, 60), "customer_writes")
    sometimes(0.1, end + minutes(60, 2_000), "dispute")
    sometimes(0.1, end + minutes(60, 6_000), "waive")
    sometimes(0.02, end + minutes(600, 6_000), "erase")
    return events


def _clockwork(random: Random, day: int) -> list[Event]:
    events = [
        Event(at=day * _DAY + timedelta(hours=hour, minutes=7), kind="hourly", draw=random.random())
        for hour in range(24)
    ]
    events += [Event(at=day * _DAY + timedelta(hours=hour), kind="jump", draw=random.random()) for hour in (5, 17)]
    events.append(Event(at=day * _DAY + timedelta(hours=23, minutes=59), kind="night"))
    return events
