"""The query strings of money."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Final, Literal, final

from pydantic import Field

from marketplace.commission.states import PaymentStatus
from marketplace.platform.api.queries import BACKWARDS, PageQuery
from marketplace.platform.api.request_model import Lax, Omissible, Query
from marketplace.platform.api.text import (
    Id,
    MarketDay,
    Month,
)
from marketplace.platform.refusals import FieldError, ValidationFailed

DEFAULT_PERIOD: Final = timedelta(days=29)
"""From the first day to the last of thirty."""
LONGEST_PERIOD: Final = timedelta(days=366)


@final
class CommissionsQuery(PageQuery):
    """Commission records, newest first."""

    status: Omissible[Annotated[PaymentStatus, Lax]] = None


@final
class StatementQuery(Query):
    """The month of a statement, in Asia/Jakarta, and how it is to be written."""

    month: Month
    format: Literal["json", "csv"] = "json"


@final
class MonthBooksQuery(Query):
    """The month whose books are exported, in Asia/Jakarta; of CSV one table is a file, of XLSX all are sheets."""

    month: Month
    format: Literal["json", "csv", "xlsx"] = "json"
    table: Literal["summary", "ledger", "commissions", "payments", "therapists", "sources", "days"] = "ledger"


@final
class AdminCommissionsQuery(PageQuery):
    """All commission records."""

    status: Omissible[Annotated[PaymentStatus, Lax]] = None


@final
class LedgerQuery(PageQuery):
    """Dates in Asia/Jakarta, both included; by default the last 30 days, a year at most; of one therapist or of all."""

    therapist_id: Omissible[Id] = None
    since: Omissible[MarketDay] = Field(default=None, alias="from")
    until: Omissible[MarketDay] = Field(default=None, alias="to")

    def period(self, today: date) -> tuple[date, date]:
        """Return the first and last date that are meant, given today's date in Asia/Jakarta.

        Raises:
            ValidationFailed: it is longer than what can be read in one go.
        """
        return _period(self.since, self.until, today)

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if self.since is not None and self.until is not None and self.until < self.since:
            yield "to", BACKWARDS


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
        return _period(self.since, self.until, today)

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if self.since is not None and self.until is not None and self.until < self.since:
            yield "to", BACKWARDS


def _period(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    last = until or max(today, since or today)
    first = since or last - min(DEFAULT_PERIOD, last - date.min)
    if last - first >= LONGEST_PERIOD:
        raise ValidationFailed((FieldError("from", "The period must not be longer than 366 days."),))
    return first, last
