"""What a check of health wants to see beside a booking, and the faults that it finds."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.platform.dynamodb.lenient_rows import text

type Row = Mapping[str, Any]


type Found = Sequence[Row | None]


_LONGEST_KEY: Final = 512


@final
class Link(Struct, frozen=True, kw_only=True):
    """A row that should stand beside a booking.

    ``key`` is where it is unless something has touched the booking's times; ``search`` is what the beginning of
    its sort key must be in any case, and ``matches`` tells it from its neighbours there.
    """

    table: str
    key: Mapping[str, str | int]
    search: str | None = None
    matches: Callable[[Row], bool] = lambda _: True

    @property
    def query(self) -> str:
        """The reading in words that somebody can repeat: ``chat_rooms where conversationId = r-4w2…``."""
        *names, last = self.key
        if self.search is None:
            clauses = [f"{name} = {self.key[name]}" for name in self.key]
        elif self.search:
            clauses = [*(f"{name} = {self.key[name]}" for name in names), f"begins_with({last}, {self.search})"]
        else:
            clauses = [f"{name} = {self.key[name]}" for name in names]
        return f"{self.table} where {' and '.join(clauses)}"


@final
class Fault(Struct, frozen=True, kw_only=True):
    """The first broken link of a booking: where to look, and what is wrong there."""

    table: str
    query: str
    key: str
    message: str


@final
class Check(Struct, frozen=True, kw_only=True):
    """One of the seven: which bookings it concerns, which rows it wants to see, and its verdict on them."""

    check_id: str
    title: str
    concerns: Callable[[Row, datetime], bool]
    links: Callable[[Row], tuple[Link, ...]]
    judge: Callable[[Row, tuple[Link, ...], Found], Fault | None]
    may_lag: bool = False
    """Whether what it wants to see arrives after the booking, in the order of changes, so that it may be on its way."""


@final
class Verdict(Struct, frozen=True, kw_only=True):
    """What a check found: each broken link, and how late the changes are that are still on their way."""

    faults: Sequence[Fault]
    lag: timedelta | None = None


def text_in(row: Row, attribute: str) -> str:
    """Return a stored text, or an empty one where there is none that can be a key."""
    value = text(row, attribute)
    return value if len(value) <= _LONGEST_KEY else ""


def fault_beside(booking: Row, link: Link, what: str) -> Fault:
    """Return a fault of a row that should stand beside a booking; ``what`` ends the sentence."""
    return Fault(
        table=link.table,
        query=link.query,
        key=json.dumps(link.key, separators=(",", ":")),
        message=f"Booking {text_in(booking, 'bookingId')} {what}.",
    )


def fault_in(booking: Row, what: str) -> Fault:
    """Return a fault of a booking's own row; ``what`` ends the sentence."""
    return fault_beside(booking, Link(table="bookings", key={"bookingId": text_in(booking, "bookingId")}), what)
