"""A push reaches whoever can be reached, forgets who is gone for good, and never fails its sender."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from marketplace.platform.sockets import Sockets

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
