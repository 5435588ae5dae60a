"""What is said of webhooks."""

from typing import TypedDict

from marketplace.notification.webhooks.model import Webhook, WebhookDelivery, WebhookDeliveryStatus
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc, format_utc_or_none


class WebhookView(TypedDict):
    """Where another system listens, and to what."""

    webhookId: str
    url: str
    events: list[str]
    active: bool
    createdAt: Time
    failingSince: Time | None
    """Since when nothing has been taken; null while all is well."""
    switchedOffAt: Time | None
    """When it had failed for three days."""


class AddedWebhook(WebhookView):
    """A new webhook, with the secret that is shown this once."""

    secret: str
    """``whsec_`` and base64: what signatures are checked with."""


class RemovedWebhook(TypedDict):
    """A webhook that is told nothing more."""

    webhookId: str


class WebhookDeliveryView(TypedDict):
    """One event told to one webhook."""

    deliveryId: str
    webhookId: str
    eventId: str
    """The ``webhook-id`` of every try."""
    event: str
    bookingId: str | None
    status: WebhookDeliveryStatus
    attempts: int
    responseStatus: int | None
    reason: str | None
    at: Time
    """Of its latest change."""


def webhook_view(webhook: Webhook) -> WebhookView:
    """Return a webhook without its secret."""
    return {
        "webhookId": webhook.webhook_id,
        "url": webhook.url,
        "events": list(webhook.events),
        "active": webhook.active,
        "createdAt": format_utc(webhook.created_at),
        "failingSince": format_utc_or_none(webhook.failing_since),
        "switchedOffAt": format_utc_or_none(webhook.switched_off_at),
    }


def webhook_delivery_view(delivery: WebhookDelivery) -> WebhookDeliveryView:
    """Return what a webhook was told, and how that came out."""
    return {
        "deliveryId": delivery.delivery_id,
        "webhookId": delivery.webhook_id,
        "eventId": delivery.event_id,
        "event": delivery.event,
        "bookingId": delivery.booking_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "responseStatus": delivery.response_status,
        "reason": delivery.reason,
        "at": format_utc(delivery.updated_at),
    }
