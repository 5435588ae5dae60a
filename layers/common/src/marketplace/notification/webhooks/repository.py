"""Webhooks and what they are told, as they are stored."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.notification.webhooks.model import SCOPE, Webhook, WebhookDelivery
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Delete, Put, Update, absent, at_version
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store

_SHARDS: Final = 4


def adding_webhook(webhook: Webhook) -> Put:
    """Return the action that adds a webhook."""
    return Put(label="webhook", table="webhooks", item=to_record(webhook), condition=absent("webhookId"))


def saving_webhook(before: Webhook, after: Webhook) -> Put:
    """Return the action that saves a webhook if nobody has changed it since it was read."""
    return Put(label="webhook", table="webhooks", item=to_record(after), condition=at_version(before.version))


def removing_webhook(webhook: Webhook) -> Delete:
    """Return the action that removes a webhook."""
    key = {"scope": SCOPE, "webhookId": webhook.webhook_id}
    return Delete(label="webhook", table="webhooks", key=key, condition=at_version(webhook.version))


def _row(delivery: WebhookDelivery) -> dict[str, Any]:
    return {name: value for name, value in to_record(delivery).items() if value is not None}


@final
class Webhooks:
    """Every webhook."""

    def __init__(self, store: Store) -> None:
        """Keep webhooks in ``store``."""
        self._store = store

    def find(self, webhook_id: str) -> Webhook | None:
        """Return a webhook, nothing where there is none."""
        item = self._store.get("webhooks", {"scope": SCOPE, "webhookId": webhook_id})
        return None if item is None else from_record(Webhook, item)

    def find_all(self) -> list[Webhook]:
        """Return every webhook, by id."""
        where = Condition(expression="#scope = :scope", values={"scope": SCOPE})
        return readable_records(Webhook, self._store.query_all("webhooks", where=where, strongly=True), key="webhookId")

    def save(self, before: Webhook, after: Webhook) -> bool:
        """Save a webhook; say whether nobody else was faster."""
        try:
            self._store.write(saving_webhook(before, after))
        except ConditionRefused:
            return False
        return True


@final
class WebhookDeliveries:
    """What every webhook is told."""

    def __init__(self, store: Store) -> None:
        """Keep it in ``store``."""
        self._store = store

    def add(self, delivery: WebhookDelivery) -> bool:
        """Add a telling once; say whether it was new."""
        try:
            self._store.write(
                Put(
                    label="telling",
                    table="webhook_deliveries",
                    item=_row(delivery),
                    condition=absent("deliveryId"),
                )
            )
        except ConditionRefused:
            return False
        return True

    def find(self, webhook_id: str, delivery_id: str) -> WebhookDelivery | None:
        """Return a telling, nothing where there is none."""
        item = self._store.get("webhook_deliveries", {"webhookId": webhook_id, "deliveryId": delivery_id})
        return None if item is None else from_record(WebhookDelivery, item)

    def save(self, before: WebhookDelivery, after: WebhookDelivery) -> bool:
        """Save a telling if nobody has tried it since it was read; say whether that was so."""
        old, new = _row(before), _row(after)
        try:
            self._store.write(
                Update(
                    label="telling",
                    table="webhook_deliveries",
                    key={"webhookId": before.webhook_id, "deliveryId": before.delivery_id},
                    condition=Condition(
                        expression="#status = :status AND #attempts = :seen",
                        values={"status": before.status.value, "seen": before.attempts},
                    ),
                    assign={name: value for name, value in new.items() if old.get(name) != value},
                    remove=[name for name in old if name not in new],
                )
            )
        except ConditionRefused:
            return False
        return True

    def find_page(self, webhook_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of what a webhook was told, newest first."""
        where = Condition(expression="#webhookId = :webhook", values={"webhook": webhook_id})
        return self._store.query("webhook_deliveries", where=where, newest_first=True, limit=limit, start=start)

    def first_in_line(self, line: str) -> tuple[str, str] | None:
        """Return webhook and id of the telling that comes first in a line, nothing where nothing waits."""
        where = Condition(expression="#line = :line", values={"line": line})
        page = self._store.query("webhook_deliveries", where=where, index="byLine", limit=1)
        return (str(page.items[0]["webhookId"]), str(page.items[0]["deliveryId"])) if page.items else None

    def find_due(self, until: datetime) -> Iterator[tuple[str, str]]:
        """Yield webhook and id of what is due by an instant."""
        for shard in range(_SHARDS):
            where = Condition(
                expression="#dueShard = :shard AND #dueAt <= :until",
                values={"shard": str(shard), "until": format_utc(until)},
            )
            for item in self._store.query_all("webhook_deliveries", where=where, index="due"):
                yield str(item["webhookId"]), str(item["deliveryId"])
