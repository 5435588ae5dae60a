"""The deliveries as they are stored, and the queues in which those that are due wait for their channel."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.notification.delivery import SHARDS, Channel, Delivery, DeliveryStatus
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put, Update, absent
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.resilience import Dependency

LONGEST_DELAY_SECONDS: Final = 900
"""The most that a queue keeps a message back."""


def adding_delivery(delivery: Delivery) -> Put:
    """Return the action that adds a delivery, once."""
    return Put(
        label=f"delivery:{delivery.delivery_id}",
        table="deliveries",
        item=_row(delivery),
        condition=absent("deliveryId"),
    )


def _row(delivery: Delivery) -> dict[str, Any]:
    """Return the row of a delivery; keys of indexes are left out where they are nothing."""
    return {name: value for name, value in to_record(delivery).items() if value is not None}


def saving_delivery(before: Delivery, after: Delivery) -> Update:
    """Return the action that saves a delivery if nobody has tried it since it was read, and it has no outcome."""
    old, new = _row(before), _row(after)
    return Update(
        label="delivery",
        table="deliveries",
        key={"deliveryId": before.delivery_id},
        condition=Condition(
            expression="#status = :queued AND #attempts = :seen",
            values={"queued": DeliveryStatus.QUEUED.value, "seen": before.attempts},
        ),
        assign={name: value for name, value in new.items() if old.get(name) != value},
        remove=[name for name in old if name not in new],
    )


@final
class Ticket(Struct, frozen=True, kw_only=True):
    """What waits in a queue: which delivery, and which try of it is meant, so that a copy is told from the next."""

    delivery_id: str
    attempt: int

    @property
    def text(self) -> str:
        """The body of the message."""
        return json.dumps({"deliveryId": self.delivery_id, "attempt": self.attempt})

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """Return what a body says; raises ValueError or KeyError where it is none of ours."""
        body = json.loads(text)
        return cls(delivery_id=str(body["deliveryId"]), attempt=int(body["attempt"]))


@final
class DeliveryQueues:
    """A queue for each channel."""

    def __init__(self, sqs: Dependency, urls: Mapping[Channel, str]) -> None:
        """Use these queues."""
        self._sqs = sqs
        self._urls = urls

    def put(self, delivery: Delivery, now: datetime) -> None:
        """Let a delivery be sent when it is due.

        Raises:
            ServiceUnavailable: the queue did not take it; it stays due.
        """
        delay = max(0, min(LONGEST_DELAY_SECONDS, round((delivery.due_at - now).total_seconds())))
        self._sqs.call(
            "send_message",
            QueueUrl=self._urls[delivery.channel],
            MessageBody=Ticket(delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1).text,
            DelaySeconds=delay,
        )


@final
class Deliveries:
    """Every delivery."""

    def __init__(self, store: Store) -> None:
        """Keep deliveries in ``store``."""
        self._store = store

    def find(self, delivery_id: str) -> Delivery | None:
        """Return a delivery, nothing where there is none (any more)."""
        item = self._store.get("deliveries", {"deliveryId": delivery_id})
        return None if item is None else from_record(Delivery, item)

    def add(self, delivery: Delivery) -> bool:
        """Add a delivery once; say whether it was new."""
        try:
            self._store.write(adding_delivery(delivery))
        except ConditionRefused:
            return False
        return True

    def save(self, before: Delivery, after: Delivery) -> bool:
        """Save a delivery; say whether nobody else was faster."""
        try:
            self._store.write(saving_delivery(before, after))
        except ConditionRefused:
            return False
        return True

    def find_due(self, until: datetime) -> Iterator[str]:
        """Yield the ids of what is due by an instant, earliest first within each part."""
        for shard in range(SHARDS):
            where = Condition(
                expression="#dueShard = :shard AND #dueAt <= :until",
                values={"shard": str(shard), "until": format_utc(until)},
            )
            for item in self._store.query_all("deliveries", where=where, index="due"):
                yield str(item["deliveryId"])

    def find_page(  # noqa: PLR0913 - each is a clause of the query
        self,
        *,
        booking_id: str | None,
        status: DeliveryStatus | None,
        channel: Channel | None,
        limit: int,
        position: Mapping[str, Any] | None,
        now: datetime,
    ) -> Page:
        """Return a page of deliveries, newest first, of one booking or month by month; it may be short.

        ``next_key`` is where to go on: the month with the key inside it.
        """
        wished = {"status": status, "channel": channel}
        filters = {name: value.value for name, value in wished.items() if value is not None}
        filtered_by = (
            Condition(expression=" AND ".join(f"#{each} = :{each}" for each in filters), values=filters)
            if filters
            else None
        )
        if booking_id is not None:
            where = Condition(expression="#bookingId = :of", values={"of": booking_id})
            return self._page("byBooking", where, limit=limit, start=position, filtered_by=filtered_by)
        month, start = str((position or {}).get("month", format_utc(now)[:7])), (position or {}).get("key")
        items: list[dict[str, Any]] = []
        while True:
            where = Condition(expression="#createdMonth = :of", values={"of": month})
            page = self._page("byMonth", where, limit=limit - len(items), start=start, filtered_by=filtered_by)
            items += page.items
            if page.next_key is not None:
                return Page(items=items, next_key={"month": month, "key": page.next_key})
            month, start = _month_before(month), None
            if month < format_utc(now - _LISTED_FOR)[:7]:
                return Page(items=items, next_key=None)
            if len(items) >= limit:
                return Page(items=items, next_key={"month": month})

    def _page(
        self,
        index: str,
        where: Condition,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        filtered_by: Condition | None,
    ) -> Page:
        return self._store.query(
            "deliveries", where=where, index=index, newest_first=True, limit=limit, start=start, filtered_by=filtered_by
        )


_LISTED_FOR: Final = timedelta(days=62)
"""Nothing older is kept: a month before the visit that a reminder is about, and a month after it."""


def _month_before(month: str) -> str:
    first = datetime.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")
