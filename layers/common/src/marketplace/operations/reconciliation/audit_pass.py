"""One pass of the audit over stored rows: page by page, judged in batches, saved on the way.

A page of one table is joined with the other table by key, read strongly; whatever looks wrong then is read
once more, strongly on both sides, before it is named. So neither an index that lags nor a change in the
midst of the pass is taken for an error.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import replace
from datetime import date, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import status_shard
from marketplace.commission.judging import Findings, ever_confirmed, judge
from marketplace.commission.model import Commission
from marketplace.commission.states import PaymentStatus
from marketplace.commission.sums import Sums
from marketplace.operations.reconciliation.model import Audit, AuditScope
from marketplace.operations.reconciliation.repository import Audits
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import MalformedRecord, from_record
from marketplace.platform.dynamodb.shards import list_shards
from marketplace.platform.dynamodb.store import BATCH_GET_LIMIT, Page, Store
from marketplace.platform.runtime.observability import Category, Severity, count, report

BOOKINGS: Final = "bookings"
RECORDS: Final = "commission_records"
SAVED_EVERY_SECONDS: Final = 10.0
_EVER_CONFIRMED: Final = (
    BookingStatus.CONFIRMED,
    BookingStatus.COMPLETED,
    BookingStatus.CANCELLED,
    BookingStatus.NO_SHOW,
)


@final
class Stretch(Struct, frozen=True, kw_only=True):
    """Rows of one table that a pass reads one after another: a part of an index, or the whole table."""

    table: str
    index: str | None = None
    where: Condition | None = None


def stretches_of(audit: Audit) -> list[Stretch]:
    """Return what a run reads, always the same for the same run."""
    match audit.scope:
        case AuditScope.WHOLE_TABLES:
            return [Stretch(table=BOOKINGS), Stretch(table=RECORDS)]
        case AuditScope.CONFIRMED:
            return [*_bookings_by_status(), *_records_by_status()]
        case AuditScope.SINCE_WATERMARK:
            return list(_by_day(audit))


def _bookings_by_status() -> Iterator[Stretch]:
    for status in _EVER_CONFIRMED:
        for shard in list_shards():
            where = Condition(expression="#statusShard = :shard", values={"shard": status_shard(status, shard)})
            yield Stretch(table=BOOKINGS, index="byStatus", where=where)


def _records_by_status() -> Iterator[Stretch]:
    for status in PaymentStatus:
        where = Condition(expression="#paymentStatus = :status", values={"status": status.value})
        yield Stretch(table=RECORDS, index="byStatus", where=where)


def _by_day(audit: Audit) -> Iterator[Stretch]:
    since, until = audit.since or audit.until, audit.until
    edges = {"since": format_utc(since), "until": format_utc(until)}
    for day in days_of(since.date(), until.date()):
        for table, index, instant in (
            (BOOKINGS, "confirmedByDay", "confirmedAt"),
            (RECORDS, "byDay", "bookingDate"),
        ):
            yield Stretch(
                table=table,
                index=index,
                where=Condition(
                    expression=f"#confirmedDay = :day AND #{instant} BETWEEN :since AND :until",
                    values={"day": day.isoformat(), **edges},
                ),
            )


def days_of(first: date, last: date) -> Iterator[date]:
    """Yield the dates from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@final
