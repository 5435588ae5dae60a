"""The query strings of the catalogue."""

from typing import Annotated, Final, final

from marketplace.catalogue.therapist import DURATIONS, TherapistType
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import Day, FlagInQuery, WrittenAs, broken_rule


def _read_duration(written: str) -> int:
    try:
        return _DURATIONS[written]
    except KeyError:
        message = "This must be 60, 90 or 120."
        raise broken_rule(message) from None


_DURATIONS: Final = {str(minutes): minutes for minutes in DURATIONS}
DurationInQuery = Annotated[int, WrittenAs(_read_duration, (("type", "integer"), ("enum", DURATIONS)))]


@final
class TherapistsQuery(PageQuery):
    """The catalogue; ``online`` true keeps those who can come now, false the others."""

    online: Omissible[FlagInQuery] = None
    type: Omissible[Annotated[TherapistType, Lax]] = None


@final
class SlotsQuery(Query):
    """The free starts of one local date of the therapist for one length of visit."""

    date: Day
    duration: DurationInQuery


@final
class HotelsQuery(PageQuery):
    """The hotels and villas."""
