"""Every minute: ask sockets that near the gateway's two hours to reconnect, and forget those that are past them."""

from typing import Any, Final

from marketplace import bootstrap
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, begin_invocation, count, finish_invocation, logger
from marketplace.platform.resilience import keep_invocation_deadline

CATEGORY: Final = Category.CHAT


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Retire what is due; the clock decides, not the event."""
    del event
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    now = utc_now()
    try:
        ageing, over = bootstrap.connections().find_due(now)
        for connection in over:
            bootstrap.delivery().forget(connection)
        told = bootstrap.delivery().reconnect(
            connection for connection in ageing if bootstrap.connections().note_told(connection)
        )
        count("ConnectionsAskedToReconnect", told)
        count("ConnectionsForgotten", len(over))
        logger().info("connections retired", extra={"told": told, "forgotten": len(over)})
    finally:
        finish_invocation()
    return {"told": told, "forgotten": len(over)}