class AuditPass:
    """Carries a run on, from where it stands to its end or until its time is up."""

    def __init__(self, store: Store, audits: Audits) -> None:
        """Read from ``store``, save progress among the ``audits``."""
        self._store = store
        self._audits = audits

    def carry_on(self, audit: Audit, *, seconds_left: Callable[[], float]) -> Audit | None:
        """Return the run with every row judged, or as far as the time allowed; ``None`` if another worker has it.

        The returned run has no ``position`` when all its rows have been judged.
        """
        stretches = stretches_of(audit)
        judged: set[str] = set()
        saved_at = time.monotonic()
        while audit.stretch < len(stretches):
            stretch = stretches[audit.stretch]
            page = self._page(stretch, audit)
            audit = self._judged(audit, stretch, page.items, judged)
            audit = (
                replace(audit, position=page.next_key)
                if page.next_key
                else replace(audit, stretch=audit.stretch + 1, position=None)
            )
            is_last = seconds_left() <= 0
            if is_last or time.monotonic() - saved_at >= SAVED_EVERY_SECONDS:
                saved = self._audits.save(audit)
                if saved is None or is_last:
                    return saved
                audit, saved_at = saved, time.monotonic()
        return audit

    def judge_again(self, booking_ids: Sequence[str]) -> Findings:
        """Return what is wrong with some bookings, read strongly on both sides."""
        found = Findings()
        for ids in _batches(sorted(booking_ids)):
            bookings, records = self._read(BOOKINGS, ids), self._read(RECORDS, ids)
            found |= judge(bookings, records)
        return found

    def _page(self, stretch: Stretch, audit: Audit) -> Page:
        if stretch.where is None:
            return self._store.scan(stretch.table, start=audit.position)
        return self._store.query(stretch.table, index=stretch.index, where=stretch.where, start=audit.position)

    def _judged(self, audit: Audit, stretch: Stretch, rows: Sequence[Item], judged: set[str]) -> Audit:
        if audit.scope is AuditScope.WHOLE_TABLES:
            audit = audit.naming_malformed(_unreadable(stretch.table, rows))
        if stretch.table == BOOKINGS:
            rows = [row for row in rows if _is_judged_by(audit, row)]
        rows = [row for row in rows if row.get("isTest") is not True and str(row["bookingId"]) not in judged]
        other = RECORDS if stretch.table == BOOKINGS else BOOKINGS
        for batch in _batches(rows):
            ids = [str(row["bookingId"]) for row in batch]
            partners = self._read(other, ids)
            bookings, records = (batch, partners) if stretch.table == BOOKINGS else (partners, batch)
            suspect = judge(bookings, records).keys
            if suspect:
                audit = audit.finding(self.judge_again(list(suspect)))
            if stretch.table == BOOKINGS:
                audit = audit.counting(_sums(bookings, records))
            judged.update(ids)
        return audit

    def _read(self, table: str, booking_ids: Sequence[str]) -> list[Item]:
        items = self._store.batch_get([(table, {"bookingId": booking_id}) for booking_id in booking_ids])
        return [item for item in items if item is not None]


def _is_judged_by(audit: Audit, booking: Item) -> bool:
    confirmed_at = booking.get("confirmedAt")
    in_time = not isinstance(confirmed_at, str) or confirmed_at <= format_utc(audit.until)
    return ever_confirmed(booking) and in_time


def _sums(bookings: Sequence[Item], records: Sequence[Item]) -> dict[str, Sums]:
    amounts = {record["bookingId"]: _rupiah(record.get("commissionAmount")) for record in records}
    sums: dict[str, Sums] = {}
    for booking in bookings:
        source = str(booking.get("source"))
        sums[source] = sums.get(source, Sums()) + Sums(
            bookings=1,
            amount=_rupiah(booking.get("price")),
            commission=amounts.get(booking["bookingId"], 0),
        )
    return sums


def _rupiah(value: object) -> int:
    return value if type(value) is int else 0


def _unreadable(table: str, rows: Sequence[Item]) -> list[str]:
    kind: Any = Booking if table == BOOKINGS else Commission
    found: list[str] = []
    for row in rows:
        try:
            from_record(kind, row)
        except MalformedRecord as malformed:
            found.append(str(row["bookingId"]))
            count("MalformedRows")
            report(
                "malformed row found by the audit",
                category=Category.PAYMENT,
                severity=Severity.ERROR,
                code="malformed_row",
                table=table,
                attribute=malformed.attribute,
                key=str(row["bookingId"]),
            )
    return found


def _batches[Entry](entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for first in range(0, len(entries), BATCH_GET_LIMIT):
        yield entries[first : first + BATCH_GET_LIMIT]
