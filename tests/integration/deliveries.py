"""Deliveries in memory: a provider that keeps what it is given, and the way from new rows to it in one step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

import pytest

from marketplace import bootstrap
from marketplace.notification.channels.model import Failure, Message, NotSent
from marketplace.notification.delivery import Channel, Delivery
from marketplace.notification.delivery_repository import Ticket
from marketplace.platform.clock import utc_now
from marketplace.services.notification.reach import Sent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from types_boto3_dynamodb.service_resource import Table


@final
@dataclass(slots=True)
class Provider:
    """A provider in memory; it fails as it is told to."""

    sent: list[Message] = field(default_factory=list)
    fails: Failure | None = None
    is_final: bool = False

    def send(self, message: Message) -> None:
        """Keep a message, or fail."""
        if self.fails is not None:
            raise NotSent(self.fails, final=self.is_final)
        self.sent.append(message)


@final
@dataclass(slots=True)
class Queues:
    """The queues of all channels in memory."""

    put_for: list[tuple[Channel, Ticket, int]] = field(default_factory=list)

    def put(self, delivery: Delivery, now: "datetime") -> None:
        """Keep a ticket and the seconds for which it is kept back."""
        ticket = Ticket(delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1)
        self.put_for.append((delivery.channel, ticket, round((delivery.due_at - now).total_seconds())))


@final
@dataclass(slots=True, kw_only=True)
class Reached:
    """The providers by channel, and the tables."""

    tables: "Mapping[str, Table]"
    providers: dict[Channel, Provider]
    queues: Queues

    def rows(self) -> list[Any]:
        """Return every delivery as it is stored."""
        return list(self.tables["deliveries"].scan()["Items"])

    def send_due(self, now: "datetime | None" = None) -> list[Sent]:
        """Bring what is due to the queues, and try everything in them once."""
        moment = now or utc_now()
        bootstrap.reach().dispatch_due(moment)
        tickets, self.queues.put_for = self.queues.put_for, []
        return [bootstrap.reach().send(ticket, moment) for _, ticket, _ in tickets]


CHANNELS: Final = tuple(Channel)


@contextmanager
def reaching(tables: "Mapping[str, Table]", monkeypatch: pytest.MonkeyPatch) -> Iterator[Reached]:
    """Put providers and queues in memory in the place of the real ones."""
    providers, queues = {channel: Provider() for channel in CHANNELS}, Queues()
    monkeypatch.setattr(bootstrap, "gateway", providers.get)
    monkeypatch.setattr(bootstrap, "delivery_queues", lambda: queues)
    yield Reached(tables=tables, providers=providers, queues=queues)
