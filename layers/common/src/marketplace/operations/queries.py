"""The query strings that admins may send."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal, final

from pydantic import Field

from marketplace.booking.model import BookingStatus, Source
from marketplace.commission.model import PaymentStatus
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import Code, Id, MarketDay, Since, Until
from marketplace.platform.refusals import FieldError, ValidationFailed

DEFAULT_PERIOD: Final = timedelta(days=29)
"""From the first day to the last of thirty."""
LONGEST_PERIOD: Final = timedelta(days=366)
_BACKWARDS: Final = "The period must not end before it begins."


def _ends_before_it_begins(since: datetime | None, until: datetime | None) -> bool:
    return since is not None and until is not None and until <= since


@final
class AdminBookingsQuery(PageQuery):
    """All bookings, newest first; the period is half open and by ``createdAt``."""

    status: Omissible[Annotated[BookingStatus, Lax]] = None
    source: Omissible[Annotated[Source, Lax]] = None
    therapist_id: Omissible[Id] = None
    since: Omissible[Since] = Field(default=None, alias="from")
    until: Omissible[Until] = Field(default=None, alias="to")

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if _ends_before_it_begins(self.since, self.until):
            yield "to", _BACKWARDS


@final
class AdminCommissionsQuery(PageQuery):
    """All commission records."""

    status: Omissible[Annotated[PaymentStatus, Lax]] = None


@final
class AdminTherapistsQuery(PageQuery):
    """All therapists and places."""


@final
class HistoryQuery(PageQuery):
    """The trail of one thing."""


@final
class AuditsQuery(PageQuery):
    """The audits of the past, newest first."""


@final
class RevenueQuery(Query):
    """Dates in Asia/Jakarta, both included; by default the last 30 days, a year at most."""

    since: Omissible[MarketDay] = Field(default=None, alias="from")
    until: Omissible[MarketDay] = Field(default=None, alias="to")

    def period(self, today: date) -> tuple[date, date]:
        """Return the first and last date that are meant, given today's date in Asia/Jakarta.

        Raises:
            ValidationFailed: it is longer than what can be read in one go.
        """
        last = self.until or max(today, self.since or today)
        first = self.since or last - min(DEFAULT_PERIOD, last - date.min)
        if last - first >= LONGEST_PERIOD:
            raise ValidationFailed((FieldError("from", "The period must not be longer than 366 days."),))
        return first, last

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if self.since is not None and self.until is not None and self.until < self.since:
            yield "to", _BACKWARDS


@final
class ErrorsQuery(PageQuery):
    """Recorded errors, newest first; the period is half open."""

    category: Omissible[Code] = None
    severity: Omissible[Code] = None
    since: Omissible[Since] = Field(default=None, alias="from")
    until: Omissible[Until] = Field(default=None, alias="to")
    format: Literal["json", "csv"] = "json"

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if _ends_before_it_begins(self.since, self.until):
            yield "to", _BACKWARDS
