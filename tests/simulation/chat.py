"""A chat over the real handlers, in memory and from a seed: people with two devices each, cut off at any moment.

Between any two calls of a handler to the store another device may act, so that senders race each other;
answers of the store get lost; pushes go to sockets that are dead or deaf. The clients do what the contract
asks of clients: send again what was not acknowledged, edits and deletions too, and sync on a gap of sequences or
revisions and after coming back.
"""

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, final

from botocore.exceptions import ClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from functions.chat_session import handler as chat_session
from functions.read_chat import handler as read_chat
from functions.send_message import handler as send_message
from marketplace.platform.caller import Caller, Role
from marketplace.platform.language import Language
from tests.events import Invocation, rest_event, socket_event
from tests.tables_in_memory import MemoryDynamoDB

DEEPEST: Final = 2
"""How many devices act inside each other's calls to the store."""


class Handler(Protocol):
    """The module of a function."""

    def lambda_handler(self, event: Mapping[str, Any], context: Invocation) -> dict[str, Any]:
        """Answer an event."""
        ...


@final
@dataclass(slots=True, eq=False)
class Device:
    """One client: what it has seen, what it still has to send, and its socket, if any."""

    owner: Caller
    name: str
    connection_id: str | None = None
    is_deaf: bool = False
    """Whether the network is gone although neither side has noticed."""
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)
    outbox: deque[dict[str, Any]] = field(default_factory=deque)
    acks: dict[str, int] = field(default_factory=dict)
    has_gap: bool = True
    sending: bool = False
    written: int = 0
    upto: int = 0
    """Up to which sequence nothing is missing."""
    changes: deque[dict[str, Any]] = field(default_factory=deque)
    """Edits and deletions of what this device wrote, which still have to be sent."""
    texts: dict[str, str] = field(default_factory=dict)
    """What it has written, by the client's id, as it should read in the end; empty what it took back."""
    changed: int = 0
    revision: int = 0
    """Up to which revision no change is missing."""

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message in its newest revision; note if one before it is missing."""
        known = self.seen.setdefault(message["sequence"], message)
        assert _same(known, message), "a message changed"
        if message["revision"] > known["revision"]:
            self.seen[message["sequence"]] = message
        while self.upto + 1 in self.seen:
            self.upto += 1
        self.has_gap = self.has_gap or message["sequence"] > self.upto

    def take_change(self, message: dict[str, Any]) -> None:
        """Keep an edited or deleted message; note if a change before it is missing."""
        self.take(message)
        if message["revision"] == self.revision + 1:
            self.revision += 1
        self.has_gap = self.has_gap or message["revision"] > self.revision

    @property
    def changeable(self) -> list[str]:
        """The ids of what it has written, knows to be there, and has not taken back."""
        return [said for said in self.acks if self.texts[said]]


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = ["sequence", "senderId", "clientMessageId"]
    if one["revision"] == other["revision"]:
        names += ["message", "deleted"]
    return all(one[name] == other[name] for name in names)


@final
class Tables:
    """The tables behind a network: calls fail, answers get lost, and others act in between."""

    def __init__(self, memory: MemoryDynamoDB, chance: random.Random, meanwhile: Callable[[], None]) -> None:
        self._memory = memory
        self._chance = chance
        self._meanwhile = meanwhile
        self.lossy = False

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        act = getattr(self._memory, operation)

        def call(**asked: Any) -> Any:  # noqa: ANN401 - as the client's own
            self._meanwhile()
            if self.lossy and self._chance.random() < 0.01:
                if self._chance.random() < 0.5:
                    act(**asked)
                raise BotocoreConnectionError(error=OSError())
            return act(**asked)

        return call


@final
class Chat:
    """One room, its people and their devices."""

    def __init__(self, seed: int, room_id: str, people: list[Caller], memory: MemoryDynamoDB) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a game, not a secret
        self.room_id = room_id
        self.memory = memory
        self.tables = Tables(memory, self.chance, self._meanwhile)
        self.devices = [Device(owner=person, name=f"{person.user_id}-{n}") for person in people for n in (1, 2)]
        self.cuts = 0
        self.horizons: dict[str, int] = {}
        self._depth = 0
        self._answers: list[dict[str, Any]] = []
        """Of frames that are being answered, the latest last."""
        self._connections = 0
        self._by_connection: dict[str, Device] = {}

    # The gateway, as its management API is used -------------------------------------------------------------

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        """Bring a frame to a device, or say that there is none; a deaf one hears nothing."""
        device = self._by_connection.get(ConnectionId)
        if device is None:
            raise ClientError(
                {"Error": {"Code": "GoneException", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 410}},  # type: ignore[typeddict-item]  # all that is read
                "PostToConnection",
            )
        frame = json.loads(Data)
        if frame["type"] == "ack":
            self._answers.append(frame)
        elif not device.is_deaf and frame["type"] == "message":
            device.take(frame["message"])
        elif not device.is_deaf and frame["type"] in {"edited", "deleted"}:
            device.take_change(frame["message"])

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803 - botocore's names
        """Close a socket; its device opens another when it notices."""
        device = self._by_connection.pop(ConnectionId, None)
        if device is not None and device.connection_id == ConnectionId:
            device.connection_id = None

    # What happens ------------------------------------------------------------------------------------------

    def run(self, cuts: int) -> None:
        """Let things happen until so many cuts have been survived, then let everybody come back."""
        self.tables.lossy = True
        while self.cuts < cuts:
            self.step()
        self.tables.lossy = False
        for device in self.devices:
            self._come_back(device)
            while device.outbox:
                self._send(device)
            while device.changes:
                self._change(device)
        for device in self.devices:
            self._catch_up(device)

    def step(self) -> None:
        """Let one device do one thing."""
        device = self.chance.choice([each for each in self.devices if not each.sending])
        if device.connection_id is None or device.is_deaf:
            self._come_back(device)
        what = self.chance.random()
        if what < 0.3:
            self._cut(device)
        elif what < 0.68:
            if len(device.outbox) < 5:
                device.written += 1
                text = f"{device.name} {device.written}"
                said = f"{device.name}-{device.written}"
                device.outbox.append({"clientMessageId": said, "message": text})
                device.texts[said] = text
            self._send(device)
        elif what < 0.8:
            if len(device.changes) < 5 and device.changeable:
                self._decide_to_change(device)
            self._change(device)
        elif what < 0.92:
            self._read(device)
        elif device.has_gap:
            self._catch_up(device)
        else:
            self._frame(device, {"action": self.chance.choice(["openRoom", "closeRoom"]), **self._here})

    def _meanwhile(self) -> None:
        if self._depth < DEEPEST and self.chance.random() < 0.06:
            self._depth += 1
            free = [each for each in self.devices if not each.sending and each.connection_id and not each.is_deaf]
            if free:
                device = self.chance.choice(free)
                if device.changes and self.chance.random() < 0.5:
                    self._change(device)
                elif device.outbox or self.chance.random() < 0.5:
                    self._send(device)
                else:
                    self._read(device)
            self._depth -= 1

    @property
    def _here(self) -> dict[str, str]:
        return {"conversationId": self.room_id}

    def _cut(self, device: Device) -> None:
        """Cut a socket: the server hears of it, or finds out by a 410, or pushes into the void for a while."""
        self.cuts += 1
        match self.chance.randrange(3):
            case 0:
                self._disconnect(device, told=True)
            case 1:
                self._disconnect(device, told=False)
            case _:
                device.is_deaf = True

    def _disconnect(self, device: Device, *, told: bool) -> None:
        connection_id, device.connection_id, device.is_deaf = device.connection_id, None, False
        if connection_id is None:
            return
        del self._by_connection[connection_id]
        if told:
            self._invoke(chat_session, socket_event("$disconnect", by=device.owner, connection_id=connection_id))

    def _come_back(self, device: Device) -> None:
        self._disconnect(device, told=self.chance.random() < 0.5)
        self._connections += 1
        connection_id = f"connection-{self._connections}"
        answer = self._invoke(chat_session, socket_event("$connect", by=device.owner, connection_id=connection_id))
        if answer["statusCode"] != 200:
            return
        device.connection_id = connection_id
        self._by_connection[connection_id] = device
        self._catch_up(device)

    def _catch_up(self, device: Device) -> None:
        more = True
        while more:
            upto, revision = device.upto, device.revision
            if self.chance.random() < 0.5 and device.connection_id:
                page = self._frame(device, {"action": "sync", **self._here, "after": upto, "revision": revision})
                if page.get("type") != "page":
                    continue
            else:
                query = {"after": str(upto), "changedAfter": str(revision)}
                page = self._rest(device, "GET", "/messages", query=query)
                if "items" not in page:
                    continue
            for message in (*page["items"], *page["changes"]):
                device.take(message)
            device.revision = max(device.revision, page["revision"])
            more = page["hasMore"]
        device.has_gap = False

    def _send(self, device: Device) -> None:
        """Send what is first in the outbox; it stays there until it is acknowledged."""
        if not device.outbox or device.sending:
            return
        device.sending = True
        try:
            message = device.outbox[0]
            lost = self.chance.random()
            if lost < 0.05:  # the request never arrives
                self.cuts += 1
                return
            if self.chance.random() < 0.5 and device.connection_id:
                ack = self._frame(device, {"action": "sendMessage", **self._here, **message})
            else:
                ack = self._rest(device, "POST", "/messages", body=message)
            if lost < 0.15:  # the ack never arrives
                self.cuts += 1
                device.is_deaf = device.connection_id is not None
                return
            if ack.get("type") == "ack":
                assert ack["clientMessageId"] == message["clientMessageId"]
                device.acks[message["clientMessageId"]] = ack["sequence"]
                device.outbox.popleft()
        finally:
            device.sending = False

    def _decide_to_change(self, device: Device) -> None:
        """Edit or take back something that this device wrote, as soon as the network lets it."""
        said = self.chance.choice(device.changeable)
        device.changed += 1
        change: dict[str, Any] = {"sequence": device.acks[said]}
        if self.chance.random() < 0.3:
            device.texts[said] = ""
        else:
            device.texts[said] = change["message"] = f"{device.name} meant {device.changed}"
        device.changes.append(change)

    def _change(self, device: Device) -> None:
        """Send the first of its changes; it stays there until it is acknowledged."""
        if not device.changes or device.sending:
            return
        device.sending = True
        try:
            change = device.changes[0]
            lost = self.chance.random()
            if lost < 0.05:  # the request never arrives
                self.cuts += 1
                return
            if self.chance.random() < 0.5 and device.connection_id:
                action = "editMessage" if "message" in change else "deleteMessage"
                ack = self._frame(device, {"action": action, **self._here, **change})
            elif "message" in change:
                ack = self._rest(
                    device, "PATCH", "/messages", of=change["sequence"], body={"message": change["message"]}
                )
            else:
                ack = self._rest(device, "DELETE", "/messages", of=change["sequence"])
            if lost < 0.15:  # the ack never arrives
                self.cuts += 1
                device.is_deaf = device.connection_id is not None
                return
            if ack.get("type") == "ack":
                assert ack["sequence"] == change["sequence"]
                device.changes.popleft()
        finally:
            device.sending = False

    def _read(self, device: Device) -> None:
        sequence = self.chance.randrange(device.upto + 3)
        if self.chance.random() < 0.5 and device.connection_id:
            answer = self._frame(device, {"action": "markRead", **self._here, "sequence": sequence})
        else:
            answer = self._rest(device, "POST", "/read", body={"sequence": sequence})
        if "sequence" in answer and self._depth == 0:
            assert answer["sequence"] >= self.horizons.get(device.owner.user_id, 0), "a horizon moved back"
            self.horizons[device.owner.user_id] = answer["sequence"]

    # Events of the gateways ----------------------------------------------------------------------------------

    def _frame(self, device: Device, frame: Mapping[str, Any]) -> dict[str, Any]:
        event = socket_event(str(frame["action"]), by=device.owner, connection_id=device.connection_id or "")
        to = send_message if frame["action"] in {"sendMessage", "editMessage", "deleteMessage"} else chat_session
        answer = self._invoke(to, {**event, "body": json.dumps(frame)})
        body: dict[str, Any] = json.loads(answer["body"]) if "body" in answer else self._answers.pop()
        assert body["type"] != "error" or body["code"] in {"service_unavailable", "unauthenticated"}, body
        return body

    def _rest(  # noqa: PLR0913 - the parts of a request
        self,
        device: Device,
        method: str,
        path: str,
        *,
        of: int | None = None,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        route = f"/rooms/{{conversationId}}{path}{'' if of is None else '/{sequence}'}"
        parameters = self._here if of is None else {**self._here, "sequence": str(of)}
        event = rest_event(method, route, by=device.owner, path=parameters, body=body, query=query)
        to = send_message if method != "GET" and path == "/messages" else read_chat
        answer = self._invoke(to, event)
        assert answer["statusCode"] in {200, 201, 503}, answer
        found: dict[str, Any] = json.loads(answer["body"])
        return found

    def _invoke(self, to: Handler, event: Mapping[str, Any]) -> dict[str, Any]:
        return to.lambda_handler(event, Invocation())


CUSTOMER: Final = Caller(user_id="c-1", role=Role.CUSTOMER)
THERAPIST: Final = Caller(user_id="t-1", role=Role.THERAPIST, language=Language.INDONESIAN)
