"""What a sweep of due bookings asks of DynamoDB, in tables with few and with many bookings that are not due.

    python -m bench.expiry --due 10000 --others 100 90000

The handler itself sweeps tables in memory; calls are counted, and its seconds are CPU of this machine without any
network. So the calls say what DynamoDB would be asked for: index pages, and a read, a transaction and a therapist's
count of missed offers for each booking that is due.
"""

import contextlib
import io
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from bench.starts import environment
from marketplace import bootstrap
from marketplace.booking.holds import requests_key
from marketplace.booking.model import BookingStatus
from marketplace.booking.opening import open_request
from marketplace.booking.repository import booking_record
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.identifiers import room_id
from marketplace.platform.resilience import Dependency
from tests.events import Invocation
from tests.offers import OFFER
from tests.tables_in_memory import MemoryDynamoDB
from tools.command_line import OneLineParser

PREFIX: Final = "bench-"


class CountingTables:
    """Tables in memory that count what is asked of them."""

    def __init__(self) -> None:
        """Start empty."""
        self.memory = MemoryDynamoDB(PREFIX)
        self.calls: Counter[str] = Counter()

    def put(self, table: str, item: Mapping[str, object]) -> None:
        """Put a row without counting it."""
        self.memory.tables[PREFIX + table].put(to_item(item))

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation of a client
        """Return an operation that counts itself."""
        act = getattr(self.memory, operation)

        def counted(**request: Any) -> Any:  # noqa: ANN401 - as botocore takes and answers it
            self.calls[operation] += 1
            return act(**request)

        return counted


def filled(due: int, others: int) -> CountingTables:
    """Return tables with so many pending bookings past their deadline, and completed ones beside them."""
    tables = CountingTables()
    now = datetime.now(UTC).replace(microsecond=0)
    past = now - timedelta(hours=1)
    holds: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(due + others):
        is_due = number < due
        booking_id = f"b-{number:026d}"
        booking = replace(
            OFFER,
            booking_id=booking_id,
            therapist_id=f"t-{number % 500}",
            chat_room_id=room_id(booking_id),
            status=BookingStatus.PENDING if is_due else BookingStatus.COMPLETED,
            created_at=past,
            updated_at=past,
            offered_at=past,
            response_deadline=past + timedelta(minutes=15),
            completed_at=None if is_due else past,
            customer_whats_app=f"+62812{number:08d}",
        )
        hold = booking.hold()
        if hold is not None:  # what a pending booking holds, so that the sweep finds it to give back
            booking = replace(booking, held_days=tuple(day.isoformat() for day in hold.days))
            for day in hold.days:
                sheet = holds.setdefault((booking.therapist_id, day.isoformat()), {})
                sheet[booking_id] = to_record(hold)
            requests = {booking_id: to_record(open_request(booking))}
            tables.put("claims", {**requests_key(booking.customer_whats_app), "requests": requests, "version": 1})
        tables.put("bookings", booking_record(booking))
    for (therapist_id, held_day), sheet in holds.items():
        tables.put("calendar", {"therapistId": therapist_id, "day": held_day, "holds": sheet, "version": 1})
    return tables


def sweep(tables: CountingTables) -> tuple[dict[str, Any], float]:
    """Let the handler expire what is due; return its answer and the seconds of CPU that it took."""
    os.environ |= environment()
    store = Store(Dependency("dynamodb", tables), PREFIX)
    bootstrap.store = lambda: store  # type: ignore[assignment]
    for made in (bootstrap.bookings, bootstrap.rooms, bootstrap.presence):
        made.cache_clear()
    handler = import_module("functions.expire_bookings.handler")
    before = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        answer = handler.lambda_handler({}, Invocation(remaining_milliseconds=900_000))
    return answer, time.process_time() - before


def report(due: int, sizes: list[int]) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    yield "| due | beside them | expired | queries | reads | transactions | other writes | ms of CPU a booking |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for others in sizes:
        tables = filled(due, others)
        answer, seconds = sweep(tables)
        calls = tables.calls
        yield (
            f"| {due:,} | {others:,} | {answer['expired']:,} | {calls['query']:,} | {calls['batch_get_item']:,} "
            f"| {calls['transact_write_items']:,} | {calls['update_item'] + calls['put_item']:,} "
            f"| {seconds / due * 1000:.2f} |"
        )


def main() -> None:
    """Print what sweeps cost."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--due", type=int, default=2_000)
    options.add_argument("--others", type=int, nargs="+", default=[100, 20_000])
    asked = options.parse_args()
    print("\n".join(report(asked.due, asked.others)))


if __name__ == "__main__":
    main()
