"""Tells other systems what the queue of webhooks brings, one after the other for each booking."""

from typing import Any, Final

from marketplace import bootstrap
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.resilience import map_parallel
from marketplace.platform.runtime.observability import Category, Severity, report
from marketplace.services.notification.webhook_sending import WebhookAttempt

_AT_ONCE: Final = 5


@triggered(Category.BOOKING)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Make one try of each of a batch; those that could not be judged are brought again, the others not."""
    failures = [each for each in map_parallel(_failed, event["Records"], at_once=_AT_ONCE) if each is not None]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}


def _failed(record: Any) -> str | None:  # noqa: ANN401 - a message of SQS
    try:
        bootstrap.webhook_sender().tell(WebhookAttempt.read(str(record["body"])), utc_now())
    except Exception as error:  # noqa: BLE001 - one receiver must not hold up the others; the queue counts its tries
        report(
            "webhook not told",
            category=Category.BOOKING,
            severity=Severity.ERROR,
            code="webhook_not_told",
            error=error,
        )
        return str(record["messageId"])
    return None
