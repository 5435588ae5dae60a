"""What the logs of every other function say of errors, recorded and counted.

Functions only log; the subscription of their log groups brings error lines, time-outs and crashes here. So no
request waits for its error to be recorded, and an alarm hears of all of them in one metric.
"""

from typing import Any

from marketplace import bootstrap
from marketplace.operations.errors.log_lines import read_delivery
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import (
    Category,
    count,
    count_by,
    logger,
)


@triggered(Category.STORAGE)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Record the errors of one delivery; what is no delivery is noted and dropped, for it would never become one."""
    try:
        delivered = read_delivery(event)
    except ValueError:
        logger().warning("no delivery of log lines")
        return {"recorded": 0}
    recorded = bootstrap.error_log().record(delivered.errors, delivery_id=delivered.delivery_id, now=utc_now())
    count("RecordedErrors", recorded)
    for category in sorted({error.category for error in delivered.errors}):
        of_category = sum(error.category == category for error in delivered.errors)
        count_by("RecordedErrorsByCategory", of_category, category=category)
    return {"recorded": recorded}
