"""How long others wait for their webhooks while one endpoint is dead and thousands of events are for it.

    python -m bench.reaching.webhook_time --events 10000

The real sender works off its queue over tables in memory; a call of the dead endpoint takes the ten seconds after which
it is given up, of the clock of this measurement. What is printed is when the last event of the other endpoint was told.
"""

import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, final

import pytest

from marketplace import bootstrap
from marketplace.notification.webhooks.model import WebhookDelivery, new_webhook_delivery
from marketplace.platform.aws.outbound import NoAnswer
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.services.notification.webhook_sending import WebhookAttempt, WebhookSender
from tests.faults.market import Market
from tests.faults.market_environment import environment
from tools.command_line import OneLineParser

DEAD: Final = "https://dead.example.com/"
GOOD: Final = "https://good.example.com/"
OTHERS: Final = 100
GIVEN_UP_AFTER: Final = timedelta(seconds=10)
_AN_HOUR_IN_MILLISECONDS: Final = 3_600_000
_EVENT: Final = "booking.created"


@final
@dataclass(slots=True)
class Line:
    """The queue, and the endpoints at its end, by the clock of the measurement."""

    now: datetime
    waiting: deque[tuple[datetime, WebhookAttempt]] = field(default_factory=deque)
    tries_of_the_dead: int = 0
    told: list[datetime] = field(default_factory=list)

    def put(self, delivery: WebhookDelivery, now: datetime) -> None:
        """Keep an attempt until it is due."""
        attempt = WebhookAttempt(
            webhook_id=delivery.webhook_id, delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1
        )
        self.waiting.append((max(delivery.due_at, now), attempt))

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, on_laptop: bool) -> int:
        """Answer as the endpoints do."""
        del body, headers, seconds, on_laptop
        if url == DEAD:
            self.tries_of_the_dead += 1
            self.now += GIVEN_UP_AFTER
            raise NoAnswer
        self.told.append(self.now)
        return 200


def measure(events: int) -> str:
    """Queue the events of the dead endpoint before those of the other, work them off in turn, and report."""
    with pytest.MonkeyPatch.context() as patching:
        for name, value in environment().items():
            patching.setenv(name, value)
        market = Market(patching)
        keep_invocation_deadline(_AN_HOUR_IN_MILLISECONDS)
        owner = Caller(user_id="a-admin", role=Role.ADMIN, signed_in_at=2_000_000_000)
        for url in (DEAD, GOOD):
            bootstrap.webhook_commands().add(url, (_EVENT,), by=owner, now=market.now)
        dead, good = sorted(bootstrap.webhooks().find_all(), key=lambda each: each.url)
        began = utc_now()
        line = Line(began)
        sender = WebhookSender(
            bootstrap.store(),
            bootstrap.webhooks(),
            bootstrap.webhook_deliveries(),
            line,  # type: ignore[arg-type]  # a queue in memory
            line.post,
        )
        for webhook, number in ((dead, events), (good, OTHERS)):
            for each in range(number):
                delivery = _delivery(webhook.webhook_id, each, began)
                bootstrap.webhook_deliveries().add(delivery)
                sender.dispatch(delivery, began)
        while len(line.told) < OTHERS:
            due_at, attempt = line.waiting.popleft()
            if due_at > line.now:
                line.waiting.append((due_at, attempt))
                continue
            started = time.process_time()
            sender.tell(attempt, line.now)
            line.now += timedelta(seconds=time.process_time() - started)
    waited = (line.told[-1] - began).total_seconds()
    return (
        f"{events:,} events for a dead endpoint in front, worked off one at a time: {line.tries_of_the_dead} of them "
        f"tried it, the last of {OTHERS} events for another was told after {waited:.0f} s"
    )


def _delivery(webhook_id: str, number: int, at: datetime) -> WebhookDelivery:
    return new_webhook_delivery(
        webhook_id,
        event_id=f"evt_{number}",
        event=_EVENT,
        body=json.dumps({"type": _EVENT}),
        booking_id=f"b-{number}",
        at=at,
        now=at,
    )


def main() -> None:
    """Measure and print."""
    parser = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=10_000)
    print(measure(parser.parse_args().events))


if __name__ == "__main__":
    main()
