"""Reading rows of any form: what cannot be read is nothing, so that no check ever fails on a row."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from marketplace.booking.model import BookingStatus
from marketplace.operations.invariants import Row, Tables
from marketplace.platform.dynamodb import lenient_rows
from marketplace.platform.dynamodb.lenient_rows import instant

CLOCK: Final = "clock"
"""A table of one row, ``{"now": "2026-11-22T08:15:00.000Z"}``: when the others were read."""
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


def rows(tables: Tables, table: str) -> Iterator[Row]:
    """Yield the rows of a table, none if it was not given."""
    return iter(tables.get(table, ()))


def text(row: Row, name: str) -> str:
    """Return an attribute as text, empty if it is missing."""
    value = row.get(name)
    return "" if value is None else str(value)


def whole(row: Row, name: str) -> int:
    """Return a whole number, -1 where there is none: no count, sequence or version is ever negative."""
    number = lenient_rows.whole(row, name)
    return -1 if number is None else number


def mapping(row: Row, name: str) -> Mapping[str, Row]:
    """Return a nested map of rows; entries that are none are left out."""
    value = row.get(name)
    if not isinstance(value, Mapping):
        return {}
    return {str(key): entry for key, entry in value.items() if isinstance(entry, Mapping)}


def names(row: Row, name: str) -> tuple[str, ...]:
    """Return a list of names, empty if it is none."""
    value = row.get(name)
    return tuple(str(entry) for entry in value) if isinstance(value, list | tuple) else ()


def read_at(tables: Tables) -> datetime:
    """Return when the tables were read; without a clock the earliest of all times, by which nothing is over."""
    for row in rows(tables, CLOCK):
        now = instant(row, "now")
        if now is not None:
            return now
    return datetime.min.replace(tzinfo=UTC)


def forgotten_before(tables: Tables) -> datetime:
    """Return before when a message must have been written to be gone by itself: what is kept says for how long it is.

    Nothing is forgotten, by the earliest of all times, where no message or no clock tells.
    """
    now = read_at(tables)
    kept_for = max(
        (
            whole(message, "expiresAtEpoch") - sent.timestamp()
            for message in rows(tables, "chat_messages")
            if (sent := instant(message, "timestamp")) is not None
        ),
        default=0.0,
    )
    if not 0 < kept_for < now.timestamp():
        return datetime.min.replace(tzinfo=UTC)
    return now - timedelta(seconds=kept_for)


def by_key(tables: Tables, table: str, key: str) -> dict[str, Row]:
    """Return the rows of a table by one attribute."""
    return {text(row, key): row for row in rows(tables, table)}


def grouped(tables: Tables, table: str, key: str) -> dict[str, list[Row]]:
    """Return the rows of a table in groups that share one attribute."""
    groups = defaultdict[str, list[Row]](list)
    for row in rows(tables, table):
        groups[text(row, key)].append(row)
    return groups


def awaits_answer(booking: Row, now: datetime) -> bool:
    """Say whether a booking is pending and its deadline is still ahead."""
    deadline = instant(booking, "responseDeadline")
    return booking.get("status") == BookingStatus.PENDING.value and deadline is not None and now < deadline


def holds_time(booking: Row, now: datetime) -> bool:
    """Say whether a booking keeps its therapist's time."""
    return booking.get("status") == BookingStatus.CONFIRMED.value or awaits_answer(booking, now)
