"""Let days pass in the made-up city: ``python -m tests.simulation.run --days 30 --seed 1``.

Prints what happened, or the shortest history that still fails.
"""

import sys
import time
from collections.abc import Sequence

import pytest

from tests.simulation.city import Broken, City
from tests.simulation.city_plan import BOOKINGS_A_DAY, THERAPISTS, Event, plan
from tests.simulation.shrinking import shortest
from tools.command_line import OneLineParser


def lived(events: Sequence[Event], therapists: int = THERAPISTS) -> City:
    """Live through events in a new city.

    Raises:
        Broken: see :meth:`City.live`.
    """
    with pytest.MonkeyPatch.context() as patching:
        city = City(patching, therapists)
        for event in events:
            city.live(event)
        return city


def breaks(events: Sequence[Event], what: str, therapists: int = THERAPISTS) -> bool:
    """Say whether a history breaks the same thing."""
    try:
        lived(events, therapists)
    except Broken as broken:
        return broken.what == what
    return False


def history_until(broken: Broken, events: Sequence[Event], therapists: int = THERAPISTS) -> list[Event]:
    """Return the shortest part of a history that breaks the same thing, looking no further than where it was seen."""
    end = next(n for n, event in enumerate(events) if event is broken.event)
    return shortest(list(events[: end + 1]), lambda part: breaks(part, broken.what, therapists))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one simulation; return 1 if it breaks something."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bookings-a-day", type=int, default=BOOKINGS_A_DAY)
    asked = parser.parse_args(arguments)
    if not (1 <= asked.days <= 366 and 1 <= asked.bookings_a_day <= 10_000):
        parser.error("days are 1 to 366, bookings a day 1 to 10000")
    events = plan(asked.seed, asked.days, bookings_a_day=asked.bookings_a_day)
    started = time.monotonic()
    try:
        city = lived(events)
    except Broken as broken:
        print(f"seed {asked.seed}: {broken}", file=sys.stderr)  # noqa: T201 - its report
        print("the shortest history that still fails:", file=sys.stderr)  # noqa: T201 - its report
        for event in history_until(broken, events):
            print(f"  {event}", file=sys.stderr)  # noqa: T201 - its report
        return 1
    seconds = time.monotonic() - started
    print(f"{asked.days} days in {seconds:.0f} s: {len(city.bookings)} bookings, {len(events)} events, violations: 0")  # noqa: T201 - its report
    for answer, times in sorted(city.statuses.items()):
        print(f"  {answer}: {times}")  # noqa: T201 - its report
    return 0


if __name__ == "__main__":
    sys.exit(main())
