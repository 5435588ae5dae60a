"""What people change of how they are reached: subscriptions of their browsers, and preferences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, final

from marketplace.notification.channels.push_subscriptions import PushSubscription, PushSubscriptions
from marketplace.notification.preferences import PreferenceBook, Preferences
from marketplace.platform.aws.outbound import AddressRefused, check_url
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import Put
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import to_record
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

    def change(self, given: Mapping[str, Any], *, by: Caller, now: datetime) -> Preferences:
        """Merge what is given into somebody's preferences, and return them."""

        def attempt() -> Preferences | None:
            before = self._preferences.of(by.user_id)
            after = before.changed(given)
            noted = _noted("preferences_changed", by, now, before=_wishes(before), after=_wishes(after))
            return after if self._preferences.save(before, after, noted=noted) else None

        return retry_on_conflict(attempt)

    def subscribe(self, *, endpoint: str, p256dh: str, auth: str, by: Caller, now: datetime) -> PushSubscription:
        """Take push messages for the caller at an endpoint from now on.

        Raises:
            ValidationFailed: the endpoint is no public address over https.
        """
        try:
            check_url(endpoint, on_laptop=self._on_laptop)
        except AddressRefused:
            path = "endpoint"
            raise ValidationFailed.at(path, "This must be a public https address.") from None
        return self._subscriptions.add(
            by.user_id,
            endpoint=endpoint,
            p256dh=p256dh.rstrip("="),
            auth=auth.rstrip("="),
            now=now,
            noted=lambda subscription_id: _noted("push_subscribed", by, now, after={"subscriptionId": subscription_id}),
        )

    def unsubscribe(self, subscription_id: str, *, by: Caller, now: datetime) -> None:
        """Send nothing more to a subscription of the caller; again, it stays so."""
        noted = _noted("push_unsubscribed", by, now, after={"subscriptionId": subscription_id})
        self._subscriptions.remove(by.user_id, subscription_id, noted=noted)


def _wishes(preferences: Preferences) -> dict[str, object]:
    record = to_record(preferences)
    return {name: record.get(name) for name in ("channels", "quietHours", "showsRead", "showsPresence")}


def _noted(
    action: str,
    by: Caller,
    now: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object],
) -> Put:
    """Return the line of history; no address of a browser is in it."""
    return record_change(by.user_id, action=action, before=before, after=after, by=by, now=now)
