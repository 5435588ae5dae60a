"""The query strings of what only admins see of bookings, therapists and history."""

from collections.abc import Iterable
from typing import Annotated, final

from pydantic import Field

from marketplace.booking.model import BookingStatus, Source
from marketplace.platform.api.queries import BACKWARDS, PageQuery, ends_before_it_begins
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import (
    Id,
    SearchWords,
    Since,
    Until,
)


@final
class AdminBookingsQuery(PageQuery):
    """All bookings, newest first; the period is half open and by ``createdAt``."""

    status: Omissible[Annotated[BookingStatus, Lax]] = None
    source: Omissible[Annotated[Source, Lax]] = None
    therapist_id: Omissible[Id] = None
    q: Omissible[SearchWords] = None
    """Part of the customer's name, their telephone number in any writing, or a booking's id."""
    since: Omissible[Since] = Field(default=None, alias="from")
    until: Omissible[Until] = Field(default=None, alias="to")

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if ends_before_it_begins(self.since, self.until):
            yield "to", BACKWARDS


@final
class AdminTherapistsQuery(PageQuery):
    """All therapists and places."""


@final
class OfferSharesQuery(Query):
    """The last days, by default a week."""

    days: Annotated[int, Lax, Field(ge=1, le=31)] = 7


@final
class HistoryQuery(PageQuery):
    """The audit log of one thing."""
