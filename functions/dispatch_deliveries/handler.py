"""Brings deliveries to the queue of their channel: new ones by the table's stream, later ones by a sweep each minute.

Nothing depends on either being on time or alone: a delivery that is brought twice is sent once, and one that was
missed stays due.
"""

from collections.abc import Mapping
from typing import Any, Final

from marketplace import bootstrap
from marketplace.notification.delivery import Delivery
from marketplace.notification.webhooks.model import WebhookDelivery
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.attribute_values import from_item
from marketplace.platform.dynamodb.records import MalformedRecord, from_record
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, count_any, logger, report

CATEGORY: Final = Category.BOOKING


@triggered(CATEGORY)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Bring what is new, or what is due."""
    return _follow(event) if "Records" in event else _sweep()


def _sweep() -> dict[str, Any]:
    now = utc_now()
    due, brought = bootstrap.reach().dispatch_due(now)
    brought += bootstrap.webhook_sender().dispatch_due(now)
    count_any("DeliveriesDue", due)
    logger().info("deliveries swept", extra={"due": due, "brought": brought})
    return {"due": due, "brought": brought}


def _follow(event: Event) -> dict[str, Any]:
    for record in event["Records"]:
        try:
            _bring(record)
        except ServiceUnavailable:  # the stream brings the rest again, and the sweep finds it anyway
            return {"batchItemFailures": [{"itemIdentifier": str(record["dynamodb"]["SequenceNumber"])}]}
    return {"batchItemFailures": []}


def _bring(record: Mapping[str, Any]) -> None:
    image = record["dynamodb"].get("NewImage")
    if image is None:
        return
    try:
        if "webhookId" in image:
            bootstrap.webhook_sender().dispatch(from_record(WebhookDelivery, from_item(image)), utc_now())
        else:
            bootstrap.reach().dispatch(from_record(Delivery, from_item(image)), utc_now())
    except MalformedRecord as error:
        report(
            "malformed delivery left alone",
            category=CATEGORY,
            severity=Severity.ERROR,
            code="malformed_row",
            error=error,
        )
