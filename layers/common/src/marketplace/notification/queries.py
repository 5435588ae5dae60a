"""The query strings of notifications and deliveries."""

from typing import Annotated, final

from marketplace.notification.delivery import Channel, DeliveryStatus
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible
from marketplace.platform.api.text import Id


@final
class NotificationsQuery(PageQuery):
    """The caller's notifications, newest first."""


@final
class DeliveriesQuery(PageQuery):
    """Messages to people, newest first."""

    booking_id: Omissible[Id] = None
    status: Omissible[Annotated[DeliveryStatus, Lax]] = None
    channel: Omissible[Annotated[Channel, Lax]] = None
