"""A push reaches whoever can be reached, forgets who is gone for good, and never fails its sender."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from marketplace.platform.aws.sockets import PATIENCE_SECONDS, Sockets

FRAME = {"type": "pong"}


@dataclass(frozen=True, slots=True)
class Line:
    connection_id: str
    connected_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=1))


def failure(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PostToConnection")  # type: ignore[typeddict-item]  # all that is read


class Gateway:
    """Answers each connection with what was scripted for it, then takes everything."""

    def __init__(self, **scripted: list[Exception]) -> None:
        self.scripted = scripted
        self.reached: list[str] = []

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        assert Data == b'{"type":"pong"}'
        if self.scripted.get(ConnectionId):
            raise self.scripted[ConnectionId].pop(0)
        self.reached.append(ConnectionId)

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803 - botocore's names
        raise AssertionError(ConnectionId)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


GONE = failure("GoneException", 410)
FAULTS = [
    failure("LimitExceededException", 429),
    failure("InternalServerError", 500),
    ConnectTimeoutError(endpoint_url=""),
]


def test_a_gone_connection_is_forgotten_and_the_others_are_reached() -> None:
    gateway, forgotten = Gateway(dead=[GONE]), list[Line]()
    dead, alive = Line("dead"), Line("alive")
    assert Sockets(gateway).push([(dead, FRAME), (alive, FRAME)], forget=forgotten.append) == 1
    assert (gateway.reached, forgotten) == (["alive"], [dead])


def test_a_connection_that_is_still_opening_is_waited_for() -> None:
    gateway, forgotten = Gateway(fresh=[GONE, GONE]), list[Line]()
    assert Sockets(gateway).push([(Line("fresh", datetime.now(UTC)), FRAME)], forget=forgotten.append) == 1
    assert forgotten == []


def test_a_connection_that_never_opens_is_forgotten_after_all() -> None:
    gateway, forgotten = Gateway(fresh=[GONE] * 9), list[Line]()
    assert Sockets(gateway).push([(Line("fresh", datetime.now(UTC)), FRAME)], forget=forgotten.append) == 0
    assert [line.connection_id for line in forgotten] == ["fresh"]


@pytest.mark.parametrize("fault", FAULTS, ids=["429", "500", "time-out"])
def test_a_passing_fault_is_tried_once_more_and_forgets_nobody(fault: Exception) -> None:
    gateway, forgotten = Gateway(one=[fault], two=[fault, fault]), list[Line]()
    assert Sockets(gateway).push([(Line("one"), FRAME), (Line("two"), FRAME)], forget=forgotten.append) == 1
    assert (gateway.reached, forgotten) == (["one"], [])


class Hanging(Gateway):
    """Does not answer for some connections until the test lets it."""

    def __init__(self, *hanging: str) -> None:
        super().__init__()
        self.hanging = set(hanging)
        self.let_go = threading.Event()

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803 - botocore's names
        if ConnectionId in self.hanging:
            assert self.let_go.wait(20)
        super().post_to_connection(ConnectionId=ConnectionId, Data=Data)


@pytest.fixture
def forgotten() -> list[Line]:
    return []


def timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_a_socket_that_does_not_answer_keeps_nobody_waiting_and_no_one_twice(forgotten: list[Line]) -> None:
    gateway = Hanging(*(f"slow-{number}" for number in range(10)))
    sockets = Sockets(gateway)
    lines = [Line(f"slow-{number}") for number in range(10)] + [Line("prompt")]

    def push() -> None:
        assert sockets.push([(line, FRAME) for line in lines], forget=forgotten.append) == 1

    first, *later = [timed(push) for _ in range(20)]

    assert gateway.reached == ["prompt"] * 20
    assert first < len(lines) * PATIENCE_SECONDS / 2
    assert sum(later) < len(later) * PATIENCE_SECONDS / 2
    gateway.let_go.set()


def test_what_a_slow_socket_was_sent_reaches_it_when_it_answers(forgotten: list[Line]) -> None:
    gateway, slow = Hanging("slow"), Line("slow")
    sockets = Sockets(gateway)
    for _ in range(3):
        sockets.push([(slow, FRAME)], forget=forgotten.append)
    gateway.let_go.set()
    until = time.monotonic() + 10
    while len(gateway.reached) < 3 and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert (gateway.reached, forgotten) == (["slow"] * 3, [])


def test_an_answer_does_not_wait_for_what_others_are_told(forgotten: list[Line]) -> None:
    gateway = Hanging("slow")
    sockets = Sockets(gateway)
    has_arrived = sockets.answer("asker", FRAME)
    sockets.push([(Line("slow"), FRAME)], forget=forgotten.append)
    assert has_arrived()
    assert gateway.reached == ["asker"]
    gateway.let_go.set()


def test_an_answer_that_cannot_be_sent_goes_the_usual_way() -> None:
    for fault in (GONE, *FAULTS):
        assert not Sockets(Gateway(asker=[fault])).answer("asker", FRAME)()


class Closing(Gateway):
    """Calls a connection gone for some calls, as the gateway does while it is just opening."""

    def __init__(self, gone: int) -> None:
        super().__init__()
        self.gone = gone

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803 - botocore's names
        self.gone -= 1
        if self.gone >= 0:
            raise GONE
        self.reached.append(ConnectionId)


def test_closing_waits_for_a_connection_that_is_just_opening() -> None:
    gateway = Closing(gone=2)
    assert Sockets(gateway).close([Line("fresh", datetime.now(UTC))]) == 1
    assert gateway.reached == ["fresh"]
    assert Sockets(Closing(gone=9)).close([Line("fresh", datetime.now(UTC)), Line("old")]) == 0
