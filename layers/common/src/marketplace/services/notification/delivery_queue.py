"""Sending what a channel's queue brings: the same work for every channel, for each has a function of its own."""

from collections.abc import Callable
from typing import Any, Final

from marketplace.notification.delivery_repository import Ticket
from marketplace.platform.api.invocation import Event
from marketplace.platform.clock import utc_now
from marketplace.platform.resilience import map_parallel
from marketplace.platform.runtime.observability import Category, Severity, report
from marketplace.services.notification.reach import Reach

_AT_ONCE: Final = 5


def send_batch(event: Event, reach: Callable[[], Reach]) -> dict[str, Any]:
    """Make one try of each delivery of a batch; those that could not be judged are brought again, the others not."""

    def failed(record: Any) -> str | None:  # noqa: ANN401 - a message of SQS
        try:
            reach().send(Ticket.read(str(record["body"])), utc_now())
        except Exception as error:  # noqa: BLE001 - one message must not hold up the others; the queue counts its tries
            report(
                "delivery not judged",
                category=Category.BOOKING,
                severity=Severity.ERROR,
                code="delivery_not_judged",
                error=error,
            )
            return str(record["messageId"])
        return None

    failures = [each for each in map_parallel(failed, event["Records"], at_once=_AT_ONCE) if each is not None]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}
