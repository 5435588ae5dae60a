"""Telling other systems what happened: who is told, in which order, and what becomes of those who do not answer."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, final

from msgspec import Struct

from marketplace.notification.announcement import Notice
from marketplace.notification.repository import ADMINS_BOX, adding_notice
from marketplace.notification.webhooks.model import (
    LEASE,
    SECONDS,
    TEST_EVENT,
    Webhook,
    WebhookDelivery,
    WebhookDeliveryStatus,
    new_secret,
    new_webhook_delivery,
    signed_headers,
)
from marketplace.notification.webhooks.repository import (
    WebhookDeliveries,
    Webhooks,
    adding_webhook,
    removing_webhook,
    saving_webhook,
)
from marketplace.platform import identifiers
from marketplace.platform.aws.outbound import AddressRefused, NoAnswer, check_url, post
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound, ServiceUnavailable, ValidationFailed
from marketplace.platform.resilience import Dependency
from marketplace.platform.runtime.observability import count

LONGEST_DELAY: Final = timedelta(seconds=900)
SWEEPS_AHEAD: Final = timedelta(seconds=75)
_IN_LINE: Final = timedelta(seconds=60)
"""How long one waits that is not first in its line, where nobody wakes it."""


class Poster(Protocol):
    """What calls an address; see :func:`marketplace.platform.aws.outbound.post`."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, on_laptop: bool) -> int:
        """Return the status of the answer."""
        ...


@final
class Told(Struct, frozen=True, kw_only=True):
    """A ticket in the queue: which telling, and which try of it is meant."""

    webhook_id: str
    delivery_id: str
    attempt: int

    @property
    def text(self) -> str:
        """The body of the queue's message."""
        return json.dumps({"webhookId": self.webhook_id, "deliveryId": self.delivery_id, "attempt": self.attempt})

    @classmethod
    def read(cls, text: str) -> "Told":
        """Return what a body says; raises ValueError or KeyError where it is none of ours."""
        body = json.loads(text)
        return cls(webhook_id=str(body["webhookId"]), delivery_id=str(body["deliveryId"]), attempt=int(body["attempt"]))


@final
class WebhookQueue:
    """The queue of what is to be told."""

    def __init__(self, sqs: Dependency, url: str) -> None:
        """Use one queue."""
        self._sqs = sqs
        self._url = url

    def put(self, delivery: WebhookDelivery, now: datetime) -> None:
        """Let something be told when it is due; what is due later than a queue can keep it is left to the sweep."""
        wait = delivery.due_at - now
        if wait > LONGEST_DELAY:
            return
        self._sqs.call(
            "send_message",
            QueueUrl=self._url,
            MessageBody=Told(
                webhook_id=delivery.webhook_id, delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1
            ).text,
            DelaySeconds=max(0, round(wait.total_seconds())),
        )


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
            ValidationFailed: the address is no public one over https.
        """
        self._check(url)
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
            ValidationFailed: the address is no public one over https.
        """
        if url is not None:
            self._check(url)

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


