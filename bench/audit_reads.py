"""How many read units an incremental audit costs beside a full one, over books of any size.

    python -m bench.audit_reads --bookings 1000000 --changed 10000

The audit's own code runs against a stand-in for DynamoDB that makes each row up when it is read and counts
read units as the service does: half a unit per 4 KB of a page that is read eventually consistently, one per
4 KB of each item that is read strongly.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html.
"""

import json
import time
from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final, final

from marketplace.booking.model import Booking, BookingStatus, BookingType, Source, offers
from marketplace.booking.repository import booking_record
from marketplace.catalogue.therapist.model import TherapistType
from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_record
from marketplace.operations.reconciliation.audit_pass import AuditPass
from marketplace.operations.reconciliation.model import Audit, AuditScope
from marketplace.operations.reconciliation.repository import Audits
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.attribute_values import Item, to_item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.identifiers import room_id
from marketplace.platform.resilience import Dependency
from tools.command_line import OneLineParser

FIRST_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
PAGE_BYTES: Final = 1_000_000
UNIT_BYTES: Final = 4_096
INDEXED: Final = frozenset(
    {
        "bookingId",
        "confirmedDay",
        "confirmedAt",
        "price",
        "commissionRateBps",
        "therapistId",
        "source",
        "status",
        "isTest",
    }
)
"""What the index of confirmed bookings holds of each."""


