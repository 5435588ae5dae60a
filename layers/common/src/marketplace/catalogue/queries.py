"""The query strings of the catalogue."""

from typing import Annotated, final

from marketplace.catalogue.therapist import TherapistType
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import Day, DurationInQuery, FlagInQuery


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
