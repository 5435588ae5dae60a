"""Every minute: ring once more at therapists who have not answered an offer for 5, 10 or 13 minutes.

A ring is a notification under a key that follows from the offer and the step, written only while the offer
stands; so two runs at once ring once, and the stream brings it to the therapist like any other.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.repository import SHARDS
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count, logger


@triggered(Category.BOOKING)
def lambda_handler(_: Event) -> dict[str, Any]:
    """Ring where a ring is due; the clock decides, not the event."""
    now = utc_now()
    offers = [offer for shard in range(SHARDS) for offer in bootstrap.bookings().find_offers(shard, now)]
    rung = sum(bootstrap.notices().ring(offer, now) for offer in offers)
    count("OffersRungAgain", rung)
    logger().info("rings finished", extra={"offers": len(offers), "rung": rung})
    return {"offers": len(offers), "rung": rung}
