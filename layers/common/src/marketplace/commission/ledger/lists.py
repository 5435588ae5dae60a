"""The ledger line by line, newest first: of one therapist, or of everybody."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import Listed
from marketplace.catalogue.place.market_days import stretch_of_days
from marketplace.commission.ledger.model import Posting
from marketplace.commission.ledger.repository import Ledger
from marketplace.platform.dynamodb.records import readable_records

_MOST_DAYS: Final = 32
"""How many days a page reads before it comes back short."""


@final
class LedgerLine(Struct, frozen=True, kw_only=True):
    """One line of a posting, by its place in it."""

    posting: Posting
    number: int
    """From 0 on."""


@final
class LedgerLists(Struct, frozen=True):
    """Lines of postings of market days, both included."""

    ledger: Ledger

    def of(
        self, therapist_id: str, first: date, last: date, *, limit: int, start: Mapping[str, Any] | None
    ) -> Listed[LedgerLine]:
        """Return a page of a therapist's lines."""
        since, before = stretch_of_days(first, last)
        begun = start or {}
        page = self.ledger.find_page_of(therapist_id, since, before, limit=limit, start=begun.get("key"))
        postings = readable_records(Posting, page.items, key="entryId")
        rest = {"key": dict(page.next_key)} if page.next_key else None
        return _cut(postings, limit, begun, rest)

    def all(self, first: date, last: date, *, limit: int, start: Mapping[str, Any] | None) -> Listed[LedgerLine]:
        """Return a page of everybody's lines, a day after the other backwards; it may be short."""
        since, before = stretch_of_days(first, last)
        begun = start or {"day": before.date().isoformat()}
        day, key = date.fromisoformat(begun["day"]), begun.get("key")
        postings: list[Posting] = []
        for _ in range(_MOST_DAYS):
            page = self.ledger.find_page_of_day(day.isoformat(), since, before, limit=limit - len(postings), start=key)
            postings += readable_records(Posting, page.items, key="entryId")
            key = page.next_key
            if key is None:
                day -= timedelta(days=1)
            if day < since.date() or len(postings) >= limit:
                break
        rest = {"day": day.isoformat(), **({"key": dict(key)} if key else {})} if day >= since.date() else None
        return _cut(postings, limit, begun, rest)


def _cut(
    postings: Sequence[Posting], limit: int, begun: Mapping[str, Any], rest: dict[str, Any] | None
) -> Listed[LedgerLine]:
    """Return as many lines as are asked for; where that cuts a posting, the next page begins within it."""
    skipped = int(begun.get("skip", 0))
    lines = [
        LedgerLine(posting=posting, number=number) for posting in postings for number in range(len(posting.lines))
    ][skipped:]
    if len(lines) <= limit:
        return Listed(items=lines, position=rest)
    cut = lines[limit]
    index = postings.index(cut.posting)
    position: dict[str, Any] = {"skip": cut.number, "day": cut.posting.day}
    if index == 0:
        position = {**begun, "skip": cut.number}
    elif postings[index - 1].day == cut.posting.day or "day" not in begun:
        position["key"] = _key_of(postings[index - 1], with_day="day" in begun)
    return Listed(items=lines[:limit], position=position)


def _key_of(posting: Posting, *, with_day: bool) -> dict[str, str]:
    key = {"therapistId": posting.therapist_id, "entryId": posting.entry_id}
    return {**key, "day": posting.day} if with_day else key
