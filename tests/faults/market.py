"""The marketplace in memory: the real handlers behind events as AWS shapes them, on tables that a test can break."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, Self

import pytest

from marketplace import bootstrap
from marketplace.chat.attachments.uploads import Uploads
from marketplace.commission.papers.repository import Papers
from marketplace.operations.invariants import Violation
from marketplace.operations.invariants.catalogue import check_all
from marketplace.operations.invariants.rooms import ACKNOWLEDGED
from marketplace.operations.invariants.rows import CLOCK
from marketplace.platform import clock, settings
from marketplace.platform.aws import sockets
from marketplace.platform.caller import OWNERS, Caller, Role
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.dynamodb.attribute_values import Item, to_item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency, keep_invocation_deadline
from tests.dynamodb_expressions import Attributes
from tests.events import Invocation, rest_event, socket_event
from tests.faults.bystanders import (
    Alarms,
    Bucket,
    EventBus,
    Gateway,
    Keys,
    People,
    Provider,
    Queue,
    Secrets,
    Translator,
)
from tests.faults.injection import Faults, FaultyClient, Killed
from tests.faults.market_environment import _Direct, change_record, forget_everything
from tests.faults.market_routes import handler, routed
from tests.rights import Watch
from tests.tables_in_memory import MemoryDynamoDB
from tools.local import demo_data

WAYAN: Final = Caller(user_id="c-wayan", role=Role.CUSTOMER, signed_in_at=2_000_000_000)
MADE: Final = Caller(user_id="c-made", role=Role.CUSTOMER, signed_in_at=2_000_000_000)
AYU: Final = Caller(user_id="t-ayu", role=Role.THERAPIST, signed_in_at=2_000_000_000)
BUDI: Final = Caller(user_id="t-budi", role=Role.THERAPIST, signed_in_at=2_000_000_000)
ADMIN: Final = Caller(user_id="a-admin", role=Role.ADMIN, signed_in_at=2_000_000_000, duties=OWNERS)

STREAMS: Final = frozenset({"bookings", "commission_records", "therapists", "notifications", "chat_messages"})
INSERTIONS_ALONE: Final = frozenset({"notifications", "chat_messages"})
"""Of these the template lets insertions through alone."""
READ: Final = (
    "bookings",
    "calendar",
    "claims",
    "chat_rooms",
    "chat_messages",
    "chat_changes",
    "policies",
    "commission_records",
    "ledger_entries",
    "payments",
    "papers",
    "proofs",
    "connections",
    "notifications",
    "deliveries",
    "therapists",
    "discount_codes",
    "history",
    "attachments",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a client sees of an answer."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    text: str = ""


class Market:
    """Customers, therapists and admins at the doors of the functions, one call at a time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        forget_everything()
        keep_invocation_deadline(60_000)  # the invocations of the test before are over
        self.faults = Faults()
        self.gateway, self.bus, self.parked, self.bucket = Gateway(), EventBus(), Queue(), Bucket()
        self.people = People()
        self.alarms = Alarms()
        self.translator = Translator()
        self.rights = Watch()
        self.provider = Provider()
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.remaining_milliseconds = 15_000
        self.acknowledged: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        """Changes of the tables that have not been published yet, as the streams would bring them."""
        self._with_patience(monkeypatch)
        self._through_faults(monkeypatch)
        self._by_own_clock(monkeypatch)
        self._seed()
        self.raw.streams = self._note_change

    # Doors ----------------------------------------------------------------------------------------------

    def call(  # noqa: PLR0913 - what a request is made of
        self,
        caller: Caller | None,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        seen: int | str | None = None,
        query: Mapping[str, str] | None = None,
        accept: str | None = None,
    ) -> Answered:
        """Send a request, and let the changes that it made be noted as the streams would.

        ``seen`` is the version of a booking that the caller has seen, or a whole ``If-Match`` header.
        """
        function, resource, parameters = routed(method, path)
        headers = {name: value for name, value in (("Idempotency-Key", key), ("Accept", accept)) if value}
        if seen is not None:
            headers["If-Match"] = seen if isinstance(seen, str) else f'"{seen}"'
        event = rest_event(method, resource, by=caller, path=parameters, query=query, body=body, headers=headers)
        answer = self.invoke(function, event)
        is_json = answer["headers"]["Content-Type"] in {"application/json", "application/problem+json"}
        body_of_answer = json.loads(answer["body"] or "{}") if is_json else {}
        return Answered(
            status=answer["statusCode"], body=body_of_answer, headers=answer["headers"], text=str(answer["body"])
        )

    def expect(self, status: int, *request: Any, **more: Any) -> dict[str, Any]:
        """Send a request that must be answered so, and return the body."""
        answer = self.call(*request, **more)
        assert answer.status == status, answer
        return answer.body

    def connect(self, caller: Caller, connection_id: str) -> int:
        """Open a socket; return the status that the gateway is told."""
        status = self._connection(caller, connection_id, "$connect")
        if status == 200:
            self.gateway.open.add(connection_id)
        return status

    def disconnect(self, caller: Caller, connection_id: str) -> int:
        """Close a socket."""
        self.gateway.open.discard(connection_id)
        return self._connection(caller, connection_id, "$disconnect")

    def frame(self, caller: Caller, connection_id: str, frame: Mapping[str, Any]) -> dict[str, Any]:
        """Send a frame over a socket, and return the frame that answers it."""
        is_message = frame.get("action") in {"sendMessage", "editMessage", "deleteMessage"}
        route = str(frame["action"]) if is_message else "$default"
        event = socket_event(route, by=caller, connection_id=connection_id, frame=frame)
        before = len(self.gateway.frames)
        answer = self.invoke("send_message" if is_message else "chat_session", event)
        if "body" in answer:
            return dict(json.loads(answer["body"]))
        # What is done already is answered over the socket itself, beside what others are told.
        answers = [sent for to, sent in self.gateway.frames[before:] if to == connection_id and sent["type"] == "ack"]
        return answers[0] if answers else {}

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke a function by its folder; a killed worker takes its memory with it."""
        answer_of = handler(function)
        try:
            with self.rights.running(function):
                answer: dict[str, Any] = answer_of(
                    event, Invocation(function_name=function, remaining_milliseconds=self.remaining_milliseconds)
                )
        except Killed:
            forget_everything()
            raise
        return answer

    # What people do --------------------------------------------------------------------------------------

    def order(self, therapist: Caller = AYU, **differing: Any) -> dict[str, Any]:
        """Return the body of an immediate booking of an hour, but for what differs."""
        return {
            "therapistId": therapist.user_id,
            "bookingType": "immediate",
            "duration": 60,
            "customerName": "Wayan Sudarma",
            "customerWhatsApp": "+6281234567890",
            "location": {"address": "Jalan Raya Ubud 8"},
            **differing,
        }

    def book(self, customer: Caller = WAYAN, therapist: Caller = AYU, **differing: Any) -> str:
        """Book, and return the booking's id."""
        answer = self.expect(201, customer, "POST", "/bookings", self.order(therapist, **differing))
        return str(answer["booking"]["bookingId"])

    def command(
        self,
        caller: Caller,
        booking_id: str,
        step: str,
        body: Mapping[str, Any] | None = None,
        *,
        seen: int | str | None = None,
    ) -> Answered:
        """Take a step on a booking: ``accept``, ``decline``, ``cancel``, ``complete``, ``reassign``."""
        prefix = "/admin/bookings" if step == "reassign" else "/bookings"
        return self.call(caller, "POST", f"{prefix}/{booking_id}/{step}", body, seen=seen)

    def send(self, caller: Caller, booking_id: str, words: str, message_id: str) -> Answered:
        """Send a message to a booking's room, and remember what was acknowledged."""
        room_id = room_of(booking_id)
        body = {"clientMessageId": message_id, "message": words}
        answer = self.call(caller, "POST", f"/rooms/{room_id}/messages", body)
        if answer.status in {200, 201}:
            known = any(each["clientMessageId"] == message_id for each in self.acknowledged)
            self.acknowledged.append(
                {
                    "conversationId": room_id,
                    "clientMessageId": message_id,
                    "sequence": answer.body["sequence"],
                    "message": words,
                    "isRepeat": known,
                }
            )
        return answer

    def sweep(self) -> dict[str, Any]:
        """Let the sweep of the minute run."""
        return self.invoke("expire_bookings", {})

    def wait(self, **time: float) -> None:
        """Let time pass (``minutes=16``)."""
        self.now += timedelta(**time)

    def publish(self, changes: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
        """Bring changes to their publisher: those that have waited, or the given ones."""
        waiting = list(self.changes if changes is None else changes)
        if changes is None:
            self.changes.clear()
        return self.invoke("publish_changes", {"Records": waiting})

    def translate(self, booking_id: str, sequence: int) -> dict[str, Any]:
        """Bring a message of a booking's room to its translator, as the stream does after it was written or changed."""
        row = self.row("chat_messages", conversationId=room_of(booking_id), sequence=sequence)
        return self.invoke("translate_messages", {"Records": [change_record("chat_messages", None, to_item(row))]})

    # What stands -----------------------------------------------------------------------------------------

    def rows(self, table: str) -> list[Item]:
        """Return every row of a table."""
        found: list[Item] = []
        start: Mapping[str, Any] | None = None
        while True:
            page = self.behind.scan(table, start=start)
            found += page.items
            start = page.next_key
            if start is None:
                return found

    def row(self, table: str, **key: str | int) -> Item:
        """Return one row that is there."""
        item = self.behind.get(table, key)
        assert item is not None
        return item

    def tables(self) -> dict[str, list[Item]]:
        """Return every table that the invariants judge, with what clients were promised."""
        return {
            **{table: self.rows(table) for table in READ},
            CLOCK: [{"now": format_utc(self.now)}],
            ACKNOWLEDGED: list(self.acknowledged),
        }

    def violations(self) -> list[Violation]:
        """Return what is broken."""
        return check_all(self.tables())

    def check(self) -> None:
        """Publish what waits, and let nothing be broken."""
        if self.changes:
            self.publish()
        found = self.violations()
        assert not found, found

    # Behind the doors ------------------------------------------------------------------------------------

    def plant(self, table: str, row: Mapping[str, Any]) -> None:
        """Write a row past every rule."""
        self.raw.put_item(TableName=settings.settings().table_prefix + table, Item=to_item(row))

    def remove(self, table: str, **key: str | int) -> None:
        """Take a row away without anybody's knowledge."""
        prefix = settings.settings().table_prefix
        self.raw.delete_item(TableName=prefix + table, Key=to_item(key))

    def forget_caches(self) -> None:
        """Start with a fresh execution environment, as after a cold start."""
        forget_everything()

    def _seed(self) -> None:
        for therapist in demo_data.THERAPISTS:
            bootstrap.catalogue().add_therapist(therapist)
        for code in demo_data.DISCOUNT_CODES:
            bootstrap.catalogue().add_discount_code(code)

    def _with_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wait for every push, however slow this machine is."""
        monkeypatch.setattr(sockets, "PATIENCE_SECONDS", 60.0)

    def _through_faults(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the faults where the functions get their clients."""
        self.raw = MemoryDynamoDB(settings.settings().table_prefix)
        self.behind = Store(_Direct(self.raw), settings.settings().table_prefix)  # type: ignore[arg-type]  # no retries
        clients = {
            "dynamodb": self.raw,
            "apigatewaymanagementapi": self.gateway,
            "events": self.bus,
            "sqs": self.parked,
            "sns": self.alarms,
            "secretsmanager": Secrets(),
            "cognito-idp": self.people,
            "kms": Keys(),
            "translate": self.translator,
            "s3": self.bucket,
        }

        @cache
        def client(service: str, endpoint_url: str | None = None) -> FaultyClient:
            del endpoint_url
            return FaultyClient(service, clients[service], self.faults, self._allows)

        @cache
        def uploads() -> Uploads:
            return Uploads(Dependency("s3", client("s3")), settings.settings().uploads_bucket)

        @cache
        def papers() -> Papers:
            return Papers(bootstrap.store(), Dependency("s3", client("s3")), "marketplace-papers-123456789012")

        monkeypatch.setattr(bootstrap, "papers", papers)
        monkeypatch.setattr(bootstrap, "payment_provider", lambda: self.provider)
        monkeypatch.setattr(bootstrap, "client", client)
        monkeypatch.setattr(bootstrap, "uploads", uploads)

    def _allows(self, service: str, operation: str, request: Mapping[str, Any]) -> bool:
        """Judge a call by the role of the function that makes it."""
        return self.rights.allows(service, operation, request, settings.settings().table_prefix)

    def _by_own_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        market = self

        class MarketTime(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Self:
                return cls.fromtimestamp(market.now.timestamp(), tz)

        monkeypatch.setattr(clock, "datetime", MarketTime)

    def _connection(self, caller: Caller, connection_id: str, route: str) -> int:
        event = socket_event(route, by=caller, connection_id=connection_id)
        return int(self.invoke("chat_session", event)["statusCode"])

    def _note_change(self, table: str, before: Attributes | None, after: Attributes | None) -> None:
        """Note a change as its stream brings it, if the template lets it through."""
        if table not in STREAMS or (after is None and table in INSERTIONS_ALONE):
            return
        if table in INSERTIONS_ALONE and before is not None:
            return
        self.changes.append(change_record(table, before, after, len(self.changes)))


def room_of(booking_id: str) -> str:
    """Return the room of a booking."""
    return "r-" + booking_id.removeprefix("b-")


def deadline_of(booking: Mapping[str, Any]) -> datetime:
    """Return a booking's deadline."""
    return parse_utc(booking["responseDeadline"])
