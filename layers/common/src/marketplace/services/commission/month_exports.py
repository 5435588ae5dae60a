"""Exports a month of the books."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, final

from msgspec import Struct

from marketplace.catalogue.place.market_days import day_of, days_between, stretch_of_month
from marketplace.commission.ledger.model import Posting
from marketplace.commission.ledger.repository import Ledger
from marketplace.commission.model import Commission
from marketplace.commission.papers.tables import Table
from marketplace.commission.revenue.repository import RevenueBooks
from marketplace.payment.repository import Payments
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.refusals import ValidationFailed
from marketplace.services.commission.month_books import month_books

MOST_POSTINGS: Final = 15_000
"""What fits into one answer (6 MB) with all its tables."""
_PAGE: Final = 100


@final
class MonthExports(Struct, frozen=True):
    """What a month is exported from."""

    ledger: Ledger
    revenue: RevenueBooks
    payments: Payments

    def tables(self, month: str) -> list[Table]:
        """Return the tables of a month, which may be the present one.

        Raises:
            ValidationFailed: there is more in it than one answer holds.
        """
        begins, ends = stretch_of_month(month)
        first, last = day_of(begins), day_of(ends - timedelta(seconds=1))
        postings: list[Posting] = []
        for posting in postings_of(self.ledger, month):
            postings.append(posting)
            if len(postings) > MOST_POSTINGS:
                raise _TOO_MUCH
        records = sorted(
            readable_records(Commission, self.revenue.records(first, last), key="bookingId"),
            key=lambda record: (record.booking_date, record.booking_id),
        )
        return month_books(
            postings,
            [record for record in records if not record.is_test],
            self.payments.find_between(begins, ends),
            self.revenue.sum_up(first, last),
        )


def postings_of(ledger: Ledger, month: str) -> Iterable[Posting]:
    """Yield everybody's postings of a market month."""
    since, before = stretch_of_month(month)
    for day in days_between(since.date(), before.date()):
        start = None
        while True:
            page = ledger.find_page_of_day(day.isoformat(), since, before, limit=_PAGE, start=start)
            yield from readable_records(Posting, page.items, key="entryId")
            start = page.next_key
            if start is None:
                break


_TOO_MUCH: Final = ValidationFailed.at("month", "This month is too long for one file: read it by GET /admin/ledger.")
