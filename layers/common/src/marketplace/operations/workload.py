"""What admins watch of all therapists at once: open offers, confirmed visits, debts past their time.

Counted from the indexes by status, one query each for a whole page of therapists, so that the page costs four
queries however many therapists and bookings there are. A query reads the newest megabyte of its kind; the numbers
are exact while no more than that is open at once (some 800 bookings, 1,500 overdue debts), a lower bound beyond.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.model import BookingStatus
from marketplace.commission.model import PaymentStatus
from marketplace.platform.clock import written
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.store import Store


@final
class Workload(Struct, frozen=True, kw_only=True):
    """Numbers by therapist id."""

    offers: Mapping[str, int]
    confirmed: Mapping[str, int]
    overdue: Mapping[str, int]


@final
class Watch:
    """The workload of all therapists."""

    def __init__(self, store: Store) -> None:
        """Count in ``store``."""
        self._store = store

    def workload(self, now: datetime) -> Workload:
        """Return what is open now, in three queries."""
        unanswered = Condition(expression="#responseDeadline > :now", values={"now": written(now)})
        return Workload(
            offers=self._count("bookings", "status", BookingStatus.PENDING, unanswered),
            confirmed=self._count("bookings", "status", BookingStatus.CONFIRMED),
            overdue=self._count("commission_records", "paymentStatus", PaymentStatus.OVERDUE),
        )

    def _count(
        self, table: str, attribute: str, status: BookingStatus | PaymentStatus, keeping: Condition | None = None
    ) -> Mapping[str, int]:
        page = self._store.query(
            table,
            index="byStatus",
            where=Condition(expression=f"#{attribute} = :status", values={"status": status.value}),
            newest_first=True,
            keeping=keeping,
        )
        return Counter(str(item.get("therapistId")) for item in page.items)
