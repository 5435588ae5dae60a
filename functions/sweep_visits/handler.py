"""Every minute: write down what time has made of visits, and look at those that are over.

Nobody closed them, nobody answered a proposal; somebody else is offered them, their place is forgotten.

Nothing depends on it being on time: an expired proposal holds nothing and is shown to nobody. Each booking is its own
transaction under its own condition, so two sweeps at once do no harm; what is left over is found by the next.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from marketplace import bootstrap
from marketplace.booking.repository import SHARDS
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import Refusal, ServiceUnavailable
from marketplace.platform.resilience import map_parallel, seconds_left
from marketplace.platform.runtime.observability import Category, Severity, count_any, logger, report

CATEGORY: Final = Category.BOOKING
SIDE_BY_SIDE: Final = 8
STOP_WITH_SECONDS_LEFT: Final = 5.0
_PLENTY: Final = 1_000.0

type Work = Callable[[], object]


@triggered(CATEGORY)
def lambda_handler(_: Event) -> dict[str, Any]:
    """Do what is due, as far as the invocation's time allows: the present time decides, not the event's."""
    now = utc_now()
    outcomes = Counter(map_parallel(_carried_out, _due(now), at_once=SIDE_BY_SIDE))
    count_any("VisitsSwept", outcomes["done"])
    logger().info("sweep of visits finished", extra=dict(outcomes))
    return {"done": outcomes["done"], "left": outcomes["left"]}


def _due(now: datetime) -> Iterator[tuple[str, Work]]:
    """Yield what is due with the booking that it is about; a shard that cannot be read is left to the next sweep."""
    commands = bootstrap.booking_commands()
    for shard in range(SHARDS):
        try:
            for booking_id, ended_at, version in bootstrap.bookings().find_past_end(shard, now):
                grace = timedelta(minutes=bootstrap.policies().get(version).auto_complete_after_minutes)
                if now >= ended_at + grace:
                    yield booking_id, partial(commands.complete_overdue, booking_id, now=now)
            for booking_id in bootstrap.bookings().find_expired_proposals(shard, now):
                yield booking_id, partial(bootstrap.visit_moves().end_proposal, booking_id, now=now)
            for booking_id in bootstrap.bookings().find_due_afterwards(shard, now):
                yield booking_id, partial(bootstrap.afterwards().look_at, booking_id, now)
        except ServiceUnavailable:
            logger().warning("shard not read, the next sweep goes on", extra={"shard": shard})
    reviews = bootstrap.reviews()
    try:
        for review in reviews.find_to_count(now):
            yield review.booking_id, partial(reviews.count_shown, review, now)
    except ServiceUnavailable:
        logger().warning("reviews not read, the next sweep goes on")


def _carried_out(due: tuple[str, Work]) -> str:
    """Do one thing; whatever is wrong with it must not hold up the others."""
    booking_id, work = due
    if seconds_left(_PLENTY) < STOP_WITH_SECONDS_LEFT:
        return "left"
    try:
        work()
    except ServiceUnavailable:
        return "left"
    except Refusal as refusal:
        logger().info("visit not swept", extra={"booking_id": booking_id, "code": refusal.code})
        return "overtaken"
    except Exception as error:  # noqa: BLE001 - one row must not hold up those behind it
        report(
            "visit cannot be swept",
            category=CATEGORY,
            severity=Severity.ERROR,
            code="visit_not_swept",
            error=error,
            booking_id=booking_id,
        )
        return "failed"
    return "done"
