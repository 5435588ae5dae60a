"""The rules of text, ids, times and numbers from outside."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from marketplace.catalogue.queries import DurationInQuery
from marketplace.platform.api import text
from marketplace.platform.api.text import Text, normalised
from marketplace.platform.refusals import NotFound, ValidationFailed

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
READERS = [text.parse_instant, text.read_day, text.read_month, text.read_since, text.read_until]
IN_QUERY: list[TypeAdapter[Any]] = [
    TypeAdapter(text.CountInQuery),
    TypeAdapter(text.PositionInQuery),
    TypeAdapter(text.LimitInQuery),
    TypeAdapter(DurationInQuery),
    TypeAdapter(text.FlagInQuery),
]


@given(ANY_TEXT)
def test_a_kept_text_stays_what_it_is_when_it_comes_again(given_text: str) -> None:
    with suppress(PydanticCustomError):
        kept = normalised(given_text)
        assert normalised(kept) == kept
        assert unicodedata.is_normalized("NFC", kept)
        assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in kept)


@given(ANY_TEXT)
def test_a_refused_text_is_never_repeated(given_text: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        Text(1, 3).check(f"{given_text}\x00")
    assert refused.value.message() in {"Control characters are not allowed.", "This must have 1 to 3 characters."}


def test_text_is_composed_and_stripped() -> None:
    assert normalised(" \t\u00a0Re\u0301my\u3000\n") == "R\u00e9my"


@pytest.mark.parametrize("joiner", ["\u200d", "\u200c"])
def test_joiners_are_kept(joiner: str) -> None:
    assert normalised(f"a{joiner}b") == f"a{joiner}b"


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x07",
        "\n",
        "\t",
        "\x1b",
        "\x7f",
        "\x85",
        "\x9f",
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ],
)
def test_control_and_bidirectional_controls_are_refused(hidden: str) -> None:
    with pytest.raises(PydanticCustomError):
        normalised(f"a{hidden}b")


@pytest.mark.parametrize("edge", ["\x1c", "\x1f", "\x00", "\x85", "\u202e"])
def test_a_control_at_the_edge_is_refused_and_not_stripped(edge: str) -> None:
    with pytest.raises(PydanticCustomError):
        normalised(f"name{edge}")


@pytest.mark.parametrize(
    "invisible",
    [
        "",
        " ",
        "\u200b",
        "\u200d\u200c",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
        "\u2800",
        "\ufe0f",
        "\u034f",
        "\u0301",
        "\U000e0041",
        "\u2028",
        "\u180e",
        "\uffff",
    ],
)
def test_text_without_a_visible_character_is_refused(invisible: str) -> None:
    with pytest.raises(PydanticCustomError, match="visible"):
        normalised(invisible)


@pytest.mark.parametrize("visible", ["a", "1", "!", "é", "\u6771", "\U0001f600", "\u0e01", "\ue000", "\U0001fae9"])
def test_one_visible_character_is_enough(visible: str) -> None:
    assert normalised(f"\u200b{visible}\u200b")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(PydanticCustomError):
        normalised("a\ud800")


def test_length_counts_after_normalisation() -> None:
    assert Text(1, 2).check("e\u0301e\u0301") == "\u00e9\u00e9"
    assert Text(1, 3).check(" " * 20 + "abc") == "abc"
    with pytest.raises(PydanticCustomError, match="1 to 3"):
        Text(1, 3).check("abcd")


@pytest.mark.parametrize("kind", [text.MessageText, text.Address, text.Reason])
def test_what_people_write_at_length_keeps_its_lines_in_one_spelling(kind: Any) -> None:  # noqa: ANN401 - a type
    read = TypeAdapter(kind).validate_python
    assert read("\r\n Gate 3\r\nring twice\rthen wait\n\n") == "Gate 3\nring twice\nthen wait"
    assert read(f"a{'\n' * 20}b") == f"a{'\n' * 20}b"
    for refused in (
        f"a{'\n' * 21}b",
        f"a{'\r\n' * 21}b",
        f"a{' \n\u3000' * 21}b",
        "a\tb",
        "a\x0bb",
        "a\x85b",
        "\n\r\n",
        "a\n\x00b",
    ):
        with pytest.raises(ValidationError):
            read(refused)


@pytest.mark.parametrize(
    "kind", [text.Id, text.PersonName, text.RoomNumber, text.Code, text.SearchWords, text.FileName, text.Cursor]
)
def test_what_has_one_line_takes_no_second(kind: Any) -> None:  # noqa: ANN401 - a type
    for line_break in ("\n", "\r", "\r\n"):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(f"a{line_break}b")


@given(st.text(st.sampled_from("a\n\r \u3000\u2028\x85"), max_size=60))
def test_lines_that_were_kept_stay_what_they_are_when_they_come_again(given_text: str) -> None:
    with suppress(PydanticCustomError):
        kept = normalised(given_text, lines=True)
        assert normalised(kept, lines=True) == kept
        assert "\r" not in kept


@pytest.mark.parametrize("reader", READERS)
@given(written=ANY_TEXT | st.text("0123456789-:TZ+.", max_size=30))
def test_no_time_whatever_raises_anything_but_its_rule(reader: Callable[[str], object], written: str) -> None:
    with suppress(PydanticCustomError):
        reader(written)


@pytest.mark.parametrize("kind", IN_QUERY)
@given(written=ANY_TEXT | st.text("0123456789-+._ ", max_size=20))
def test_no_query_value_whatever_raises_anything_but_its_rule(kind: TypeAdapter[Any], written: str) -> None:
    with suppress(ValidationError):
        kind.validate_python(written)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants them naive
def test_every_instant_is_read_as_it_was_written(instant: datetime) -> None:
    assert text.parse_instant(instant.isoformat()) == instant


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T08:15:00Z",
        "2026-11-22T08:15:00.000Z",
        "2026-11-22t08:15:00z",
        "2026-11-22T08:15:00.000+00:00",
        "2026-11-22T08:15:00-00:00",
        "2026-11-22T16:15:00+08:00",
        "2026-11-22T02:45:00.000000000-05:30",
    ],
)
def test_an_instant_with_any_offset_is_utc_inside(written: str) -> None:
    read = text.parse_instant(written)
    assert read == datetime(2026, 11, 22, 8, 15, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T08:15:00",
        "2026-11-22 08:15:00Z",
        "2026-11-22",
        "20261122T081500Z",
        "2026-11-22T08:15Z",
        "2026-02-30T08:15:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T08:15:60Z",
        "2026-11-22T08:15:00+24:00",
        "2026-11-22T08:15:00+00:60",
        "2026-11-22T08:15:00-23:99",
        "2026-11-22T08:15:00+0800",
        "2026-11-22T08:15:00.Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00Z",
        "\u0662\u0660\u0662\u0666-11-22T08:15:00Z",
        "2026-W47-7T08:15:00Z",
        "1732263300",
        " 2026-11-22T08:15:00Z",
    ],
)
def test_what_is_no_instant_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError):
        text.parse_instant(written)


def test_a_date_begins_and_ends_a_period_in_jakarta() -> None:
    assert text.read_since("2026-11-01") == datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert text.read_until("2026-11-01") == datetime(2026, 11, 1, 17, tzinfo=UTC)


def test_an_instant_that_ends_a_period_is_inside_it() -> None:
    last = datetime(2026, 11, 1, 17, tzinfo=UTC)
    assert text.read_until("2026-11-01T17:00:00.000Z") == last + timedelta(milliseconds=1)


def test_the_ends_of_the_calendar_are_no_overflow() -> None:
    for written in ("0001-01-01", "9999-12-31"):
        for reader in (text.read_since, text.read_until):
            with suppress(PydanticCustomError):
                reader(written)


def test_dates_and_months_have_one_spelling() -> None:
    assert text.read_day("2024-02-29") == date(2024, 2, 29)
    assert text.read_month("2026-11") == "2026-11"
    for written in ("2026-11-1", "20261101", "2026-02-29", "2026-W01-1", ""):
        with pytest.raises(PydanticCustomError):
            text.read_day(written)
    for written in ("2026-13", "2026-00", "2026-1", "0000-01", "2026-11-01"):
        with pytest.raises(PydanticCustomError):
            text.read_month(written)


@pytest.mark.parametrize("written", ["0", "51", "-1", "1.0", "+5", " 5", "1_0", "\u0665", "5e0", "9" * 40, "null"])
def test_a_limit_is_a_plain_number_from_1_to_50(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(text.LimitInQuery).validate_python(written)


def test_the_ends_of_a_limit_are_inside() -> None:
    assert [TypeAdapter(text.LimitInQuery).validate_python(written) for written in ("1", "50")] == [1, 50]


@pytest.mark.parametrize(
    ("written", "flag"), [("true", True), ("True", True), ("1", True), ("false", False), ("0", False)]
)
def test_a_flag_is_written_as_clients_write_it(written: str, flag: bool) -> None:  # noqa: FBT001 - a parameter of the example
    assert TypeAdapter(text.FlagInQuery).validate_python(written) is flag


def test_an_idempotency_key_has_1_to_128_printable_characters() -> None:
    assert text.idempotency_key(None) is None
    assert text.idempotency_key(" k-1 ") == "k-1"
    assert text.idempotency_key("k" * 128) == "k" * 128
    for refused in ("", "  ", "k" * 129, "a\nb", "a\x00", "\u202e", "a\x7f", "\ud800"):
        with pytest.raises(ValidationFailed):
            text.idempotency_key(refused)


@given(ANY_TEXT)
def test_no_idempotency_key_whatever_raises_anything_but_a_refusal(key: str) -> None:
    with suppress(ValidationFailed):
        text.idempotency_key(key)


@given(ANY_TEXT)
def test_a_path_id_is_an_id_or_not_found(segment: str) -> None:
    with suppress(NotFound):
        assert 1 <= len(text.path_id(segment)) <= 128


@pytest.mark.parametrize("segment", ["", "%00\x00", "a\nb", "x" * 5000, "\ud800", "\u202e"])
def test_what_cannot_be_an_id_is_not_found(segment: str) -> None:
    with pytest.raises(NotFound):
        text.path_id(segment)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", ".", "..", " . "])
def test_a_file_name_is_no_path(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(text.FileName).validate_python(name)


def test_a_file_name_may_have_spaces_and_any_script() -> None:
    assert TypeAdapter(text.FileName).validate_python("Bukti transfer \u6771.pdf") == "Bukti transfer \u6771.pdf"
