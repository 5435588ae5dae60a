"""A delivery: one message to one person over one channel, when it is due, and what became of it.

Rows are written by commands and by the stream; whoever sends reads again what the message is about, and notes one
outcome. Nothing here reads a clock or reaches a provider.
"""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final
from urllib.parse import urlsplit

from msgspec import field

from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.language import Language
from marketplace.platform.record import Record

SHARDS: Final = 4
"""Parts of the index of what is due, so that no one partition takes every message."""
RETRIES_FOR: Final = timedelta(hours=1)
LEASE: Final = timedelta(minutes=3)
"""How long whoever sends has for it; after that somebody else tries."""
_FIRST_PAUSE: Final = timedelta(seconds=20)
_LONGEST_PAUSE: Final = timedelta(minutes=12)
_DOUBLINGS: Final = 6
"""After which every pause is the longest."""
_KEPT_FOR: Final = timedelta(days=30)


class Channel(StrEnum):
    """The ways to people who are not looking."""

    PUSH = "push"
    WHATS_APP = "whatsApp"
    EMAIL = "email"
    SMS = "sms"


class Subject(StrEnum):
    """What a message is about; for all but a code people choose the channels."""

    OFFER = "offer"
    BOOKING = "booking"
    MESSAGE = "message"
    REMINDER = "reminder"
    MONEY = "money"
    CODE = "code"


class DeliveryStatus(StrEnum):
    """Where a delivery stands; all but the first are its one outcome."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@final
class Delivery(Record, frozen=True, kw_only=True):
    """One message to one person over one channel."""

    delivery_id: str
    event: Subject
    channel: Channel
    template: str
    language: Language
    created_at: Instant
    due_at: Instant
    """When it is sent, or tried again."""
    give_up_at: Instant
    """After this it is not tried again."""
    updated_at: Instant
    user_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    to: str | None = None
    """The address: where none is given, it is looked up at sending, and kept here masked."""
    booking_id: str | None = None
    conversation_id: str | None = None
    notification_id: str | None = None
    status: DeliveryStatus = DeliveryStatus.QUEUED
    attempts: int = 0
    reason: str | None = None
    """Why it was skipped or failed, in one word."""
    due_shard: str | None = None
    created_month: str = ""
    expires_at_epoch: int = 0

    def claimed(self, now: datetime) -> "Delivery":
        """Return it as whoever tries it next leaves it until there is an outcome."""
        return replace(self, attempts=self.attempts + 1, due_at=now + LEASE, updated_at=now)

    def with_outcome(self, status: DeliveryStatus, *, now: datetime, to: str | None, reason: str | None) -> "Delivery":
        """Return it with its one outcome; it is due no more."""
        return replace(self, status=status, to=masked(to), reason=reason, due_shard=None, updated_at=now)

    def next_try(self, now: datetime) -> datetime | None:
        """Return when a failed attempt is repeated, nothing where the hour is over."""
        pause = min(_FIRST_PAUSE * 2 ** min(max(0, self.attempts - 1), _DOUBLINGS), _LONGEST_PAUSE)
        return now + pause if now + pause <= self.give_up_at else None


def new_delivery(  # noqa: PLR0913 - what a message is
    delivery_id: str,
    *,
    event: Subject,
    channel: Channel,
    template: str,
    language: Language,
    now: datetime,
    user_id: str | None = None,
    due_at: datetime | None = None,
    parameters: Mapping[str, Any] | None = None,
    to: str | None = None,
    booking_id: str | None = None,
    conversation_id: str | None = None,
    notification_id: str | None = None,
    kept_for: timedelta = _KEPT_FOR,
) -> Delivery:
    """Return a delivery that waits to be sent, at once unless it says when."""
    due = max(due_at or now, now)
    return Delivery(
        delivery_id=delivery_id,
        event=event,
        channel=channel,
        user_id=user_id,
        template=template,
        language=language,
        created_at=now,
        due_at=due,
        give_up_at=due + RETRIES_FOR,
        updated_at=now,
        parameters=parameters or {},
        to=to,
        booking_id=booking_id,
        conversation_id=conversation_id,
        notification_id=notification_id,
        due_shard=shard_of(delivery_id),
        created_month=format_utc(now)[:7],
        expires_at_epoch=int((due + kept_for).timestamp()),
    )


def shard_of(delivery_id: str) -> str:
    """Return the part of the index of what is due: ``"0"`` to ``"3"``, even over ids."""
    return str(sum(delivery_id.encode()) % SHARDS)


def masked(address: str | None) -> str | None:
    """Return an address as admins see it: the last three digits of a number, the domain of a mailbox, a host."""
    if address is None or address.startswith("•"):
        return address
    if address.startswith("http"):
        return "•••" + (urlsplit(address).hostname or "")
    name, at, domain = address.rpartition("@")
    return f"•••@{domain}" if at and name else "•••" + address[-3:]
