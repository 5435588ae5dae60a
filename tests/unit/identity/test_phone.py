"""One telephone number, however people write it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from marketplace.identity.phone import read_whats_app_number


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "0812 3456 7890",
        "0812-3456-7890",
        "0812.3456.7890",
        "(0812) 3456-7890",
        "812 3456 7890",
        "6281234567890",
        "62 812-3456-7890",
        "+6281234567890",
        "+62 812 3456 7890",
        "(+62) 812 3456 7890",
        "+62 (0)812 3456 7890",
        "+62-812-3456-7890",
        "006281234567890",
        "00 62 812 3456 7890",
        "  0812 3456 7890  ",
    ],
)
def test_every_usual_way_to_write_an_indonesian_number_is_the_same_number(written: str) -> None:
    assert read_whats_app_number(written) == "+6281234567890"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+61 412 345 678", "+61412345678"),
        ("+49 1512 3456789", "+4915123456789"),
        ("+1 (415) 555-0132", "+14155550132"),
        ("+44 7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+39 333 123 4567", "+393331234567"),
        ("+65 8123 4567", "+6581234567"),
    ],
)
def test_a_foreign_number_keeps_its_country(written: str, number: str) -> None:
    assert read_whats_app_number(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "-",
        "+",
        "abc",
        "0812",
        "12345",
        "0000000000",
        "+62",
        "+6200000000",
        "++6281234567890",
        "0812+34567890",
        "+999 1234 5678",
        "+1234",
        "0812345678901234567890",
        "0812 3456 789o",
        "0812/3456/7890",
        "0812 3456 7890 ext 5",
        "tel:081234567890",
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10",
        "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660",
        "0812\u20113456\u20117890",
        "0812\u00a03456\u00a07890",
        "0812\n34567890",
        "0" * 5000,
    ],
)
def test_what_cannot_be_dialled_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError):
        read_whats_app_number(written)


@given(st.text("0123456789+-.() ", max_size=45) | st.text(max_size=30))
def test_any_text_is_refused_or_becomes_e164_that_stays_itself(written: str) -> None:
    with suppress(PydanticCustomError):
        number = read_whats_app_number(written)
        assert number[0] == "+"
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert len(number) <= 16
        assert read_whats_app_number(number) == number


@given(st.integers(10_000_000, 99_999_999), st.sampled_from(["+62812{}", "0812{}", "62812{}", "+62 (0) 812-{}"]))
def test_spellings_of_one_subscriber_are_one_number(subscriber: int, spelling: str) -> None:
    assert read_whats_app_number(spelling.format(subscriber)) == f"+62812{subscriber}"
