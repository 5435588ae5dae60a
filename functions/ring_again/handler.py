"""Every minute: ring once more at therapists who have not answered an offer for 5, 10 or 13 minutes.

A ring is a notification under a key that follows from the offer and the step, written only while the offer
stands; so two runs at once ring once, and the stream brings it to the therapist like any other.
"""

from typing import Any, Final

from marketplace import bootstrap
from marketplace.booking.repository import SHARDS
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, begin_invocation, count, finish_invocation, logger
from marketplace.platform.resilience import keep_invocation_deadline

CATEGORY: Final = Category.BOOKING


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Ring where a ring is due; the clock decides, not the event."""
    del event
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    now = utc_now()
    try:
        offers = [offer for shard in range(SHARDS) for offer in bootstrap.bookings().find_offers(shard, now)]
        rung = sum(bootstrap.notices().ring(offer, now) for offer in offers)
        count("OffersRungAgain", rung)
        logger().info("rings finished", extra={"offers": len(offers), "rung": rung})
    finally:
        finish_invocation()
    return {"offers": len(offers), "rung": rung}
