"""Every minute: write down which bookings have run out of time, free what they held, and say so.

Nothing depends on it being on time: past its deadline a booking cannot be accepted and is shown as
expired anyway. Each booking is its own transaction under its own condition, so two sweeps at once, or
one that was cut off, do no harm; what is left over is found by the next.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from marketplace import bootstrap
from marketplace.booking.model import Booking
from marketplace.booking.repository import SHARDS
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.records import MalformedRecord
from marketplace.platform.refusals import NotFound, Refusal, ServiceUnavailable
from marketplace.platform.resilience import map_parallel, seconds_left
from marketplace.platform.runtime.observability import Category, MetricUnit, Severity, count, count_any, logger, report

CATEGORY: Final = Category.BOOKING
SIDE_BY_SIDE: Final = 8
STOP_WITH_SECONDS_LEFT: Final = 5.0
_PLENTY: Final = 1_000.0


class Outcome(StrEnum):
    """What a sweep made of a booking that was due."""

    EXPIRED = "expired"
    ANSWERED = "answered"
    FAILED = "failed"
    LEFT = "left"
    """For the next sweep."""


@triggered(CATEGORY)
def lambda_handler(_: Event) -> dict[str, Any]:
    """Expire what is due, as far as the invocation's time allows: the present time decides, not the event's."""
    now = utc_now()
    outcomes = Counter(map_parallel(lambda booking_id: _expire(booking_id, now), _due(now), at_once=SIDE_BY_SIDE))
    due, expired = outcomes.total(), outcomes[Outcome.EXPIRED]
    count_any("BookingsExpired", expired)
    count_any("BookingsLeftForNextSweep", outcomes[Outcome.LEFT])
    count("SweepSeconds", (utc_now() - now).total_seconds(), MetricUnit.Seconds)
    logger().info(
        "sweep finished", extra={"due": due, **{outcome.value: number for outcome, number in outcomes.items()}}
    )
    return {"due": due, "expired": expired}


def _due(now: datetime) -> Iterator[str]:
    """Yield what is due, shard by shard; a shard that cannot be read now is left to the next sweep."""
    for shard in range(SHARDS):
        try:
            yield from bootstrap.bookings().find_due(shard, now)
        except ServiceUnavailable:
            logger().warning("shard not read, the next sweep goes on", extra={"shard": shard})


def _expire(booking_id: str, now: datetime) -> Outcome:
    """Expire one booking; whatever is wrong with it must not hold up the others."""
    if seconds_left(_PLENTY) < STOP_WITH_SECONDS_LEFT:
        return Outcome.LEFT
    try:
        expired = bootstrap.booking_commands().expire(booking_id, now=now)
    except ServiceUnavailable:
        return Outcome.LEFT
    except Refusal as refusal:
        logger().info("booking not expired", extra={"booking_id": booking_id, "code": refusal.code})
        return Outcome.ANSWERED
    except Exception as error:  # noqa: BLE001 - one row must not hold up those behind it
        report(
            "booking cannot be expired",
            category=CATEGORY,
            severity=Severity.ERROR,
            code="malformed_row" if isinstance(error, MalformedRecord) else "booking_not_expired",
            error=error,
            booking_id=booking_id,
        )
        return Outcome.FAILED
    _count_missed(expired.booking, now)
    return Outcome.EXPIRED


def _count_missed(booking: Booking, now: datetime) -> None:
    """Count the offer for admins, and judge its therapist; what is lost now and then holds up nothing."""
    try:
        bootstrap.presence().missed_offer(booking.therapist_id)
        if bootstrap.missed_offers().judge(booking, now):
            count("TherapistsTakenOffline")
    except (ServiceUnavailable, NotFound):
        logger().warning("missed offer not counted", extra={"therapist_id": booking.therapist_id})
