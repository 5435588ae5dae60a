"""What may enter as JSON, and what is refused before anything looks at it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.platform.api.strict_json import BODY_LIMIT, DEPTH_LIMIT, parse_json, parse_json_or_nothing
from marketplace.platform.refusals import MalformedJson, PayloadTooLarge, Refusal, ValidationFailed

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_every_well_formed_object_is_read_as_it_was_written(value: dict[str, object]) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=300) | st.text(st.characters(codec=None), max_size=300))
def test_no_input_whatever_raises_anything_but_a_refusal(raw: bytes | str) -> None:
    with suppress(Refusal):
        parse_json(raw)


@given(st.text(alphabet='{}[]":,0123456789.eE+-truefalsn\\u ', max_size=60))
def test_nothing_that_looks_like_json_raises_anything_but_a_refusal(raw: str) -> None:
    with suppress(Refusal):
        assert isinstance(parse_json(raw), dict)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "{",
        "{}x",
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": -1e999}',
        '{"a": 01}',
        '{"a": "\x01"}',
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": 1, "\\u0061": 2}',
        '{"a": "\\ud800"}',
        '{"\\udc00": 1}',
        "\ufeff{}",
        '{"a": "\ud800"}',
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_what_two_readers_could_understand_differently_is_malformed(raw: str) -> None:
    with pytest.raises(MalformedJson):
        parse_json(raw)


@pytest.mark.parametrize("raw", [b"\xff\xfe{}", b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc3"}', "{}".encode("utf-16")])
def test_bytes_that_are_not_utf_8_are_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(raw)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_json('{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 1_000, 20_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_without_end_is_malformed(depth: int, opening: str, closing: str) -> None:
    raw = f'{{"a": {opening * depth}1{closing * depth}}}'
    with pytest.raises(MalformedJson):
        parse_json(raw, limit=1_000_000)


def test_nesting_up_to_the_limit_is_read() -> None:
    lists = DEPTH_LIMIT - 1
    assert parse_json(f'{{"a": {"[" * lists}{"]" * lists}}}')


def test_a_body_at_its_limit_is_read_and_one_byte_more_is_too_large() -> None:
    frame = len('{"a":""}')
    assert parse_json(f'{{"a":"{"x" * (BODY_LIMIT - frame)}"}}')
    with pytest.raises(PayloadTooLarge):
        parse_json(f'{{"a":"{"x" * (BODY_LIMIT - frame + 1)}"}}')


def test_the_limit_counts_bytes_and_not_characters() -> None:
    assert parse_json('{"a":"éé"}', limit=12)
    with pytest.raises(PayloadTooLarge):
        parse_json('{"a":"éé"}', limit=11)


def test_too_large_is_said_before_malformed() -> None:
    with pytest.raises(PayloadTooLarge):
        parse_json("[" * 100, limit=99)


@pytest.mark.parametrize("raw", [None, "", b"", "{}"])
def test_a_body_that_may_be_left_out_may_be_empty(raw: str | bytes | None) -> None:
    assert parse_json_or_nothing(raw) == {}


@pytest.mark.parametrize("raw", ["null", "[]", '"text"', "1", "true"])
def test_json_that_is_no_object_breaks_a_rule(raw: str) -> None:
    with pytest.raises(ValidationFailed):
        parse_json(raw)


def test_a_body_that_may_be_left_out_is_still_an_object() -> None:
    with pytest.raises(ValidationFailed):
        parse_json_or_nothing("null")
