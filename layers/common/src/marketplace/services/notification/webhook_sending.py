"""Sending to webhooks: in order, tried again, and switched off after three days without success."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol, final

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
    signed_headers,
)
from marketplace.notification.webhooks.repository import (
    WebhookDeliveries,
    Webhooks,
    saving_webhook,
)
from marketplace.platform.aws.outbound import AddressRefused, NoAnswer, post
from marketplace.platform.caller import Role
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import ServiceUnavailable
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
class WebhookAttempt(Struct, frozen=True, kw_only=True):
    """A message of the queue: which delivery is to be sent, and its which attempt this is."""

    webhook_id: str
    delivery_id: str
    attempt: int

    @property
    def text(self) -> str:
        """The body of the queue's message."""
        return json.dumps({"webhookId": self.webhook_id, "deliveryId": self.delivery_id, "attempt": self.attempt})

    @classmethod
    def read(cls, text: str) -> "WebhookAttempt":
        """Return what a body says; raises ValueError or KeyError where it is none of ours."""
        body = json.loads(text)
        return cls(webhook_id=str(body["webhookId"]), delivery_id=str(body["deliveryId"]), attempt=int(body["attempt"]))


@final
class WebhookQueue:
    """The queue of what is to be attempt."""

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
            MessageBody=WebhookAttempt(
                webhook_id=delivery.webhook_id, delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1
            ).text,
            DelaySeconds=max(0, round(wait.total_seconds())),
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

    def tell(self, attempt: WebhookAttempt, now: datetime) -> None:
        """Make one try.

        Raises:
            ServiceUnavailable: the tables are away; the queue brings it again.
        """
        found = self._deliveries.find(attempt.webhook_id, attempt.delivery_id)
        if found is None or found.status is not WebhookDeliveryStatus.QUEUED or found.attempts != attempt.attempt - 1:
            return
        webhook = self._webhooks.find(attempt.webhook_id)
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
        """Note how a webhook answered; who has failed for three days is switched off, and admins are attempt."""
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


def _switched_off(webhook: Webhook) -> Notice:
    return Notice(
        user_id=ADMINS_BOX,
        role=Role.ADMIN,
        kind="webhook_switched_off",
        parameters={"url": webhook.url, "webhookId": webhook.webhook_id},
    )
