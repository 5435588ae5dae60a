"""Every minute: ring once more at therapists who have not answered an offer for 5, 10 or 13 minutes.

A ring is a notification under a key that follows from the offer and the step, written only while the offer
stands; so two runs at once ring once, and the stream brings it to the therapist like any other.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import begin_invocation, count, finish_invocation, logger
from marketplace.platform.resilience import keep_invocation_deadline


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Ring where a ring is due; the clock decides, not the event."""
    del event
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    now = utc_now()
    try:
        offers, rung = bootstrap.rings().ring_all(now)
        count("OffersRungAgain", rung)
        logger().info("rings finished", extra={"offers": offers, "rung": rung})
    finally:
        finish_invocation()
    return {"offers": offers, "rung": rung}
