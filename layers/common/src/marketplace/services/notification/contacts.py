"""What people change of how they are reached: subscriptions of their browsers, and preferences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from marketplace.notification.channels.push_subscriptions import PushSubscription, PushSubscriptions
from marketplace.notification.preferences import PreferenceBook, Preferences
from marketplace.platform.aws.outbound import AddressRefused, check_url
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.refusals import ValidationFailed


@final
class Contacts:
    """Everybody's ways of being reached."""

    def __init__(self, preferences: PreferenceBook, subscriptions: PushSubscriptions, *, on_laptop: bool) -> None:
        """Keep what is chosen in these books."""
        self._preferences = preferences
        self._subscriptions = subscriptions
        self._on_laptop = on_laptop

    def preferences_of(self, user_id: str) -> Preferences:
        """Return somebody's preferences."""
        return self._preferences.of(user_id)

    def change(self, user_id: str, given: Mapping[str, Any]) -> Preferences:
        """Merge what is given into somebody's preferences, and return them."""

        def attempt() -> Preferences | None:
            before = self._preferences.of(user_id)
            after = before.changed(given)
            return after if self._preferences.save(before, after) else None

        return retry_on_conflict(attempt)

    def subscribe(self, user_id: str, *, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
        """Take push messages for somebody at an endpoint from now on.

        Raises:
            ValidationFailed: the endpoint is no public address over https.
        """
        try:
            check_url(endpoint, on_laptop=self._on_laptop)
        except AddressRefused:
            path = "endpoint"
            raise ValidationFailed.at(path, "This must be a public https address.") from None
        return self._subscriptions.add(
            user_id, endpoint=endpoint, p256dh=p256dh.rstrip("="), auth=auth.rstrip("="), now=now
        )

    def unsubscribe(self, user_id: str, subscription_id: str) -> None:
        """Send nothing more to a subscription; again, it stays so."""
        self._subscriptions.remove(user_id, subscription_id)
