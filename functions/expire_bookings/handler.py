"""Every minute: write down which bookings have run out of time, free what they held, and say so.

Nothing depends on it being on time: past its deadline a booking cannot be accepted and is shown as
expired anyway. Each booking is its own transaction under its own condition, so two sweeps at once, or
one that was cut off, do no harm; what is left over is found by the next.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

from marketplace import bootstrap
from marketplace.clock import utc_now
from marketplace.domain.refusals import Refusal
from marketplace.edge.runtime import Context, Event
from marketplace.observability import (
    Category,
    MetricUnit,
    Severity,
    begin_invocation,
    count,
    finish_invocation,
    logger,
    report,
)
from marketplace.resilience import keep_invocation_deadline, seconds_left
from marketplace.storage.bookings import SHARDS, Step
from marketplace.storage.records import MalformedRecord

SIDE_BY_SIDE: Final = 8
STOP_WITH_SECONDS_LEFT: Final = 5.0
_PLENTY: Final = 1_000.0


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Expire what is due, as far as the invocation's time allows; the clock decides, not the event."""
    del event
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    now = utc_now()
    try:
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            outcomes = list(pool.map(lambda booking_id: _expire(booking_id, now), _due(now)))
        expired = sum(outcomes)
        count("BookingsExpired", expired)
        count("SweepSeconds", (utc_now() - now).total_seconds(), MetricUnit.Seconds)
        logger().info("sweep finished", extra={"due": len(outcomes), "expired": expired})
    finally:
        finish_invocation()
    return {"due": len(outcomes), "expired": expired}


def _due(now: datetime) -> Iterator[str]:
    for shard in range(SHARDS):
        for booking_id in bootstrap.bookings().find_due(shard, now):
            if seconds_left(_PLENTY) < STOP_WITH_SECONDS_LEFT:
                logger().warning("sweep stops for now, the next one goes on")
                return
            yield booking_id


def _expire(booking_id: str, now: datetime) -> bool:
    """Expire one booking; say whether it was this sweep that did."""
    try:
        bootstrap.bookings().change(booking_id, lambda file: Step(booking=file.booking.expire(now=now)), now=now)
    except MalformedRecord as error:
        report(
            "booking cannot be expired",
            category=Category.BOOKING,
            severity=Severity.ERROR,
            code="malformed_row",
            error=error,
            booking_id=booking_id,
        )
        return False
    except Refusal as refusal:
        logger().info("booking not expired", extra={"booking_id": booking_id, "code": refusal.code})
        return False
    return True
