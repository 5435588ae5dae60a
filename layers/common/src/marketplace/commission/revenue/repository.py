"""The rows that revenue is summed from: accepted bookings and their records by day, never a whole table."""

from datetime import date
from typing import final

from marketplace.catalogue.place.market_days import days_between, stretch_of_days
from marketplace.commission.judging import judge
from marketplace.commission.revenue.model import Revenue, revenue_of
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Store


@final
class RevenueBooks:
    """What was earned, day by day."""

    def __init__(self, store: Store) -> None:
        """Read from ``store``."""
        self._store = store

    def sum_up(self, first: date, last: date) -> Revenue:
        """Return the revenue of market days, both included.

        Rows that do not fit together in the indexes are read again, strongly on both sides, so that the
        answer never blames an index that lags.
        """
        bookings = {
            str(row["bookingId"]): row for row in self._rows("bookings", "confirmedByDay", "confirmedAt", first, last)
        }
        records = {
            str(row["bookingId"]): row for row in self._rows("commission_records", "byDay", "bookingDate", first, last)
        }
        doubtful = sorted(judge(list(bookings.values()), list(records.values())).keys)
        for table, rows in (("bookings", bookings), ("commission_records", records)):
            items = self._store.batch_get([(table, {"bookingId": booking_id}) for booking_id in doubtful])
            for booking_id, item in zip(doubtful, items, strict=True):
                rows.pop(booking_id, None)
                if item is not None:
                    rows[booking_id] = item
        return revenue_of(first, last, list(bookings.values()), list(records.values()))

    def records(self, first: date, last: date) -> list[Item]:
        """Return the stored commission records of the bookings that were confirmed on market days, both included."""
        return self._rows("commission_records", "byDay", "bookingDate", first, last)

    def _rows(self, table: str, index: str, instant: str, first: date, last: date) -> list[Item]:
        begins, ends = stretch_of_days(first, last)
        return [
            row
            for day in days_between(begins.date(), ends.date())
            for row in self._store.query_all(
                table,
                index=index,
                where=Condition(
                    expression=f"#confirmedDay = :day AND #{instant} BETWEEN :begins AND :ends",
                    values={"day": day.isoformat(), "begins": format_utc(begins), "ends": format_utc(ends)},
                ),
            )
        ]