@final
@dataclass(frozen=True)
class Books:
    """So many confirmed bookings in a year, one after the other, each with its record."""

    bookings: int

    @cached_property
    def model(self) -> tuple[Item, Item]:
        """One booking and its record, of which all others differ in id and time alone."""
        therapist = Caller(user_id="t-ayu", role=Role.THERAPIST)
        booking = offers.accept(
            Booking(
                booking_id="b-" + "0" * 26,
                therapist_id=therapist.user_id,
                therapist_name="Ayu Lestari",
                therapist_type=TherapistType.THERAPIST,
                customer_id="g-" + "0" * 26,
                customer_name="Wayan Sudarma",
                customer_whats_app="+6281234567890",
                duration=90,
                list_price=350_000,
                price=350_000,
                discount=0,
                commission_rate_bps=3_000,
                status=BookingStatus.PENDING,
                created_at=FIRST_DAY,
                updated_at=FIRST_DAY,
                response_deadline=FIRST_DAY + timedelta(minutes=15),
                booking_type=BookingType.IMMEDIATE,
                source=Source.DIRECT,
                chat_room_id=room_id("b-" + "0" * 26),
                buffer_minutes=15,
                time_zone="Asia/Makassar",
                offered_at=FIRST_DAY,
            ),
            by=therapist,
            now=FIRST_DAY,
        )
        record = Commission.owed_for(replace(booking), due_days=7)
        return booking_record(booking), commission_record(record)

    def confirmed_at(self, number: int) -> datetime:
        """Return when a booking was confirmed."""
        return FIRST_DAY + timedelta(milliseconds=number * 365 * 86_400_000 // self.bookings)

    def first_after(self, instant: datetime) -> int:
        """Return the first booking that was confirmed at or after an instant."""
        milliseconds = (instant - FIRST_DAY) // timedelta(milliseconds=1)
        number = max(0, milliseconds * self.bookings // (365 * 86_400_000))
        while number < self.bookings and self.confirmed_at(number) < instant:
            number += 1
        return min(number, self.bookings)

    def row(self, table: str, number: int) -> Item:
        """Return a row as the table holds it."""
        at = format_utc(self.confirmed_at(number))
        booking, record = self.model
        if table.endswith("bookings"):
            return {**booking, "bookingId": _id(number), "confirmedAt": at, "confirmedDay": at[:10]}
        return {**record, "bookingId": _id(number), "bookingDate": at, "confirmedDay": at[:10]}


@final
class CountingTables:
    """The operations of DynamoDB that an audit uses, on made-up rows."""

    def __init__(self, books: Books) -> None:
        """Serve rows of ``books``."""
        self._books = books
        self._runs: dict[str, Any] = {}
        self.units = 0.0
        self.rows = 0

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes it
        """Read a page of an index by day."""
        if request["TableName"].endswith("audit_runs"):
            return {"Items": []}
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        day = date.fromisoformat(values[":day"])
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
        first = max(begins, datetime.fromisoformat(values[":since"]))
        last = min(begins + timedelta(days=1), datetime.fromisoformat(values[":until"]) + timedelta(milliseconds=1))
        numbers = range(self._books.first_after(first), self._books.first_after(last))
        return self._page(request, numbers, only=INDEXED if request["TableName"].endswith("bookings") else None)

    def scan(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes it
        """Read a page of a table."""
        return self._page(request, range(self._books.bookings), only=None)

    def batch_get_item(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes it
        """Read items by key, strongly."""
        found = {}
        for table, asked in request["RequestItems"].items():
            rows = [self._books.row(table, int(key["bookingId"]["S"][2:])) for key in asked["Keys"]]
            self.units += sum(-(-_size(row) // UNIT_BYTES) for row in rows)
            self.rows += len(rows)
            found[table] = [to_item(row) for row in rows]
        return {"Responses": found}

    def update_item(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes it
        """Take what the run writes down about its progress."""
        return {}

    def _page(self, request: Mapping[str, Any], numbers: range, *, only: frozenset[str] | None) -> dict[str, Any]:
        start = request.get("ExclusiveStartKey")
        first = int(start["bookingId"]["S"][2:]) + 1 if start else numbers.start
        taken, size = [], 0
        for row in self._rows(request["TableName"], range(first, numbers.stop), only):
            taken.append(row)
            size += _size(row)
            if size >= PAGE_BYTES:
                break
        self.units += -(-size // UNIT_BYTES) / 2
        self.rows += len(taken)
        is_last = first + len(taken) >= numbers.stop
        return {
            "Items": [to_item(row) for row in taken],
            **({} if is_last else {"LastEvaluatedKey": to_item({"bookingId": taken[-1]["bookingId"]})}),
        }

    def _rows(self, table: str, numbers: range, only: frozenset[str] | None) -> Iterator[Item]:
        for number in numbers:
            row = self._books.row(table, number)
            yield row if only is None else {name: value for name, value in row.items() if name in only}


def _id(number: int) -> str:
    return f"b-{number:026d}"


def _size(row: Item) -> int:
    return len(json.dumps(row, separators=(",", ":")))


def measured(books: Books, audit: Audit) -> tuple[float, int, float]:
    """Return read units, rows and seconds of one audit."""
    tables = CountingTables(books)
    store = Store(Dependency("dynamodb", tables), "bench-")
    started = time.monotonic()
    done = AuditPass(store, Audits(store)).carry_on(audit, seconds_left=lambda: 1.0)
    if done is None or done.findings or done.malformed:
        message = "the books of the benchmark are right, and the audit says otherwise"
        raise RuntimeError(message)
    return tables.units, done.audited_bookings, time.monotonic() - started


def report(*, bookings: int, changed: int) -> Iterator[str]:
    """Yield what both audits cost, and the ratio, as lines of Markdown."""
    books = Books(bookings)
    until = FIRST_DAY + timedelta(days=365)
    since = books.confirmed_at(bookings - changed)
    new = Audit(
        audit_id="a-new",
        started_at=until,
        full=False,
        scope=AuditScope.SINCE_WATERMARK,
        since=since,
        until=until,
    )
    full = Audit(audit_id="a-full", started_at=until, full=True, scope=AuditScope.WHOLE_TABLES, until=until)
    units_new, audited_new, seconds_new = measured(books, new)
    units_full, audited_full, seconds_full = measured(books, full)
    yield "| audit | bookings | read units | seconds here |"
    yield "|---|---:|---:|---:|"
    yield f"| of what changed | {audited_new:,} | {units_new:,.1f} | {seconds_new:.1f} |"
    yield f"| full | {audited_full:,} | {units_full:,.1f} | {seconds_full:.1f} |"
    yield ""
    yield f"{units_new / units_full:.2%} of the reads for {changed / bookings:.2%} of the bookings."


def main() -> None:
    """Print what both audits cost, and the ratio."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--bookings", type=int, default=50_000)
    options.add_argument("--changed", type=int, default=500)
    asked = options.parse_args()
    print("\n".join(report(bookings=asked.bookings, changed=asked.changed)))


if __name__ == "__main__":
    main()
