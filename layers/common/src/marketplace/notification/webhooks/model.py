"""Webhooks: addresses of other systems, what they are told, and how each telling came out.

Messages are signed after Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec).
Nothing here reads a clock or calls anybody.
"""

import base64
import hashlib
import hmac
import secrets
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from marketplace.platform import identifiers
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.record import Record

SCOPE: Final = "webhooks"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
TEST_EVENT: Final = "webhook.test"
SWITCHED_OFF_AFTER: Final = timedelta(days=3)
RETRIES_FOR: Final = timedelta(hours=24)
LEASE: Final = timedelta(minutes=2)
SECONDS: Final = 10.0
"""How long a receiver may take."""
_PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (20, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800)
)
_KEPT_FOR: Final = timedelta(days=7)
_SECRET_BYTES: Final = 24


class WebhookDeliveryStatus(StrEnum):
    """Where a telling stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@final
class Webhook(Record, frozen=True, kw_only=True):
    """One address of another system."""

    webhook_id: str
    url: str
    events: tuple[str, ...]
    secret: str
    created_at: Instant
    updated_at: Instant
    active: bool = True
    failing_since: Instant | None = None
    retry_at: Instant | None = None
    """While it fails: when it is tried next, by whichever telling comes first."""
    failures: int = 0
    """How often it has failed in a row."""
    switched_off_at: Instant | None = None
    """When it had failed for three days."""
    version: int = 1
    scope: str = SCOPE

    def wishes(self, event: str) -> bool:
        """Say whether it is told of an event."""
        return self.active and event in self.events

    def changed(
        self, *, url: str | None, events: tuple[str, ...] | None, active: bool | None, now: datetime
    ) -> "Webhook":
        """Return it with what is given; whoever switches it on again begins without failures."""
        fresh = self.failing_since if active is not True and url is None else None
        return replace(
            self,
            url=self.url if url is None else url,
            events=self.events if events is None else events,
            active=self.active if active is None else active,
            failing_since=fresh,
            retry_at=None if fresh is None else self.retry_at,
            failures=0 if fresh is None else self.failures,
            switched_off_at=None if active is True else self.switched_off_at,
            updated_at=now,
            version=self.version + 1,
        )

    def failed(self, now: datetime) -> "Webhook":
        """Return it after a failure: tried again later, and switched off where it has failed for three days."""
        since = self.failing_since or now
        is_over = now - since >= SWITCHED_OFF_AFTER
        return replace(
            self,
            failing_since=since,
            failures=self.failures + 1,
            retry_at=now + _pause(self.failures),
            active=self.active and not is_over,
            switched_off_at=now if is_over else self.switched_off_at,
            version=self.version + 1,
        )

    def answered(self) -> "Webhook":
        """Return it after a success."""
        return replace(self, failing_since=None, failures=0, retry_at=None, version=self.version + 1)


@final
class WebhookDelivery(Record, frozen=True, kw_only=True):
    """One event told to one webhook; its id orders those of a webhook by time."""

    webhook_id: str
    delivery_id: str
    event_id: str
    """The id by which receivers know a repeat."""
    event: str
    body: str
    created_at: Instant
    updated_at: Instant
    due_at: Instant
    give_up_at: Instant
    booking_id: str | None = None
    line: str | None = None
    """Webhook and booking: what waits in one line is told one after the other. None once there is an outcome."""
    due_shard: str | None = None
    status: WebhookDeliveryStatus = WebhookDeliveryStatus.QUEUED
    attempts: int = 0
    response_status: int | None = None
    reason: str | None = None
    expires_at_epoch: int = 0

    def claimed(self, now: datetime) -> "WebhookDelivery":
        """Return it as whoever tries it next leaves it."""
        return replace(self, attempts=self.attempts + 1, due_at=now + LEASE, updated_at=now)

    def waiting(self, until: datetime) -> "WebhookDelivery":
        """Return it put off, without a try."""
        return replace(self, due_at=until)

    def done(
        self, status: WebhookDeliveryStatus, *, now: datetime, response_status: int | None, reason: str | None
    ) -> "WebhookDelivery":
        """Return it with its outcome."""
        return replace(
            self,
            status=status,
            response_status=response_status,
            reason=reason,
            updated_at=now,
            line=None,
            due_shard=None,
        )

    def tried(self, *, now: datetime, response_status: int | None, reason: str) -> "WebhookDelivery":
        """Return it after a failed try: due again, or given up where a day is over."""
        again_at = now + _pause(self.attempts - 1)
        if again_at > self.give_up_at:
            return self.done(WebhookDeliveryStatus.FAILED, now=now, response_status=response_status, reason=reason)
        return replace(self, due_at=again_at, response_status=response_status, reason=reason, updated_at=now)

    def replayed(self, now: datetime) -> "WebhookDelivery":
        """Return it to be told once more, under the same id."""
        return replace(
            self,
            status=WebhookDeliveryStatus.QUEUED,
            due_at=now,
            give_up_at=now + RETRIES_FOR,
            updated_at=now,
            reason=None,
            line=line_of(self.webhook_id, self.booking_id, self.delivery_id),
            due_shard=shard_of(self.delivery_id),
            expires_at_epoch=int((now + _KEPT_FOR).timestamp()),
        )


def new_webhook_delivery(  # noqa: PLR0913 - what a telling is made of
    webhook_id: str, *, event_id: str, event: str, body: str, booking_id: str | None, at: datetime, now: datetime
) -> WebhookDelivery:
    """Return the telling of an event that happened ``at`` an instant; again, it is the same one."""
    moment = format_utc(at).translate(str.maketrans("", "", "-:."))
    delivery_id = f"e-{moment}-{identifiers.derived(webhook_id, event_id)[:12]}"
    return WebhookDelivery(
        webhook_id=webhook_id,
        delivery_id=delivery_id,
        event_id=event_id,
        event=event,
        body=body,
        booking_id=booking_id,
        created_at=now,
        updated_at=now,
        due_at=now,
        give_up_at=now + RETRIES_FOR,
        line=line_of(webhook_id, booking_id, delivery_id),
        due_shard=shard_of(delivery_id),
        expires_at_epoch=int((now + _KEPT_FOR).timestamp()),
    )


def line_of(webhook_id: str, booking_id: str | None, delivery_id: str) -> str:
    """Return the line in which a telling waits: those of one booking keep their order, others wait for nobody."""
    return f"{webhook_id}#{booking_id or delivery_id}"


def shard_of(delivery_id: str) -> str:
    """Return the part of the index of what is due: ``"0"`` to ``"3"``."""
    return str(sum(delivery_id.encode()) % 4)


def new_secret() -> str:
    """Return a fresh secret: ``whsec_`` and 24 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(body: str, *, event_id: str, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove where a body comes from and when it was sent."""
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{event_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "marketplace-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _pause(failures: int) -> timedelta:
    return _PAUSES[min(max(failures, 0), len(_PAUSES) - 1)]
