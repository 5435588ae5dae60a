"""Other systems are told at least once and in order, hear nothing private, and one that is away delays no other."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, final

import pytest

from marketplace import bootstrap
from marketplace.notification.webhooks.model import Webhook, WebhookDelivery
from marketplace.platform.aws.outbound import NoAnswer
from marketplace.platform.clock import utc_now
from marketplace.services.notification.webhook_sending import WebhookAttempt, WebhookSender
from tests.integration.gateway import call
from tests.integration.marketplace_scene import ADMIN

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

GOOD, DEAD = "https://good.example.com/", "https://dead.example.com/"


@final
@dataclass(slots=True)
class Receivers:
    """Receivers in memory: those that are away do not answer."""

    away: set[str] = field(default_factory=set)
    got: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)
    tried: int = 0

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, on_laptop: bool) -> int:
        del seconds, on_laptop
        self.tried += 1
        if url in self.away:
            raise NoAnswer
        self.got.append((url, headers, json.loads(body)))
        return 200

    def types(self, url: str = GOOD) -> list[str]:
        return [body["type"] for to, _, body in self.got if to == url]


@final
@dataclass(slots=True)
class Queue:
    """The queue in memory: what waits, and from when on."""

    waiting: list[tuple[datetime, WebhookAttempt]] = field(default_factory=list)

    def put(self, delivery: WebhookDelivery, now: datetime) -> None:
        told = WebhookAttempt(
            webhook_id=delivery.webhook_id, delivery_id=delivery.delivery_id, attempt=delivery.attempts + 1
        )
        self.waiting.append((max(delivery.due_at, now), told))


@final
class World:
    """Webhooks, receivers and a queue that is worked off by the clock of a test."""

    def __init__(self) -> None:
        self.began = utc_now()
        self.receivers, self.queue = Receivers(), Queue()
        self.sender = WebhookSender(
            bootstrap.store(),
            bootstrap.webhooks(),
            bootstrap.webhook_deliveries(),
            self.queue,  # type: ignore[arg-type] # a queue in memory
            self.receivers,
        )

    def add(self, url: str, *events: str) -> Webhook:
        added = bootstrap.webhook_commands().add(url, events or ("booking.created",), by=ADMIN, now=utc_now())
        assert added.secret.startswith("whsec_")
        return added

    def happen(self, event: str, booking_id: str = "b-1", version: int = 1) -> None:
        at = self.began + timedelta(milliseconds=version)
        bootstrap.webhook_planner().plan(
            event,
            of=f"{booking_id}#{version}",
            booking_id=booking_id,
            data=lambda: {"booking": {"bookingId": booking_id, "version": version}},
            at=at,
        )

    def work(self, now: datetime) -> None:
        """Bring what is due to the queue, and work off what it lets go by then."""
        self.sender.dispatch_due(now)
        for _ in range(20):
            due = [each for each in self.queue.waiting if each[0] <= now]
            if not due:
                return
            self.queue.waiting = [each for each in self.queue.waiting if each[0] > now]
            for _, told in due:
                self.sender.tell(told, now)


@pytest.fixture
def world(tables: Mapping[str, "Table"]) -> World:
    del tables
    return World()


def test_what_happens_is_told_once_and_signed(world: World) -> None:
    webhook = world.add(GOOD)
    for _ in range(2):
        world.happen("booking.created")
    world.happen("booking.declined", version=2)
    world.work(utc_now())

    assert world.receivers.types() == ["booking.created"]
    _, headers, body = world.receivers.got[0]
    assert headers["webhook-id"] == body["id"]
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    signed = f"{body['id']}.{headers['webhook-timestamp']}.{text}".encode()
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_booking_keeps_its_order_though_its_first_event_fails(world: World) -> None:
    world.add(GOOD, "booking.created", "booking.confirmed")
    world.receivers.away.add(GOOD)
    now = utc_now()
    world.happen("booking.created")
    world.happen("booking.confirmed", version=2)
    world.work(now)
    world.receivers.away.clear()
    for minutes in range(1, 10):
        world.work(now + timedelta(minutes=minutes))
    assert world.receivers.types() == ["booking.created", "booking.confirmed"]


def test_many_events_to_a_dead_receiver_delay_no_other(world: World) -> None:
    world.add(DEAD)
    world.add(GOOD)
    world.receivers.away.add(DEAD)
    for number in range(40):
        world.happen("booking.created", f"b-{number}")
    world.work(utc_now())
    assert len(world.receivers.types()) == 40
    assert world.receivers.tried - 40 <= 5


def test_three_days_of_failures_switch_a_webhook_off_and_admins_hear_of_it(
    world: World, tables: Mapping[str, "Table"]
) -> None:
    webhook = world.add(DEAD)
    long_ago = utc_now() - timedelta(days=3)
    bootstrap.webhooks().save(webhook, webhook.failed(long_ago))
    world.receivers.away.add(DEAD)
    world.happen("booking.created")
    world.work(utc_now())

    found = bootstrap.webhooks().find(webhook.webhook_id)
    assert found is not None
    assert not found.active
    kinds = [str(item["kind"]) for item in tables["notifications"].scan()["Items"]]
    assert kinds == ["webhook_switched_off"]


def test_what_was_told_can_be_told_once_more_under_the_same_id(world: World) -> None:
    webhook = world.add(GOOD)
    world.happen("booking.created")
    world.work(utc_now())
    path = {"webhookId": webhook.webhook_id}
    listed = call("GET", "/admin/webhooks/{webhookId}/deliveries", by=ADMIN, path=path).body["items"]
    (delivery,) = listed
    again = call(
        "POST",
        "/admin/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
        by=ADMIN,
        path={**path, "deliveryId": delivery["deliveryId"]},
    )
    world.work(utc_now() + timedelta(seconds=1))

    assert (delivery["status"], delivery["attempts"], again.status) == ("sent", 1, 200)
    ids = [body["id"] for _, _, body in world.receivers.got]
    assert ids == [delivery["eventId"]] * 2


def test_the_routes_show_the_secret_once_and_refuse_addresses_inside(tables: Mapping[str, "Table"]) -> None:
    body = {"url": GOOD, "events": ["booking.created"]}
    added = call("POST", "/admin/webhooks", by=ADMIN, body=body)
    path = {"webhookId": added.body["webhookId"]}
    changed = call("PATCH", "/admin/webhooks/{webhookId}", by=ADMIN, path=path, body={"active": False})
    listed = call("GET", "/admin/webhooks", by=ADMIN)
    tested = call("POST", "/admin/webhooks/{webhookId}/test", by=ADMIN, path=path)
    removed = [call("DELETE", "/admin/webhooks/{webhookId}", by=ADMIN, path=path).status for _ in range(2)]
    inside = call("POST", "/admin/webhooks", by=ADMIN, body={**body, "url": "https://169.254.169.254/"})
    unknown = call("POST", "/admin/webhooks", by=ADMIN, body={**body, "events": ["booking.created", "booking.paid"]})

    assert (added.status, changed.status, tested.status, removed) == (201, 200, 200, [200, 200])
    assert changed.body["active"] is False
    assert added.body["secret"] not in listed.text
    assert (inside.status, inside.body["errors"][0]["path"]) == (422, "url")
    assert (unknown.status, unknown.body["errors"][0]["path"]) == (422, "events")
    assert all(int(str(item["version"])) >= 1 for item in tables["history"].scan()["Items"])
    actions = [str(item["action"]) for item in tables["history"].scan()["Items"]]
    assert sorted(actions) == ["webhook_added", "webhook_changed", "webhook_removed"]
