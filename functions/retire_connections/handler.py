"""Every minute: ask sockets that near the gateway's two hours to reconnect, and forget those that are past them."""

from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category, count_any, logger


@triggered(Category.CHAT)
def lambda_handler(_: Event) -> dict[str, Any]:
    """Retire what is due: the present time decides, not the event's."""
    now = utc_now()
    ageing, over = bootstrap.connections().find_due(now)
    for connection in over:
        bootstrap.delivery().forget(connection)
    told = bootstrap.delivery().reconnect(
        connection for connection in ageing if bootstrap.connections().note_told(connection)
    )
    count_any("ConnectionsAskedToReconnect", told)
    count_any("ConnectionsForgotten", len(over))
    logger().info("connections retired", extra={"told": told, "forgotten": len(over)})
    return {"told": told, "forgotten": len(over)}
