"""Messages, files and the rest of the chat, as clients send them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from marketplace.chat.attachments.metadata import METADATA_DEPTH, METADATA_LIMIT, checked_metadata
from marketplace.chat.attachments.model import LARGEST_FILE
from marketplace.chat.attachments.requests import NewAttachment, NewProof
from marketplace.chat.requests import MarkRead, NewMessage
from marketplace.platform.api.request_model import parse
from marketplace.platform.refusals import ValidationFailed

MESSAGE: dict[str, Any] = {"clientMessageId": "m-1", "message": "See you at ten"}
PLACE = {"latitude": -8.5, "longitude": 115.2}


def _broken(payload: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationFailed) as refused:
        parse(NewMessage, payload)
    return {error.path for error in refused.value.errors}


def test_a_message_is_text_unless_it_says_otherwise() -> None:
    message = parse(NewMessage, MESSAGE)
    assert (message.message_type, message.attachment_id, message.location, message.metadata) == (
        "text",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"messageType": "image", "attachmentId": "f-1"},
        {"messageType": "file", "attachmentId": "f-1", "metadata": {"pages": 2}},
        {"messageType": "location", "location": PLACE},
    ],
)
def test_every_type_of_message_may_be_sent_with_what_it_needs(more: dict[str, Any]) -> None:
    assert parse(NewMessage, {**MESSAGE, **more}).message_type == more["messageType"]


@pytest.mark.parametrize(
    ("more", "broken"),
    [
        ({"messageType": "image"}, {"attachmentId"}),
        ({"messageType": "file"}, {"attachmentId"}),
        ({"messageType": "location"}, {"location"}),
        ({"attachmentId": "f-1"}, {"attachmentId"}),
        ({"location": PLACE}, {"location"}),
        ({"messageType": "location", "location": PLACE, "attachmentId": "f-1"}, {"attachmentId"}),
        ({"messageType": "location", "location": {"latitude": 1}}, {"location.longitude"}),
    ],
)
def test_a_message_has_just_what_its_type_needs(more: dict[str, Any], broken: set[str]) -> None:
    assert _broken({**MESSAGE, **more}) == broken


@pytest.mark.parametrize("message_type", ["booking", "system", "status-update", "TEXT", "", None])
def test_what_comes_from_the_server_alone_cannot_be_sent(message_type: object) -> None:
    assert _broken({**MESSAGE, "messageType": message_type}) == {"messageType"}


@pytest.mark.parametrize("name", ["senderId", "senderRole", "sequence", "timestamp", "isRead"])
def test_a_client_does_not_say_who_or_when(name: str) -> None:
    assert _broken({**MESSAGE, name: "admin"}) == {name}


def test_a_message_has_1_to_4000_characters() -> None:
    assert len(parse(NewMessage, {**MESSAGE, "message": "\U0001f600" * 4000}).message) == 4000
    for message in ("", " ", "\u200d", "x" * 4001):
        assert _broken({**MESSAGE, "message": message}) == {"message"}


def test_metadata_may_have_4096_bytes_of_json() -> None:
    room = METADATA_LIMIT - len('{"a":""}')
    assert checked_metadata({"a": "x" * room})
    with pytest.raises(PydanticCustomError):
        checked_metadata({"a": "x" * (room + 1)})
    with pytest.raises(PydanticCustomError):
        checked_metadata({"a": "\u00e9" * (room // 2 + 1)})


def test_metadata_is_normalised_like_any_text() -> None:
    assert checked_metadata({" Re\u0301 ": [{"a": " e\u0301"}]}) == {"R\u00e9": [{"a": "\u00e9"}]}


def _nested(depth: int) -> dict[str, object]:
    value: object = 1
    for _ in range(depth):
        value = {"a": value}
    assert isinstance(value, dict)
    return value


def test_metadata_nests_no_deeper_than_a_store_can_keep() -> None:
    assert checked_metadata(_nested(METADATA_DEPTH))
    with pytest.raises(PydanticCustomError):
        checked_metadata(_nested(METADATA_DEPTH + 1))
    with pytest.raises(PydanticCustomError):
        checked_metadata({"a": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]})


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**40, 1e101, 1e-101, float("inf"), "\x00", "\u202e", "", {"": 1}])
def test_metadata_that_could_not_be_kept_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        checked_metadata({"a": value})


@pytest.mark.parametrize("metadata", [None, [], "x", 1, {"a": "x" * 5000}])
def test_metadata_that_is_no_small_object_is_an_error_of_the_field(metadata: object) -> None:
    assert _broken({**MESSAGE, "metadata": metadata}) == {"metadata"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=5))
def test_any_metadata_is_refused_or_small_finite_json_that_stays_itself(given_metadata: dict[str, object]) -> None:
    with suppress(PydanticCustomError):
        kept = checked_metadata(given_metadata)
        assert (
            len(json.dumps(kept, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()) <= METADATA_LIMIT
        )
        assert checked_metadata(kept) == kept


@pytest.mark.parametrize("sequence", [-1, "1", 1.5, True, None, 10**15])
def test_a_horizon_is_the_number_of_a_message(sequence: object) -> None:
    assert parse(MarkRead, {"sequence": 0}).sequence == 0
    with pytest.raises(ValidationFailed):
        parse(MarkRead, {"sequence": sequence})


@pytest.mark.parametrize("model", [NewAttachment, NewProof])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", 0),
        ("size", -1),
        ("size", LARGEST_FILE + 1),
        ("size", "5"),
        ("contentType", "image/svg+xml"),
        ("contentType", "text/html"),
        ("contentType", "IMAGE/PNG"),
        ("fileName", "../../etc/passwd"),
        ("fileName", ""),
        ("fileName", "x" * 256),
    ],
)
def test_a_file_that_we_do_not_take_is_refused(model: type[NewAttachment | NewProof], name: str, value: object) -> None:
    announced = {"fileName": "a.png", "contentType": "image/png", "size": LARGEST_FILE}
    assert parse(model, announced).size == LARGEST_FILE
    with pytest.raises(ValidationFailed) as refused:
        parse(model, {**announced, name: value})
    assert [error.path for error in refused.value.errors] == [name]
