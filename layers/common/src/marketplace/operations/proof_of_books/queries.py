"""The query string of proofs."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import final

from pydantic import Field

from marketplace.platform.api.queries import BACKWARDS
from marketplace.platform.api.request_model import Omissible, Query
from marketplace.platform.api.text import MarketDay


@final
class ProofsQuery(Query):
    """Dates in Asia/Jakarta, both included; by default the last 30 days."""

    since: Omissible[MarketDay] = Field(default=None, alias="from")
    until: Omissible[MarketDay] = Field(default=None, alias="to")

    def period(self, today: date) -> tuple[date, date]:
        """Return the first and last date that are meant, given today's date in Asia/Jakarta."""
        last = self.until or max(today, self.since or today)
        return self.since or last - timedelta(days=min(29, (last - date.min).days)), last

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if self.since is not None and self.until is not None and self.until < self.since:
            yield "to", BACKWARDS
