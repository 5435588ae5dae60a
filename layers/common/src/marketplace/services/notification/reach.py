"""Reaching people who are not looking: bringing what is due to its channel's queue, and sending it from there.

A provider that is slow or away delays nobody but its own queue. Before each sending what the message is about is read
again; whoever sends has claimed the try before, so that copies of a queue's message send nothing twice, and one
delivery has one outcome.
"""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from marketplace.notification.channels.model import Failure, Gateway, NotSent
from marketplace.notification.delivery import LEASE, Channel, Delivery, DeliveryStatus, Subject, new_delivery
from marketplace.notification.delivery_repository import (
    Deliveries,
    DeliveryQueues,
    Ticket,
    adding_delivery,
    saving_delivery,
)
from marketplace.platform import identifiers
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, count, report
from marketplace.services.notification.occasions import Later, Occasions, Skip

SWEEPS_AHEAD: Final = timedelta(seconds=75)
"""How far a sweep looks ahead: until the next one, so that queues keep messages back to their very second."""


class Sent(StrEnum):
    """What became of one try."""

    SENT = "sent"
    SKIPPED = "skipped"
    AGAIN = "again"
    FAILED = "failed"
    NOT_OURS = "not ours"
    """There is an outcome, or somebody else tries."""


@final
class Reach:
    """The way of deliveries from their rows to people."""

    def __init__(
        self,
        store: Store,
        deliveries: Deliveries,
        queues: DeliveryQueues,
        occasions: Occasions,
        gateway_of: Callable[[Channel], Gateway | None],
    ) -> None:
        """Send over the gateways that ``gateway_of`` returns; none where a channel is off."""
        self._store = store
        self._deliveries = deliveries
        self._queues = queues
        self._occasions = occasions
        self._gateway_of = gateway_of

    def dispatch_due(self, now: datetime) -> tuple[int, int]:
        """Bring what is due until the next sweep to the queues; return how much was due, and how much was brought."""
        due = brought = 0
        for delivery_id in self._deliveries.find_due(now + SWEEPS_AHEAD):
            due += 1
            delivery = self._deliveries.find(delivery_id)
            if delivery is None or delivery.status is not DeliveryStatus.QUEUED:
                continue
            try:
                self._queues.put(delivery, now)
                self._deliveries.save(delivery, replace(delivery, due_at=max(delivery.due_at, now) + LEASE))
            except ServiceUnavailable:
                continue
            brought += 1
        return due, brought

    def dispatch(self, delivery: Delivery, now: datetime) -> bool:
        """Bring a new delivery to its queue if no sweep comes before it is due; say whether it was brought."""
        if delivery.status is not DeliveryStatus.QUEUED or delivery.due_at > now + SWEEPS_AHEAD:
            return False
        self._queues.put(delivery, now)
        return True

    def send(self, ticket: Ticket, now: datetime) -> Sent:  # noqa: PLR0911 - one return an outcome
        """Make one try of a delivery.

        Raises:
            ServiceUnavailable: the tables are away; the queue brings it again.
        """
        found = self._deliveries.find(ticket.delivery_id)
        if found is None or found.status is not DeliveryStatus.QUEUED or found.attempts != ticket.attempt - 1:
            return Sent.NOT_OURS
        delivery = found.claimed(now)
        if not self._deliveries.save(found, delivery):
            return Sent.NOT_OURS
        judged = self._occasions.judge(delivery, now)
        if isinstance(judged, Later):
            later = replace(
                delivery, attempts=delivery.attempts, due_at=judged.until, give_up_at=judged.until + LEASE * 20
            )
            self._deliveries.save(delivery, later)
            return Sent.AGAIN
        if isinstance(judged, Skip):
            return self._finish(
                delivery, DeliveryStatus.SKIPPED, Sent.SKIPPED, now, to=delivery.to, reason=judged.reason
            )
        gateway = self._gateway_of(delivery.channel)
        if gateway is None:
            return self._without_channel(delivery, now)
        try:
            gateway.send(judged)
        except NotSent as failure:
            return self._not_sent(delivery, failure, now, to=_shown(delivery, judged.to))
        count("DeliveriesSent")
        return self._finish(delivery, DeliveryStatus.SENT, Sent.SENT, now, to=_shown(delivery, judged.to), reason=None)

    def _without_channel(self, delivery: Delivery, now: datetime) -> Sent:
        if _falls_back(delivery):
            return self._fall_back(delivery, "channel_off", now)
        return self._finish(delivery, DeliveryStatus.SKIPPED, Sent.SKIPPED, now, to=delivery.to, reason="channel_off")

    def _not_sent(self, delivery: Delivery, failure: NotSent, now: datetime, *, to: str | None) -> Sent:
        """Try again later, by another channel, or never, as the failure and the time that is left say."""
        count("DeliveryAttemptsFailed")
        report(
            "message not sent",
            category=Category.BOOKING,
            severity=Severity.WARNING,
            code=failure.reason.value,
            delivery_id=delivery.delivery_id,
            channel=delivery.channel.value,
            attempt=delivery.attempts,
        )
        if _falls_back(delivery):
            return self._fall_back(delivery, failure.reason.value, now)
        if failure.reason is Failure.GONE:
            return self._finish(delivery, DeliveryStatus.SKIPPED, Sent.SKIPPED, now, to=None, reason="no_address")
        again_at = None if failure.final else delivery.next_try(now)
        if again_at is None:
            count("DeliveriesFailed")
            return self._finish(delivery, DeliveryStatus.FAILED, Sent.FAILED, now, to=to, reason=failure.reason.value)
        waiting = replace(delivery, due_at=again_at, reason=failure.reason.value)
        if self._deliveries.save(delivery, waiting):
            self._put_again(waiting, now)
        return Sent.AGAIN

    def _put_again(self, delivery: Delivery, now: datetime) -> None:
        """Let the queue keep the next try back; where it does not take it, the sweep finds the row."""
        try:
            self._queues.put(delivery, now)
        except ServiceUnavailable:
            count("DeliveriesLeftToTheSweep")

    def _fall_back(self, delivery: Delivery, reason: str, now: datetime) -> Sent:
        """Send a code by SMS as soon as WhatsApp has failed once: it is waited for, and good for minutes."""
        failed = delivery.with_outcome(DeliveryStatus.FAILED, now=now, to=delivery.to, reason=reason)
        text = new_delivery(
            f"d-{identifiers.derived('sms', delivery.delivery_id)}",
            event=delivery.event,
            channel=Channel.SMS,
            template=delivery.template,
            language=delivery.language,
            user_id=delivery.user_id,
            to=delivery.to,
            parameters=delivery.parameters,
            now=now,
        )
        try:
            self._store.transact(
                [
                    saving_delivery(delivery, failed),
                    adding_delivery(replace(text, expires_at_epoch=delivery.expires_at_epoch)),
                ]
            )
        except TransactionRefused:
            return Sent.NOT_OURS
        return Sent.FAILED

    def _finish(  # noqa: PLR0913 - what is noted of an outcome
        self,
        delivery: Delivery,
        status: DeliveryStatus,
        outcome: Sent,
        now: datetime,
        *,
        to: str | None,
        reason: str | None,
    ) -> Sent:
        self._deliveries.save(delivery, delivery.with_outcome(status, now=now, to=to, reason=reason))
        return outcome


def _shown(delivery: Delivery, to: str) -> str | None:
    """Return the address of a message for admins; browsers have none that would say anything."""
    return None if delivery.channel is Channel.PUSH else to


def _falls_back(delivery: Delivery) -> bool:
    return delivery.event is Subject.CODE and delivery.channel is Channel.WHATS_APP
