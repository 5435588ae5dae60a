"""One telephone number, however people write it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from marketplace.identity.phone.plans import read_region, read_whats_app_number


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "0812 3456 7890",
        "0812-3456-7890",
        "0812.3456.7890",
        "(0812) 3456-7890",
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
        ("0811-784-872", "+62811784872"),
        ("62811784872", "+62811784872"),
        ("0062 811 784 872", "+62811784872"),
        ("0811 1234 567", "+628111234567"),
        ("0895 3456 78901", "+62895345678901"),
        ("62895345678901", "+62895345678901"),
        ("+62 361 123456", "+62361123456"),
    ],
)
def test_an_indonesian_number_has_every_length_that_the_plan_has(written: str, number: str) -> None:
    assert read_whats_app_number(written) == number


AS_PEOPLE_WRITE_AT_HOME = [
    ("FR", "06 12 34 56 78", "+33612345678"),
    ("GB", "07911 123456", "+447911123456"),
    ("DE", "0151 23456789", "+4915123456789"),
    ("NL", "06-12345678", "+31612345678"),
    ("IT", "320 123 4567", "+393201234567"),
    ("ES", "612 34 56 78", "+34612345678"),
    ("PT", "912 345 678", "+351912345678"),
    ("CH", "079 123 45 67", "+41791234567"),
    ("AT", "0664 1234567", "+436641234567"),
    ("BE", "0470 12 34 56", "+32470123456"),
    ("SE", "070-123 45 67", "+46701234567"),
    ("NO", "412 34 567", "+4741234567"),
    ("DK", "20 12 34 56", "+4520123456"),
    ("FI", "041 2345678", "+358412345678"),
    ("PL", "512 345 678", "+48512345678"),
    ("CZ", "601 123 456", "+420601123456"),
    ("HU", "06 20 123 4567", "+36201234567"),
    ("RU", "8 (912) 345-67-89", "+79123456789"),
    ("KZ", "8 701 234 5678", "+77012345678"),
    ("UA", "050 123 4567", "+380501234567"),
    ("TR", "0532 123 45 67", "+905321234567"),
    ("US", "(415) 555-2671", "+14155552671"),
    ("US", "812-555-0134", "+18125550134"),
    ("CA", "416-555-0134", "+14165550134"),
    ("MX", "55 1234 5678", "+525512345678"),
    ("BR", "(11) 91234-5678", "+5511912345678"),
    ("AR", "011 15-2345-6789", "+5491123456789"),
    ("AU", "0412 345 678", "+61412345678"),
    ("NZ", "021 123 4567", "+64211234567"),
    ("JP", "090-1234-5678", "+819012345678"),
    ("JP", "080-1234-5678", "+818012345678"),
    ("KR", "010-1234-5678", "+821012345678"),
    ("CN", "138 1234 5678", "+8613812345678"),
    ("HK", "9123 4567", "+85291234567"),
    ("SG", "8123 4567", "+6581234567"),
    ("MY", "012-345 6789", "+60123456789"),
    ("PH", "0917 123 4567", "+639171234567"),
    ("IN", "98765 43210", "+919876543210"),
    ("AE", "050 123 4567", "+971501234567"),
    ("GR", "691 234 5678", "+306912345678"),
]


@pytest.mark.parametrize(("region", "written", "number"), AS_PEOPLE_WRITE_AT_HOME)
def test_a_number_as_people_write_it_at_home_is_read_by_their_region(region: str, written: str, number: str) -> None:
    assert read_whats_app_number(written, region) == number
    assert read_whats_app_number(number.removeprefix("+"), region) == number


@pytest.mark.parametrize(("region", "written", "number"), AS_PEOPLE_WRITE_AT_HOME)
def test_a_foreign_number_turns_into_no_indonesian_one_by_itself(region: str, written: str, number: str) -> None:
    del region
    for spelling in (written, number.removeprefix("+")):
        with pytest.raises(PydanticCustomError):
            read_whats_app_number(spelling)


@pytest.mark.parametrize(("region", "written", "number"), AS_PEOPLE_WRITE_AT_HOME)
def test_with_its_country_code_a_number_is_the_same_whatever_the_region(region: str, written: str, number: str) -> None:
    del written
    for elsewhere in ("ID", "FR", region):
        assert read_whats_app_number(number, elsewhere) == number
        assert read_whats_app_number(f"00 {number.removeprefix('+')}", elsewhere) == number


@pytest.mark.parametrize(
    ("region", "landline"),
    [("ID", "0361 123456"), ("ID", "021 1234 5678"), ("FR", "01 23 45 67 89"), ("IT", "06 1234 5678")],
)
def test_without_its_country_code_a_landline_is_refused(region: str, landline: str) -> None:
    with pytest.raises(PydanticCustomError):
        read_whats_app_number(landline, region)


@pytest.mark.parametrize("region", ["AQ", "TF"])
def test_a_region_without_numbers_of_its_own_leaves_those_with_a_country_code(region: str) -> None:
    assert read_whats_app_number("+33 6 12 34 56 78", region) == "+33612345678"
    with pytest.raises(PydanticCustomError):
        read_whats_app_number("06 12 34 56 78", region)


@pytest.mark.parametrize("written", ["id", "XX", "001", "", "IDN", "I", "\u0130D"])
def test_what_is_no_region_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError):
        read_region(written)


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