@final
class WebhookSender:
    """Tells what is due, one after the other in each line, and leaves those alone for a while who do not answer."""

    def __init__(  # noqa: PLR0913 - where it stands, waits and goes
        self,
        store: Store,
        webhooks: Webhooks,
        deliveries: WebhookDeliveries,
        queue: WebhookQueue,
        poster: Poster = post,
        *,
        on_laptop: bool = False,
    ) -> None:
        """Call addresses with ``poster``."""
        self._store = store
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._queue = queue
        self._poster = poster
        self._on_laptop = on_laptop

    def dispatch(self, delivery: WebhookDelivery, now: datetime) -> None:
        """Bring something new to the queue."""
        if delivery.status is WebhookDeliveryStatus.QUEUED:
            self._queue.put(delivery, now)

    def dispatch_due(self, now: datetime) -> int:
        """Bring what is due until the next sweep to the queue; return how much that was."""
        brought = 0
        for webhook_id, delivery_id in self._deliveries.find_due(now + SWEEPS_AHEAD):
            found = self._deliveries.find(webhook_id, delivery_id)
            if found is None or found.status is not WebhookDeliveryStatus.QUEUED:
                continue
            try:
                self._queue.put(found, now)
                self._deliveries.save(found, found.waiting(max(found.due_at, now) + LEASE))
            except ServiceUnavailable:
                continue
            brought += 1
        return brought

    def tell(self, told: Told, now: datetime) -> None:
        """Make one try.

        Raises:
            ServiceUnavailable: the tables are away; the queue brings it again.
        """
        found = self._deliveries.find(told.webhook_id, told.delivery_id)
        if found is None or found.status is not WebhookDeliveryStatus.QUEUED or found.attempts != told.attempt - 1:
            return
        webhook = self._webhooks.find(told.webhook_id)
        if webhook is None or not (webhook.active or found.event == TEST_EVENT):
            reason = "removed" if webhook is None else "switched_off"
            self._finish(
                found,
                found.done(WebhookDeliveryStatus.FAILED, now=now, response_status=None, reason=reason),
                now,
            )
            return
        if webhook.retry_at is not None and now < webhook.retry_at and found.attempts == 0:
            self._put_off(found, webhook.retry_at, now)
            return
        if found.line is not None:
            first = self._deliveries.first_in_line(found.line)
            if first is not None and first[1] < found.delivery_id:
                self._put_off(found, now + _IN_LINE, now)
                return
        self._try(webhook, found, now)

    def _try(self, webhook: Webhook, found: WebhookDelivery, now: datetime) -> None:
        claimed = found.claimed(now)
        if not self._deliveries.save(found, claimed):
            return
        status, reason = self._call(webhook, claimed)
        after = utc_now()
        if reason is None:
            count("WebhooksTold")
            self._note(webhook.webhook_id, is_success=True, now=after)
            done = claimed.done(WebhookDeliveryStatus.SENT, now=after, response_status=status, reason=None)
        else:
            count("WebhookAttemptsFailed")
            self._note(webhook.webhook_id, is_success=False, now=after)
            done = claimed.tried(now=after, response_status=status, reason=reason)
        self._finish(claimed, done, after)

    def _call(self, webhook: Webhook, delivery: WebhookDelivery) -> tuple[int | None, str | None]:
        """Return the status of the answer, and why it is none, in one word."""
        headers = signed_headers(delivery.body, event_id=delivery.event_id, secret=webhook.secret, now=utc_now())
        try:
            status = self._poster(
                webhook.url, delivery.body.encode(), headers, seconds=SECONDS, on_laptop=self._on_laptop
            )
        except AddressRefused:
            return None, "address_refused"
        except NoAnswer:
            return None, "no_answer"
        is_success = 200 <= status < 300  # noqa: PLR2004 - the class of success
        return status, None if is_success else "refused"

    def _finish(self, before: WebhookDelivery, after: WebhookDelivery, now: datetime) -> None:
        """Save what became of a try, and let the next in line go, or this one once more."""
        if not self._deliveries.save(before, after):
            return
        try:
            if after.status is WebhookDeliveryStatus.QUEUED:
                self._queue.put(after, now)
            elif before.line is not None:
                self._wake(before.line, now)
        except ServiceUnavailable:
            count("WebhooksLeftToTheSweep")

    def _wake(self, line: str, now: datetime) -> None:
        first = self._deliveries.first_in_line(line)
        following = None if first is None else self._deliveries.find(*first)
        if following is not None and following.status is WebhookDeliveryStatus.QUEUED:
            self._queue.put(following.waiting(now), now)

    def _put_off(self, found: WebhookDelivery, until: datetime, now: datetime) -> None:
        waiting = found.waiting(until + LEASE)
        if self._deliveries.save(found, waiting):
            self._queue.put(found.waiting(until), now)

    def _note(self, webhook_id: str, *, is_success: bool, now: datetime) -> None:
        """Note how a webhook answered; who has failed for three days is switched off, and admins are told."""
        webhook = self._webhooks.find(webhook_id)
        if webhook is None or (is_success and webhook.failing_since is None):
            return
        after = webhook.answered() if is_success else webhook.failed(now)
        if webhook.active and not after.active:
            try:
                self._store.transact([saving_webhook(webhook, after), adding_notice(_switched_off(after), now, 1)])
            except TransactionRefused:
                return
            count("WebhooksSwitchedOff")
            return
        self._webhooks.save(webhook, after)


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


def _switched_off(webhook: Webhook) -> Notice:
    return Notice(
        user_id=ADMINS_BOX,
        role=Role.ADMIN,
        kind="webhook_switched_off",
        parameters={"url": webhook.url, "webhookId": webhook.webhook_id},
    )
