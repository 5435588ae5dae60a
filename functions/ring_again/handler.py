"""Every minute: ring once more at therapists who have not answered an offer for 5, 10 or 13 minutes.

A ring is a notification under a key that follows from the offer and the step, written only while the offer
stands; so two runs at once ring once, and the stream brings it to the therapist like any other.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category, count_any, logger


@triggered(Category.BOOKING)
def lambda_handler(_: Event) -> dict[str, Any]:
    """Ring where a ring is due: the present time decides, not the event's."""
    now = utc_now()
    offers, rung = bootstrap.rings().ring_all(now)
    count_any("OffersRungAgain", rung)
    logger().info("rings finished", extra={"offers": offers, "rung": rung})
    return {"offers": offers, "rung": rung}
