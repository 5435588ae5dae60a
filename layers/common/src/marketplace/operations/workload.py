"""What admins watch of all therapists at once: open offers, confirmed visits, debts past their time.

Counted for a whole page of therapists from an index of what is open, by one query, and from that of commissions by
their state, by another, however many therapists and bookings there are. A query reads a megabyte: the numbers are
exact while no more than that is open at once (some 7,000 bookings, 1,500 overdue debts), a lower bound beyond.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.model import BookingStatus
from marketplace.booking.repository import OPEN
from marketplace.commission.states import PaymentStatus
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.attribute_values import Item
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
        """Return what is open now: two queries."""
        open_now = self._store.query(
            "bookings",
            index="openByTherapist",
            where=Condition(expression="#open = :open", values={"open": OPEN}),
            filtered_by=Condition(
                expression="#status = :confirmed OR #responseDeadline > :now",
                values={"confirmed": BookingStatus.CONFIRMED.value, "now": format_utc(now)},
            ),
        ).items
        overdue = self._store.query(
            "commission_records",
            index="byStatus",
            where=Condition(expression="#paymentStatus = :value", values={"value": PaymentStatus.OVERDUE.value}),
            newest_first=True,
        ).items
        return Workload(
            offers=_by_therapist(each for each in open_now if each.get("status") == BookingStatus.PENDING.value),
            confirmed=_by_therapist(each for each in open_now if each.get("status") == BookingStatus.CONFIRMED.value),
            overdue=_by_therapist(overdue),
        )


def _by_therapist(rows: Iterable[Item]) -> Mapping[str, int]:
    return Counter(str(row.get("therapistId")) for row in rows)
