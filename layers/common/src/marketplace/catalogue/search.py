"""Finding therapists: by words, price, distance and rating, over a small copy of the catalogue that is kept in memory.

An index by no key can be sorted in every way that people ask for, and reading thousands of whole rows for each page is
slow. So each execution environment keeps what a search needs of every listed therapist, read anew twice a minute; in
between each search reads what has changed since, by an index of changes, so that nobody finds what is over. What is
shown of a page comes from the rows themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from msgspec import Struct

from marketplace.catalogue.place.location import Point, ServiceArea
from marketplace.catalogue.repository import therapist_key
from marketplace.catalogue.therapist.model import LISTED, UNLISTED, MenuItem, Presence, Therapist, TherapistType
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.record import Record
from marketplace.platform.text.folding import folded

READ_ANEW_AFTER: Final = timedelta(seconds=30)
_LAG: Final = timedelta(seconds=60)
"""By how much clocks may differ and indexes be late: changes are read from that much before the copy."""
_WORST: Final = 2**53


class Order(StrEnum):
    """How found therapists are sorted; whoever lacks what counts comes last."""

    RATING = "rating"
    PRICE = "price"
    DISTANCE = "distance"
    NAME = "name"


@final
class Wish(Struct, frozen=True, kw_only=True):
    """What is looked for."""

    words: str | None = None
    near: Point | None = None
    order: Order | None = None
    max_price: int | None = None
    online: bool | None = None
    therapist_type: TherapistType | None = None


class _Row(Record, frozen=True, kw_only=True):
    """What the index holds of a row."""

    therapist_id: str
    name: str
    therapist_type: TherapistType
    status: Presence
    menu: tuple[MenuItem, ...] = ()
    biography: Mapping[str, str] | None = None
    service_area: ServiceArea | None = None
    rating_sum: int = 0
    rating_count: int = 0


@final
class _Entry(Struct, frozen=True, kw_only=True):
    """What a search needs of a therapist."""

    therapist_id: str
    text: str
    name: str
    therapist_type: TherapistType
    is_online: bool
    lowest_price: int | None
    middle: Point | None
    rating: float
    rating_count: int

    def fits(self, wish: Wish, words: Sequence[str]) -> bool:
        """Say whether this is one of those that are looked for."""
        return (
            (wish.online is None or wish.online is self.is_online)
            and (wish.therapist_type is None or wish.therapist_type is self.therapist_type)
            and (wish.max_price is None or (self.lowest_price is not None and self.lowest_price <= wish.max_price))
            and all(word in self.text for word in words)
        )

    def key(self, wish: Wish) -> tuple[Any, ...]:
        """Return by what the therapist is sorted; the id makes it a whole order."""
        match wish.order:
            case Order.RATING:
                return (-self.rating, -self.rating_count, self.therapist_id)
            case Order.PRICE:
                return (_WORST if self.lowest_price is None else self.lowest_price, self.therapist_id)
            case Order.DISTANCE:
                near = wish.near
                unknown = near is None or self.middle is None
                away = _WORST if unknown else round(near.kilometres_to(self.middle) * 1_000)  # type: ignore[union-attr,arg-type] # both are known then
                return (away, self.therapist_id)
            case Order.NAME:
                return (self.name, self.therapist_id)
            case None:
                return (self.therapist_id,)


@final
class TherapistSearch:
    """The copy of one execution environment."""

    def __init__(self, store: Store) -> None:
        """Read the catalogue from ``store``."""
        self._store = store
        self._entries: dict[str, _Entry] = {}
        self._read_at: datetime | None = None

    def find(
        self, wish: Wish, *, limit: int, after: Sequence[Any] | None, now: datetime
    ) -> tuple[list[Therapist], list[Any] | None]:
        """Return a page of the therapists that fit, as their rows are now, and after which key the next one starts."""
        words = folded(wish.words).split() if wish.words else []
        entries = self._current(now).values()
        keys = sorted(entry.key(wish) for entry in entries if entry.fits(wish, words))
        start = tuple(after) if after is not None else None
        left = [key for key in keys if start is None or key > start]
        page = left[:limit]
        items = self._store.batch_get([therapist_key(str(key[-1])) for key in page])
        found = readable_records(Therapist, (item for item in items if item is not None), key="therapistId")
        listed = [therapist for therapist in found if not therapist.is_suspended]
        return listed, [*page[-1]] if len(left) > limit else None

    def _current(self, now: datetime) -> Mapping[str, _Entry]:
        if self._read_at is None or not timedelta(0) <= now - self._read_at < READ_ANEW_AFTER:
            where = Condition(expression="#listed = :part", values={"part": LISTED})
            rows = self._store.query_all("therapists", index="search", where=where)
            self._entries = {entry.therapist_id: entry for entry in _entries(rows)}
            self._read_at = now
            return self._entries
        self._entries |= {entry.therapist_id: entry for entry in _entries(self._changed(LISTED, self._read_at))}
        for gone in self._changed(UNLISTED, self._read_at):
            self._entries.pop(str(gone["therapistId"]), None)
        return self._entries

    def _changed(self, part: str, since: datetime) -> Iterable[Item]:
        values = {"part": part, "since": format_utc(since - _LAG)}
        where = Condition(expression="#listed = :part AND #updatedAt >= :since", values=values)
        return self._store.query_all("therapists", index="changes", where=where)


def _entries(rows: Iterable[Item]) -> Iterable[_Entry]:
    for row in readable_records(_Row, rows, key="therapistId"):
        prices = [price for item in row.menu for price in item.prices.values()]
        said = [row.name, *(item.name for item in row.menu), *(row.biography or {}).values()]
        area = row.service_area
        yield _Entry(
            therapist_id=row.therapist_id,
            text=folded("\n".join(said)),
            name=folded(row.name),
            therapist_type=row.therapist_type,
            is_online=row.status is Presence.ONLINE,
            lowest_price=min(prices, default=None),
            middle=area.middle if area else None,
            rating=row.rating_sum / row.rating_count if row.rating_count else 0.0,
            rating_count=row.rating_count,
        )
