"""The audit of commissions: what is judged, what is found, and how far a run has come."""

from collections.abc import Iterable, Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from msgspec import field

from marketplace.commission.judging import Findings, ever_confirmed, is_reversed
from marketplace.commission.sums import Sums
from marketplace.operations.invariants import Row
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record

GRACE: Final = timedelta(seconds=60)
"""The scheduled run leaves out what is younger, for the indexes may not show it yet."""
MOST_NAMED: Final = 2_000
"""Ids in one list of a run, so that the run stays one row; what is beyond is found by the next, after repairs."""


class AuditScope(StrEnum):
    """Over which bookings a run goes."""

    SINCE_WATERMARK = "since_watermark"
    """What was confirmed since the last scheduled run."""
    CONFIRMED = "confirmed"
    """Every booking that was ever confirmed, and every record."""
    WHOLE_TABLES = "whole_tables"
    """Every row of both tables, readable or not."""


_AGREED: Final = (
    "price",
    "commissionRateBps",
    "source",
    "therapistId",
    "confirmedTherapistId",
    "confirmedAt",
    "isTest",
)
"""What nothing may change about a booking once it is confirmed."""
_RECORDED: Final = (
    "bookingAmount",
    "commissionRate",
    "commissionRateBps",
    "commissionAmount",
    "therapistId",
    "source",
    "bookingDate",
    "confirmedDay",
    "isTest",
)
"""What nothing may ever change about a record."""


def makes_booking_dirty(old: Row | None, new: Row | None) -> bool:
    """Say whether a change of a booking's row is one that the next audit must look at.

    A confirmation itself is not: the audit comes past it anyway. A cancellation is, for its record must be reversed.
    """
    if old is None or new is None:
        row = new or old or {}
        return ever_confirmed(row) and row.get("isTest") is not True
    if not ever_confirmed(old):
        return ever_confirmed(new) and new.get("status") != "confirmed"
    return not ever_confirmed(new) or new.get("status") in {"cancelled", "no_show"} or _differ(_AGREED, old, new)


def makes_record_dirty(old: Row | None, new: Row | None, now: datetime) -> bool:
    """Say whether a change of a commission record is one that the next audit must look at.

    A new record of a booking that was confirmed just now is not, nor a step of the payment.
    """
    if new is None:
        return old is not None and old.get("isTest") is not True
    if old is None:
        return not _happened_after(new.get("bookingDate"), now - GRACE) and new.get("isTest") is not True
    return _differ(_RECORDED, old, new) or (is_reversed(old) and not is_reversed(new))


def _happened_after(instant: object, edge: datetime) -> bool:
    try:
        return isinstance(instant, str) and datetime.fromisoformat(instant) > edge
    except (ValueError, TypeError):
        return False


def _differ(names: Iterable[str], old: Row, new: Row) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


@final
class Audit(Record, frozen=True, kw_only=True):
    """One run of the audit, under way while ``finished_at`` is not there."""

    audit_id: str
    started_at: Instant
    full: bool
    scope: AuditScope
    until: Instant
    """What was confirmed later is not judged."""
    since: Instant | None = None
    finished_at: Instant | None = None
    audited_bookings: int = 0
    missing: tuple[str, ...] = ()
    wrong_amount: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()
    """Rows that cannot be read, by their booking id."""
    overdue_marked: int = 0
    by_source: Mapping[str, Sums] = field(default_factory=dict)
    stretch: int = 0
    """Which stretch of rows the run is in."""
    position: Mapping[str, Any] | None = None
    """After which row of the stretch it goes on."""
    version: int = 1

    @property
    def findings(self) -> frozenset[str]:
        """Every booking whose commission is not right."""
        return frozenset((*self.missing, *self.wrong_amount, *self.orphaned))

    def finding(self, found: Findings) -> "Audit":
        """Return the run with more findings; each booking is named once, by its latest judgement."""
        return replace(
            self,
            missing=_named(self.missing, found.missing),
            wrong_amount=_named(self.wrong_amount, found.wrong_amount),
            orphaned=_named(self.orphaned, found.orphaned),
        )

    def naming_malformed(self, keys: Iterable[str]) -> "Audit":
        """Return the run with rows that cannot be read."""
        return replace(self, malformed=_named(self.malformed, frozenset(keys)))

    def counting(self, sums: Mapping[str, Sums]) -> "Audit":
        """Return the run with more judged bookings, given as sums by source."""
        together = {**self.by_source}
        for source, more in sums.items():
            together[source] = together.get(source, Sums()) + more
        judged = sum(more.bookings for more in sums.values())
        return replace(self, by_source=together, audited_bookings=self.audited_bookings + judged)


def _named(before: tuple[str, ...], more: frozenset[str]) -> tuple[str, ...]:
    return before if not more else tuple(sorted({*before, *more})[:MOST_NAMED])
