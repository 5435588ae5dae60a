"""The query strings of the catalogue."""

import re
from collections.abc import Iterable
from typing import Annotated, Final, final

from pydantic import Field

from marketplace.catalogue.place.location import Point
from marketplace.catalogue.search import Order, Wish
from marketplace.catalogue.therapist.model import DURATIONS, TherapistType
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import CountInQuery, Day, FlagInQuery, MarketDay, SearchWords, WrittenAs, broken_rule


def _read_duration(written: str) -> int:
    try:
        return _DURATIONS[written]
    except KeyError:
        message = "This must be 60, 90 or 120."
        raise broken_rule(message) from None


_DURATIONS: Final = {str(minutes): minutes for minutes in DURATIONS}
DurationInQuery = Annotated[int, WrittenAs(_read_duration, (("type", "integer"), ("enum", DURATIONS)))]


MOST_DAYS: Final = 31


def _read_days(written: str) -> int:
    if not written.isascii() or not written.isdecimal() or len(written) > 2 or not 1 <= int(written) <= MOST_DAYS:  # noqa: PLR2004 - digits of 31
        message = "This must be a whole number from 1 to 31."
        raise broken_rule(message)
    return int(written)


DaysInQuery = Annotated[int, WrittenAs(_read_days, (("type", "integer"), ("minimum", 1), ("maximum", MOST_DAYS)))]
_DEGREES: Final = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?),(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)")
_FARTHEST: Final = (90, 180)


def _read_point(written: str) -> Point:
    found = _DEGREES.fullmatch(written.replace(" ", ""))
    if found is None or abs(float(found[1])) > _FARTHEST[0] or abs(float(found[2])) > _FARTHEST[1]:
        message = "This must be latitude and longitude such as -8.5069,115.2625."
        raise broken_rule(message)
    return Point(float(found[1]), float(found[2]))


PointInQuery = Annotated[Point, WrittenAs(_read_point, (("type", "string"), ("examples", ("-8.5069,115.2625",))))]


@final
class TherapistsQuery(PageQuery):
    """The catalogue; ``online`` true keeps those who can come now, false the others."""

    online: Omissible[FlagInQuery] = None
    type: Omissible[Annotated[TherapistType, Lax]] = None
    q: Omissible[SearchWords] = None
    """Words of the name, the biography or the services."""
    near: Omissible[PointInQuery] = None
    """``latitude,longitude`` in degrees."""
    sort: Omissible[Annotated[Order, Lax]] = None
    max_price: Omissible[CountInQuery] = None
    """Rupiah; of the menu the lowest price counts."""

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask from where distances are meant."""
        if self.sort is Order.DISTANCE and self.near is None:
            yield "near", "Distances need a place from which they are meant."

    @property
    def wish(self) -> Wish:
        """What is looked for."""
        return Wish(
            words=self.q,
            near=self.near,
            order=self.sort,
            max_price=self.max_price,
            online=self.online,
            therapist_type=self.type,
        )

    @property
    def is_search(self) -> bool:
        """Say whether more is asked for than the plain list."""
        return any(given is not None for given in (self.q, self.sort, self.max_price))


@final
class SlotsQuery(Query):
    """The free starts of one local date of the therapist, or of some days, for one length of visit."""

    date: Omissible[Day] = None
    since: Omissible[MarketDay] = Field(default=None, alias="from")
    days: Omissible[DaysInQuery] = None
    duration: DurationInQuery

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for one date, or for a first one and a number of days."""
        if self.date is not None:
            for name, given in (("from", self.since), ("days", self.days)):
                if given is not None:
                    yield name, "Give a date, or from and days."
        elif self.since is None and self.days is None:
            yield "date", "This is required."
        elif self.since is None or self.days is None:
            yield "from" if self.since is None else "days", "From and days belong together."


@final
class HotelsQuery(PageQuery):
    """The hotels and villas."""
