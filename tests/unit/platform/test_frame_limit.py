"""A connection may send so much and no more, and the bucket fills again with time."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from marketplace.chat.frames import PingFrame
from marketplace.platform.api import invocation, websocket
from marketplace.platform.api.frame_limit import BURST, PER_SECOND, FrameLimit
from marketplace.platform.api.responses import Pong
from marketplace.platform.api.websocket import Frames
from marketplace.platform.aws.sockets import Sockets
from marketplace.platform.caller import SIGNED_IN, Caller, Role, context_of
from marketplace.platform.runtime.observability import Category
from tests.integration.open_sockets import OpenSockets


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_after_a_burst_a_connection_waits_until_the_bucket_has_filled_again() -> None:
    clock = Clock()
    limit = FrameLimit(clock)
    assert [limit.take("one", 1) for _ in range(BURST + 5)] == [True] * BURST + [False] * 5
    clock.seconds += 1
    assert sum(limit.take("one", 1) for _ in range(BURST)) == PER_SECOND
    clock.seconds += 3_600
    assert sum(limit.take("one", 1) for _ in range(2 * BURST)) == BURST


def test_each_connection_has_a_bucket_of_its_own_and_the_scale_enlarges_it() -> None:
    limit = FrameLimit(Clock())
    assert not all(limit.take("one", 1) for _ in range(BURST + 1))
    assert limit.take("two", 1)
    assert all(limit.take("three", 100) for _ in range(100 * BURST))


def test_too_many_frames_are_answered_with_their_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    class Scale:
        rate_limit_scale = 1

    class Context:
        aws_request_id = "r"

        def get_remaining_time_in_millis(self) -> int:
            return 1_000

    monkeypatch.setattr(websocket, "settings", Scale)
    monkeypatch.setattr(websocket, "FrameLimit", lambda: FrameLimit(Clock()))
    monkeypatch.setattr(invocation, "finish_invocation", lambda: None)
    frames = Frames(Category.CHAT, check_open=lambda _, __: None, sockets=lambda: Sockets(OpenSockets()))
    ping = frames.on("ping", PingFrame, roles=SIGNED_IN, response=Pong, summary="Keep the connection alive")
    ping(lambda _: {"type": "pong"})

    def ask(number: int) -> Mapping[str, Any]:
        event = {
            "requestContext": {
                "connectionId": "one",
                "authorizer": context_of(Caller(user_id="c-1", role=Role.CUSTOMER)),
            },
            "body": json.dumps({"action": "ping", "requestId": f"r-{number}"}),
        }
        answer: Mapping[str, Any] = json.loads(frames.answer(event, Context())["body"])
        return answer

    answers = [ask(number) for number in range(BURST + 1)]
    assert {answer["type"] for answer in answers[:-1]} == {"pong"}
    assert (answers[-1]["code"], answers[-1]["requestId"]) == ("too_many_requests", f"r-{BURST}")
