"""What admins watch of all therapists at once: open offers, confirmed visits, debts past their time.

Counted from the indexes by status for a whole page of therapists, one query for each shard of open offers and of
confirmed visits and one for debts, however many therapists and bookings there are. A query reads the newest megabyte
of its kind; the numbers are exact while no more than that is open at once (some 3,000 bookings, 1,500 overdue debts),
a lower bound beyond.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.model import BookingStatus
from marketplace.booking.repository import status_shard
from marketplace.commission.states import PaymentStatus
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.shards import list_shards
from marketplace.platform.dynamodb.store import Store


@final
class Workload(Struct, frozen=True, kw_only=True):
    """Numbers by therapist id."""

    offers: Mapping[str, int]
    confirmed: Mapping[str, int]
    overdue: Mapping[str, int]


@final
class Workloads:
    """The workload of all therapists."""

    def __init__(self, store: Store) -> None:
        """Count in ``store``."""
        self._store = store

    def workload(self, now: datetime) -> Workload:
        """Return what is open now."""
        unanswered = Condition(expression="#responseDeadline > :now", values={"now": format_utc(now)})
        return Workload(
            offers=self._bookings(BookingStatus.PENDING, unanswered),
            confirmed=self._bookings(BookingStatus.CONFIRMED),
            overdue=self._count("commission_records", "paymentStatus", PaymentStatus.OVERDUE.value),
        )

    def _bookings(self, status: BookingStatus, filtered_by: Condition | None = None) -> Mapping[str, int]:
        shards = (
            self._count("bookings", "statusShard", status_shard(status, each), filtered_by) for each in list_shards()
        )
        return sum(shards, Counter[str]())

    def _count(self, table: str, attribute: str, value: str, filtered_by: Condition | None = None) -> Counter[str]:
        page = self._store.query(
            table,
            index="byStatus",
            where=Condition(expression=f"#{attribute} = :value", values={"value": value}),
            newest_first=True,
            filtered_by=filtered_by,
        )
        return Counter(str(item.get("therapistId")) for item in page.items)
