"""Days of a made-up city break nothing, and what is planted to be broken is found."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from tests.simulation.city import UNSETTLED, VIOLATED, Broken
from tests.simulation.city_plan import Event, plan
from tests.simulation.run import history_until, lived
from tests.simulation.shrinking import shortest
from tests.tables_in_memory import MemoryDynamoDB

type Plant = Callable[[pytest.MonkeyPatch], None]
SEEDS: Final = range(1, 21)
FEW: Final = 1
"""Therapists of a city in which visits meet."""
SHORT: Final = 8
"""Events of a history that somebody can follow."""


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_day_of_a_city_with_faults_breaks_nothing_and_settles(seed: int) -> None:
    city = lived(plan(seed, 1, bookings_a_day=10))
    assert city.bookings


def _loses(table: str, *, when: Callable[[Any, Any], bool]) -> Plant:
    """Return a fault that loses writes of a table."""

    def plant(patching: pytest.MonkeyPatch) -> None:
        make = MemoryDynamoDB._make

        def without_some(self: MemoryDynamoDB, change: Any) -> None:  # noqa: ANN401 - a change of the tables
            name, before, after = change
            if not (name.endswith(table) and when(before, after)):
                make(self, change)

        patching.setattr(MemoryDynamoDB, "_make", without_some)

    return plant


def _sells_twice(patching: pytest.MonkeyPatch) -> None:
    """Plant a fault that sees nothing of what the day already holds, and writes whatever the condition says."""
    read, refusal = MemoryDynamoDB.batch_get_item, MemoryDynamoDB._refusal  # noqa: SLF001 - where conditions are judged

    def without_days(self: MemoryDynamoDB, **asked: Any) -> Any:  # noqa: ANN401 - as botocore answers
        answer = read(self, **asked)
        kept = {name: rows for name, rows in answer["Responses"].items() if not name.endswith("calendar")}
        return {**answer, "Responses": kept}

    def never(self: MemoryDynamoDB, asked: Any) -> Any:  # noqa: ANN401 - a write as botocore takes it
        return None if str(asked["TableName"]).endswith("calendar") else refusal(self, asked)

    patching.setattr(MemoryDynamoDB, "batch_get_item", without_days)
    patching.setattr(MemoryDynamoDB, "_refusal", never)


PLANTED: Final = {
    "a commission that is never written": _loses("commission_records", when=lambda before, _: before is None),
    "a commission that a cancellation does not reverse": _loses(
        "commission_records", when=lambda before, after: before is not None and after is not None
    ),
    "a message that was acknowledged and is lost": _loses(
        "chat_messages",
        when=lambda before, after: before is None and after.get("senderRole") == {"S": "customer"},
    ),
    "a room that nobody opened": _loses("chat_rooms", when=lambda before, _: before is None),
    "a step that the history does not tell": _loses(
        "history", when=lambda _, after: after is not None and after.get("action") == {"S": "confirmed"}
    ),
    "a booking that stays pending": _loses(
        "bookings", when=lambda _, after: after is not None and after.get("status") == {"S": "expired"}
    ),
    "a ledger that misses its postings": _loses("ledger_entries", when=lambda before, _: before is None),
    "a visit that two customers hold": _sells_twice,
}


def _first_found() -> tuple[Broken, Sequence[Event]] | None:
    for seed in SEEDS:
        events = [event for event in plan(seed, 1, bookings_a_day=12, therapists=FEW) if not event.fault]
        try:
            lived(events, FEW)
        except Broken as broken:
            return broken, events
    return None


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_and_shrunk_to_a_short_history(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED[name](monkeypatch)
    found = _first_found()
    assert found is not None
    broken, events = found
    assert broken.what in {VIOLATED, UNSETTLED}
    assert len(history_until(broken, events, FEW)) <= SHORT


def test_the_shortest_history_keeps_what_is_needed_and_nothing_else() -> None:
    assert shortest(range(100), lambda part: {7, 61} <= set(part)) == [7, 61]


def test_a_seed_is_always_the_same_plan() -> None:
    assert plan(7, 2) == plan(7, 2)
    assert plan(7, 2) != plan(8, 2)
