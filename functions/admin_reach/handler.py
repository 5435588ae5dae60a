"""What admins see of messages to people who are not looking, and the webhooks of other systems."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.notification.contact_responses import DeliveryView, delivery_view
from marketplace.notification.delivery import Delivery
from marketplace.notification.queries import DeliveriesQuery
from marketplace.notification.webhooks.model import WebhookDelivery
from marketplace.notification.webhooks.requests import NewWebhook, WebhookChange, WebhookDeliveriesQuery
from marketplace.notification.webhooks.responses import (
    AddedWebhook,
    RemovedWebhook,
    WebhookDeliveryView,
    WebhookView,
    webhook_delivery_view,
    webhook_view,
)
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OPERATIONS, SUPPORT
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.runtime.observability import Category

api = Api(Category.BOOKING, tag="Administration")


@api.get(
    "/admin/deliveries",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=DeliveriesQuery,
    response=Page[DeliveryView],
    summary="List messages to people, newest first",
    description="Of one booking, or of all: then month by month, back to the oldest that is kept.",
)
def list_deliveries(request: Request, query: DeliveriesQuery) -> Page[DeliveryView]:
    """Return a page of deliveries, newest first."""
    of_list, cursors = f"deliveries:{query.booking_id}:{query.status}:{query.channel}", bootstrap.cursors()
    page = bootstrap.deliveries().find_page(
        booking_id=query.booking_id,
        status=query.status,
        channel=query.channel,
        limit=query.limit,
        position=cursors.open(of_list, query.cursor, request.now),
        now=request.now,
    )
    return {
        "items": [delivery_view(each) for each in readable_records(Delivery, page.items, key="deliveryId")],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


@api.get("/admin/webhooks", roles=ADMINS, duties=OPERATIONS, response=Page[WebhookView], summary="List the webhooks")
def list_webhooks(request: Request) -> Page[WebhookView]:
    """Return every webhook."""
    del request
    return {"items": [webhook_view(each) for each in bootstrap.webhooks().find_all()], "nextCursor": None}


@api.post(
    "/admin/webhooks",
    roles=ADMINS,
    duties=OPERATIONS,
    body=NewWebhook,
    response=AddedWebhook,
    status=HTTPStatus.CREATED,
    summary="Tell another system of events",
    description=(
        "Signed after Standard Webhooks, at least once, in order for each booking; the secret is shown this once. "
        "Addresses are https and public. One that fails for three days is switched off."
    ),
)
def add_webhook(request: Request, body: NewWebhook) -> AddedWebhook:
    """Add a webhook."""
    added = bootstrap.webhook_commands().add(body.url, body.events, by=request.caller, now=request.now)
    return {**webhook_view(added), "secret": added.secret}


@api.patch(
    "/admin/webhooks/{webhookId}",
    roles=ADMINS,
    duties=OPERATIONS,
    body=WebhookChange,
    response=WebhookView,
    summary="Change a webhook",
)
def change_webhook(request: Request, body: WebhookChange) -> WebhookView:
    """Change a webhook."""
    changed = bootstrap.webhook_commands().change(
        request.path("webhookId"),
        url=body.url,
        events=body.events,
        active=body.active,
        by=request.caller,
        now=request.now,
    )
    return webhook_view(changed)


@api.delete(
    "/admin/webhooks/{webhookId}",
    roles=ADMINS,
    duties=OPERATIONS,
    response=RemovedWebhook,
    summary="Remove a webhook",
)
def remove_webhook(request: Request) -> RemovedWebhook:
    """Remove a webhook; again, it stays removed."""
    webhook_id = request.path("webhookId")
    bootstrap.webhook_commands().remove(webhook_id, by=request.caller, now=request.now)
    return {"webhookId": webhook_id}


@api.post(
    "/admin/webhooks/{webhookId}/test",
    roles=ADMINS,
    duties=OPERATIONS,
    response=WebhookDeliveryView,
    summary="Tell a webhook of a test event",
)
def test_webhook(request: Request) -> WebhookDeliveryView:
    """Tell a webhook of a test event, though it is switched off."""
    return webhook_delivery_view(bootstrap.webhook_commands().test(request.path("webhookId"), now=request.now))


@api.get(
    "/admin/webhooks/{webhookId}/deliveries",
    roles=ADMINS,
    duties=OPERATIONS,
    query=WebhookDeliveriesQuery,
    response=Page[WebhookDeliveryView],
    summary="List what a webhook was told, newest first",
)
def list_webhook_deliveries(request: Request, query: WebhookDeliveriesQuery) -> Page[WebhookDeliveryView]:
    """Return a page of what a webhook was told."""
    webhook_id, cursors = request.path("webhookId"), bootstrap.cursors()
    bootstrap.webhook_commands().get(webhook_id)
    of_list = f"webhook-deliveries:{webhook_id}"
    page = bootstrap.webhook_deliveries().find_page(
        webhook_id, limit=query.limit, start=cursors.open(of_list, query.cursor, request.now)
    )
    found = readable_records(WebhookDelivery, page.items, key="deliveryId")
    return {
        "items": [webhook_delivery_view(each) for each in found],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


@api.post(
    "/admin/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
    roles=ADMINS,
    duties=OPERATIONS,
    response=WebhookDeliveryView,
    summary="Tell something once more, under the same id",
)
def replay_webhook_delivery(request: Request) -> WebhookDeliveryView:
    """Tell something once more."""
    again = bootstrap.webhook_commands().replay(request.path("webhookId"), request.path("deliveryId"), now=request.now)
    return webhook_delivery_view(again)


lambda_handler = api.answer
