"""Frames of the WebSocket, from raw text to our words."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.handlers import all_frames
from marketplace.chat.frames import SendMessageFrame
from marketplace.platform.api.request_model import RequestModel
from marketplace.platform.api.websocket import parse_frame, read_envelope
from marketplace.platform.refusals import MalformedJson, PayloadTooLarge, Refusal, UnknownAction, ValidationFailed

GOOD: dict[str, dict[str, Any]] = {
    "sendMessage": {"conversationId": "r-1", "clientMessageId": "m-1", "message": "hi"},
    "markRead": {"conversationId": "r-1", "sequence": 3},
    "typing": {"conversationId": "r-1"},
    "editMessage": {"conversationId": "r-1", "sequence": 4, "message": "hi"},
    "deleteMessage": {"conversationId": "r-1", "sequence": 4},
    "sync": {"conversationId": "r-1", "after": 0},
    "openRoom": {"conversationId": "r-1"},
    "closeRoom": {"conversationId": "r-1"},
    "ping": {},
}


ROUTES = {frame.action: frame for frame in all_frames()}


def _parsed(frame: dict[str, Any]) -> RequestModel:
    return parse_frame(read_envelope(json.dumps(frame)), ROUTES)[1]


def test_there_is_an_example_of_every_action() -> None:
    assert set(GOOD) == set(ROUTES)


@pytest.mark.parametrize("action", GOOD)
def test_a_frame_becomes_what_its_action_says(action: str) -> None:
    assert type(_parsed({"action": action, **GOOD[action]})) is ROUTES[action].model


def test_a_frame_to_send_is_a_message_with_its_room() -> None:
    frame = _parsed({"action": "sendMessage", "requestId": "q", **GOOD["sendMessage"], "metadata": {"a": 1}})
    assert isinstance(frame, SendMessageFrame)
    assert (frame.conversation_id, frame.client_message_id, frame.message) == ("r-1", "m-1", "hi")


@pytest.mark.parametrize("action", GOOD)
def test_a_frame_is_as_strict_as_a_body(action: str) -> None:
    good = {"action": action, **GOOD[action]}
    for name in GOOD[action]:
        without = {key: value for key, value in good.items() if key != name}
        for broken in (without, {**good, name: None}, {**good, name: {}}):
            with pytest.raises(ValidationFailed) as refused:
                _parsed(broken)
            assert [error.path for error in refused.value.errors] == [name]
    with pytest.raises(ValidationFailed):
        _parsed({**good, "userId": "t-ayu"})


@pytest.mark.parametrize("action", ["", "PING", "ping ", "subscribe", "$connect", "sendmessage"])
def test_an_action_that_there_is_not_is_unknown(action: str) -> None:
    with pytest.raises(UnknownAction):
        _parsed({"action": action})


@pytest.mark.parametrize("frame", [{}, {"action": None}, {"action": 5}, {"action": ["ping"]}, {"type": "ping"}])
def test_a_frame_without_an_action_breaks_a_rule(frame: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        _parsed(frame)


@pytest.mark.parametrize("raw", [None, "", "ping", '{"action":"ping"', '{"action":"ping","action":"sync"}'])
def test_what_is_no_json_is_malformed(raw: str | None) -> None:
    with pytest.raises(MalformedJson):
        read_envelope(raw)


@pytest.mark.parametrize("raw", ["[]", "null", '"ping"', "1"])
def test_json_that_is_no_object_breaks_a_rule(raw: str) -> None:
    with pytest.raises(ValidationFailed):
        read_envelope(raw)


def test_a_frame_over_the_limit_is_too_large() -> None:
    with pytest.raises(PayloadTooLarge):
        read_envelope(json.dumps({"action": "ping", "x": "x" * 70_000}))


@pytest.mark.parametrize("request_id", ["1", "e\u0301 ", "\U0001f600", "x" * 128])
def test_the_request_id_is_echoed_exactly_whatever_else_is_wrong(request_id: str) -> None:
    for frame in ({"action": "nonsense"}, {"action": "sync"}, {}, {"action": "ping"}):
        envelope = read_envelope(json.dumps({**frame, "requestId": request_id}))
        assert envelope.request_id == request_id


@pytest.mark.parametrize("request_id", [5, None, "", " ", "x" * 129, "a\x00b", "\u202e", {"a": 1}, True])
def test_a_request_id_that_cannot_be_echoed_breaks_a_rule(request_id: object) -> None:
    envelope = read_envelope(json.dumps({"action": "ping", "requestId": request_id}))
    assert envelope.request_id is None
    with pytest.raises(ValidationFailed) as refused:
        parse_frame(envelope, ROUTES)
    assert [error.path for error in refused.value.errors] == ["requestId"]


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
FIELDS = st.sampled_from(
    [*sorted({name for good in GOOD.values() for name in good}), "requestId", "metadata", "location"]
)


@given(st.sampled_from([*ROUTES, "other"]), st.dictionaries(FIELDS | st.text(max_size=4), VALUES, max_size=6))
def test_no_frame_whatever_raises_anything_but_a_refusal(action: str, fields: dict[str, Any]) -> None:
    with suppress(Refusal):
        assert isinstance(_parsed({**fields, "action": action}), ROUTES[action].model)


@given(st.text(st.characters(codec=None), max_size=80) | st.binary(max_size=80))
def test_no_raw_text_whatever_raises_anything_but_a_refusal(raw: str | bytes) -> None:
    with suppress(Refusal):
        parse_frame(read_envelope(raw), ROUTES)
