"""Telling other systems what happened: who is told, in which order, and what becomes of those who do not answer."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.model import BookingEvent
from marketplace.commission.states import PaymentStatus
from marketplace.notification.webhooks.model import (
    TEST_EVENT,
    Webhook,
    WebhookDelivery,
    new_secret,
    new_webhook_delivery,
)
from marketplace.notification.webhooks.repository import (
    WebhookDeliveries,
    Webhooks,
    adding_webhook,
    removing_webhook,
    saving_webhook,
)
from marketplace.platform import identifiers
from marketplace.platform.aws.outbound import AddressRefused, check_url
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound, ValidationFailed

EVENTS: Final = frozenset(
    (
        *(f"booking.{event.value}" for event in BookingEvent),
        *(f"commission.{status.value}" for status in PaymentStatus),
        "review.shown",
    )
)
"""Everything that other systems can be told of."""


@final
class WebhookCommands:
    """What staff do with webhooks."""

    def __init__(self, store: Store, webhooks: Webhooks, deliveries: WebhookDeliveries, *, on_laptop: bool) -> None:
        """Work on these repositories."""
        self._store = store
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._on_laptop = on_laptop

    def add(self, url: str, events: tuple[str, ...], *, by: Caller, now: datetime) -> Webhook:
        """Add a webhook; its secret is shown this once.

        Raises:
            ValidationFailed: the address is no public one over https, or there is no such event.
        """
        self._check(url)
        _check_events(events)
        webhook = Webhook(
            webhook_id=f"w-{identifiers.fresh()}",
            url=url,
            events=events,
            secret=new_secret(),
            created_at=now,
            updated_at=now,
        )
        self._store.transact(
            [
                adding_webhook(webhook),
                record_change(
                    webhook.webhook_id,
                    action="webhook_added",
                    before=None,
                    after=_noted(webhook),
                    by=by,
                    now=now,
                    version=webhook.version,
                ),
            ]
        )
        return webhook

    def change(  # noqa: PLR0913 - what may change, by whom, when
        self,
        webhook_id: str,
        *,
        url: str | None,
        events: tuple[str, ...] | None,
        active: bool | None,
        by: Caller,
        now: datetime,
    ) -> Webhook:
        """Change a webhook.

        Raises:
            NotFound: there is no such webhook.
            ValidationFailed: the address is no public one over https, or there is no such event.
        """
        if url is not None:
            self._check(url)
        _check_events(events or ())

        def attempt() -> Webhook | None:
            before = self.get(webhook_id)
            after = before.changed(url=url, events=events, active=active, now=now)
            try:
                self._store.transact(
                    [
                        saving_webhook(before, after),
                        record_change(
                            webhook_id,
                            action="webhook_changed",
                            before=_noted(before),
                            after=_noted(after),
                            by=by,
                            now=now,
                            version=after.version,
                        ),
                    ]
                )
            except TransactionRefused:
                return None
            return after

        return retry_on_conflict(attempt)

    def remove(self, webhook_id: str, *, by: Caller, now: datetime) -> None:
        """Remove a webhook; again, it stays removed."""

        def attempt() -> bool | None:
            webhook = self._webhooks.find(webhook_id)
            if webhook is None:
                return True
            try:
                self._store.transact(
                    [
                        removing_webhook(webhook),
                        record_change(
                            webhook_id,
                            action="webhook_removed",
                            before=_noted(webhook),
                            after={},
                            by=by,
                            now=now,
                            version=webhook.version + 1,
                        ),
                    ]
                )
            except TransactionRefused:
                return None
            return True

        retry_on_conflict(attempt)

    def get(self, webhook_id: str) -> Webhook:
        """Return a webhook.

        Raises:
            NotFound: there is no such webhook.
        """
        webhook = self._webhooks.find(webhook_id)
        if webhook is None:
            raise NotFound
        return webhook

    def test(self, webhook_id: str, *, now: datetime) -> WebhookDelivery:
        """Tell a webhook of a test event.

        Raises:
            NotFound: there is no such webhook.
        """
        webhook = self.get(webhook_id)
        event_id = f"evt_{identifiers.fresh()}"
        delivery = _telling(webhook, TEST_EVENT, {"webhookId": webhook_id}, event_id, None, at=now, now=now)
        self._deliveries.add(delivery)
        return delivery

    def replay(self, webhook_id: str, delivery_id: str, *, now: datetime) -> WebhookDelivery:
        """Tell something once more, under the same id.

        Raises:
            NotFound: there is no such telling.
        """
        self.get(webhook_id)

        def attempt() -> WebhookDelivery | None:
            found = self._deliveries.find(webhook_id, delivery_id)
            if found is None:
                raise NotFound
            again = found.replayed(now)
            return again if self._deliveries.save(found, again) else None

        return retry_on_conflict(attempt)

    def _check(self, url: str) -> None:
        try:
            check_url(url, on_laptop=self._on_laptop)
        except AddressRefused:
            path = "url"
            raise ValidationFailed.at(path, "This must be a public https address.") from None


def _check_events(events: tuple[str, ...]) -> None:
    if not EVENTS.issuperset(events):
        path = "events"
        raise ValidationFailed.at(path, "There is no such event.")


@final
class WebhookPlanner:
    """Writes down whom an event is told to."""

    def __init__(self, webhooks: Webhooks, deliveries: WebhookDeliveries) -> None:
        """Add to ``deliveries``."""
        self._webhooks = webhooks
        self._deliveries = deliveries

    def plan(
        self, event: str, *, of: str, booking_id: str | None, data: Callable[[], Mapping[str, Any]], at: datetime
    ) -> int:
        """Plan telling everybody who wishes to hear of an event; return how many tellings were new.

        ``of`` names the change, such as a booking with its version: the event's id follows from it, so that a change
        that comes twice is one event. ``data`` is asked for only where somebody listens.
        """
        listening = [webhook for webhook in self._webhooks.find_all() if webhook.wishes(event)]
        if not listening:
            return 0
        event_id, told, now = f"evt_{identifiers.derived('event', event, of)}", data(), utc_now()
        return sum(
            self._deliveries.add(_telling(webhook, event, told, event_id, booking_id, at=at, now=now))
            for webhook in listening
        )


def _telling(  # noqa: PLR0913 - what a telling is made of
    webhook: Webhook,
    event: str,
    data: Mapping[str, Any],
    event_id: str,
    booking_id: str | None,
    *,
    at: datetime,
    now: datetime,
) -> WebhookDelivery:
    body = json.dumps(
        {"id": event_id, "type": event, "timestamp": format_utc(at), "data": data},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return new_webhook_delivery(
        webhook.webhook_id, event_id=event_id, event=event, body=body, booking_id=booking_id, at=at, now=now
    )


def _noted(webhook: Webhook) -> dict[str, object]:
    return {"url": webhook.url, "events": list(webhook.events), "active": webhook.active}
