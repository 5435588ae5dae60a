"""What is said of how people are reached."""

from typing import TypedDict

from marketplace.notification.delivery import Channel, Delivery, DeliveryStatus, Subject, masked
from marketplace.notification.preferences import CHOSEN_CHANNELS, CHOSEN_SUBJECTS, Preferences
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc


class PushKey(TypedDict):
    """The key for ``pushManager.subscribe``."""

    publicKey: str
    """An uncompressed point of P-256 in base64url."""


class AddedPushSubscription(TypedDict):
    """A browser that takes push messages from now on."""

    subscriptionId: str


class ChannelsView(TypedDict):
    """Which channels are on."""

    push: bool
    whatsApp: bool
    email: bool


class ByEvent(TypedDict):
    """Which channels are on, by event."""

    offer: ChannelsView
    booking: ChannelsView
    message: ChannelsView
    reminder: ChannelsView
    money: ChannelsView


QuietHoursView = TypedDict("QuietHoursView", {"from": str, "to": str, "timeZone": str})


class PreferencesView(TypedDict):
    """How somebody wishes to be reached, and what others see of them."""

    channels: ByEvent
    quietHours: QuietHoursView | None
    showsRead: bool
    showsPresence: bool


class DeliveryView(TypedDict):
    """One message to one person over one channel."""

    deliveryId: str
    bookingId: str | None
    event: Subject
    channel: Channel
    to: str | None
    """Masked; null until it is known."""
    status: DeliveryStatus
    attempts: int
    at: Time
    """Of its latest change."""
    reason: str | None


def preferences_view(preferences: Preferences) -> PreferencesView:
    """Return preferences with everything that was never chosen."""
    hours = preferences.quiet_hours
    channels = {
        subject.value: {channel.value: preferences.allows(subject, channel) for channel in CHOSEN_CHANNELS}
        for subject in CHOSEN_SUBJECTS
    }
    return {
        "channels": channels,  # type: ignore[typeddict-item] # the subjects and channels are those of the type
        "quietHours": hours and {"from": hours.start, "to": hours.end, "timeZone": hours.time_zone},
        "showsRead": preferences.shows_read,
        "showsPresence": preferences.shows_presence,
    }


def delivery_view(delivery: Delivery) -> DeliveryView:
    """Return a delivery as admins see it."""
    return {
        "deliveryId": delivery.delivery_id,
        "bookingId": delivery.booking_id,
        "event": delivery.event,
        "channel": delivery.channel,
        "to": masked(delivery.to),
        "status": delivery.status,
        "attempts": delivery.attempts,
        "at": format_utc(delivery.updated_at),
        "reason": delivery.reason,
    }
