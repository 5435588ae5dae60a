"""Wiring of what reaches people and other systems: notices, sockets, channels and webhooks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.bootstrap._clients import provider_client, secret
from marketplace.platform.resilience import Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from marketplace.notification.business_events import BusinessEvents
    from marketplace.notification.channels.model import Gateway
    from marketplace.notification.channels.push_subscriptions import PushSubscriptions
    from marketplace.notification.delivery import Channel
    from marketplace.notification.delivery_repository import Deliveries, DeliveryQueues
    from marketplace.notification.repository import Notices
    from marketplace.notification.webhooks.repository import WebhookDeliveries, Webhooks
    from marketplace.platform.aws.sockets import Sockets
    from marketplace.services.notification.contacts import Contacts
    from marketplace.services.notification.delivery import Delivery
    from marketplace.services.notification.notices import Rings
    from marketplace.services.notification.reach import Reach
    from marketplace.services.notification.reach_planning import ReachPlanner
    from marketplace.services.notification.webhook_news import WebhookNews
    from marketplace.services.notification.webhook_sending import WebhookSender
    from marketplace.services.notification.webhooks import WebhookCommands, WebhookPlanner


@cache
def rings() -> Rings:
    """Return the rings of offers that stand."""
    from marketplace.services.notification.notices import Rings

    return Rings(bootstrap.store(), bootstrap.bookings())


@cache
def notices() -> Notices:
    """Return the notifications."""
    from marketplace.notification.repository import Notices

    return Notices(bootstrap.store())


@cache
def sockets() -> Sockets:
    """Return the open sockets as the gateway knows them."""
    from marketplace.platform.aws.sockets import Sockets

    return Sockets(bootstrap.client("apigatewaymanagementapi", settings().websocket_management_url))


@cache
def delivery() -> Delivery:
    """Return the way to connected people."""
    from marketplace.services.notification.delivery import Delivery

    return Delivery(
        connections=bootstrap.connections(), chat_windows=bootstrap.chat_windows(), sockets=bootstrap.sockets()
    )


@cache
def business_events() -> BusinessEvents:
    """Return the event bus."""
    from marketplace.notification.business_events import BusinessEvents

    return BusinessEvents(Dependency("events", bootstrap.client("events")), settings().event_bus_name)


@cache
def deliveries() -> Deliveries:
    """Return every delivery."""
    from marketplace.notification.delivery_repository import Deliveries

    return Deliveries(bootstrap.store())


@cache
def delivery_queues() -> DeliveryQueues:
    """Return the queues of the channels."""
    from marketplace.notification.delivery_repository import DeliveryQueues
    from marketplace.notification.reach_settings import reach_settings

    return DeliveryQueues(Dependency("sqs", bootstrap.client("sqs")), reach_settings().queues)


@cache
def gateway(channel: Channel) -> Gateway | None:
    """Return the provider of a channel, nothing where the channel is off."""
    from marketplace.notification.delivery import Channel
    from marketplace.notification.reach_settings import reach_settings

    reach = reach_settings()
    if channel is Channel.WHATS_APP and reach.whats_app_number_id:
        from marketplace.notification.channels.whats_app import WhatsApp

        return WhatsApp(reach.whats_app_api_url, reach.whats_app_number_id, bootstrap.whats_app_token)
    if channel is Channel.SMS and reach.sms_sender:
        from marketplace.notification.channels.sms import Sms

        return Sms(provider_client("sns", reach.sms_api_url), reach.sms_sender)
    if channel is Channel.EMAIL and reach.email_sender:
        from marketplace.notification.channels.email import Email

        return Email(provider_client("sesv2", reach.email_api_url), reach.email_sender)
    if channel is Channel.PUSH and reach.push_secret_id:
        from marketplace.notification.channels.push import Push

        return Push(
            bootstrap.push_subscriptions(), bootstrap.push_key, contact=reach.push_contact, on_laptop=reach.on_laptop
        )
    return None


@cache
def push_key() -> EllipticCurvePrivateKey:
    """Return the key by which push services know us; only where the layer of tokens is."""
    from marketplace.notification.channels.push_keys import key_from
    from marketplace.notification.reach_settings import reach_settings

    return key_from(secret(reach_settings().push_secret_id))


@cache
def push_subscriptions() -> PushSubscriptions:
    """Return everybody's subscriptions to push messages."""
    from marketplace.notification.channels.push_subscriptions import PushSubscriptions

    return PushSubscriptions(bootstrap.store())


@cache
def contacts() -> Contacts:
    """Return how people wish to be reached."""
    from marketplace.notification.preferences import PreferenceBook
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.contacts import Contacts

    return Contacts(
        PreferenceBook(bootstrap.store()), bootstrap.push_subscriptions(), on_laptop=reach_settings().on_laptop
    )


@cache
def webhooks() -> Webhooks:
    """Return the webhooks of other systems."""
    from marketplace.notification.webhooks.repository import Webhooks

    return Webhooks(bootstrap.store())


@cache
def webhook_deliveries() -> WebhookDeliveries:
    """Return what webhooks are told."""
    from marketplace.notification.webhooks.repository import WebhookDeliveries

    return WebhookDeliveries(bootstrap.store())


@cache
def webhook_commands() -> WebhookCommands:
    """Return what staff do with webhooks."""
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.webhooks import WebhookCommands

    return WebhookCommands(
        bootstrap.store(), bootstrap.webhooks(), bootstrap.webhook_deliveries(), on_laptop=reach_settings().on_laptop
    )


@cache
def webhook_planner() -> WebhookPlanner:
    """Return what plans telling other systems of events."""
    from marketplace.services.notification.webhooks import WebhookPlanner

    return WebhookPlanner(bootstrap.webhooks(), bootstrap.webhook_deliveries())


@cache
def webhook_news() -> WebhookNews:
    """Return what other systems are told of."""
    from marketplace.services.notification.webhook_news import WebhookNews

    return WebhookNews(webhook_planner(), bootstrap.reviews())


@cache
def webhook_sender() -> WebhookSender:
    """Return what tells other systems."""
    from marketplace.notification.reach_settings import reach_settings
    from marketplace.services.notification.webhook_sending import WebhookQueue, WebhookSender

    queue = WebhookQueue(Dependency("sqs", bootstrap.client("sqs")), reach_settings().webhook_queue)
    return WebhookSender(
        bootstrap.store(),
        bootstrap.webhooks(),
        bootstrap.webhook_deliveries(),
        queue,
        on_laptop=reach_settings().on_laptop,
    )


@cache
def reach_planner() -> ReachPlanner:
    """Return what plans messages to people who are not looking."""
    from marketplace.services.notification.reach_planning import ReachPlanner

    return ReachPlanner(bootstrap.deliveries(), bootstrap.bookings())


@cache
def whats_app_token() -> str:
    """Return the access token of the WhatsApp number."""
    from marketplace.notification.reach_settings import reach_settings

    return secret(reach_settings().whats_app_secret_id)


@cache
def reach() -> Reach:
    """Return the way of deliveries to people."""
    from marketplace.services.notification.occasions import Occasions
    from marketplace.services.notification.reach import Reach

    return Reach(
        bootstrap.store(),
        bootstrap.deliveries(),
        bootstrap.delivery_queues(),
        Occasions(
            bootstrap.store(), bootstrap.sealing_key, lambda user_id: bootstrap.user_pool().verified_email_of(user_id)
        ),
        bootstrap.gateway,
    )
