"""Discount codes: what they take off, when they hold, and what a quote of them promises."""

from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.model import BookingType
from marketplace.booking.opening import Terms, VisitRequest, agree_terms
from marketplace.catalogue.discount.model import DiscountCode, DiscountKind, normalised_code
from marketplace.catalogue.therapist.model import MenuItem
from marketplace.platform.money import share_of
from marketplace.platform.refusals import DiscountUnavailable, NotFound, ValidationFailed
from tests.therapist_rows import a_therapist

NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TENTH: Final = DiscountCode(discount_code="HEMAT10", kind=DiscountKind.SHARE, value=1_000)
FIFTY: Final = DiscountCode(discount_code="SEKALI", kind=DiscountKind.AMOUNT, value=50_000, max_uses=1)
WANTED: Final = VisitRequest(therapist_id="t-ayu", duration=90, booking_type=BookingType.IMMEDIATE)


def test_a_share_is_rounded_half_up_and_an_amount_is_taken_as_it_is() -> None:
    assert TENTH.taken_off(350_000, NOW) == 35_000
    assert TENTH.taken_off(15, NOW) == 2
    assert FIFTY.taken_off(350_000, NOW) == 50_000


@given(price=st.integers(0, 10_000_000), value=st.integers(0, 20_000_000), kind=st.sampled_from(DiscountKind))
def test_a_price_never_falls_below_zero(price: int, value: int, kind: DiscountKind) -> None:
    taken = DiscountCode(discount_code="X", kind=kind, value=value).taken_off(price, NOW)

    assert 0 <= taken <= price
    assert share_of(price - taken, 3_000) + (price - taken - share_of(price - taken, 3_000)) == price - taken


def test_a_code_holds_from_its_first_instant_until_before_its_last() -> None:
    code = replace(TENTH, valid_from=NOW, valid_until=NOW + timedelta(days=1))

    code.check_usable(NOW)
    for instant in (NOW - timedelta(milliseconds=1), NOW + timedelta(days=1)):
        with pytest.raises(DiscountUnavailable):
            code.check_usable(instant)


def test_a_used_up_code_is_unavailable() -> None:
    FIFTY.check_usable(NOW)
    with pytest.raises(DiscountUnavailable):
        replace(FIFTY, used=1).check_usable(NOW)


def test_codes_are_typed_as_people_like() -> None:
    assert normalised_code(" hemat10 ") == "HEMAT10"


def test_terms_come_from_the_menu_and_the_code() -> None:
    terms = agree_terms(replace(WANTED, discount_code="HEMAT10"), a_therapist(), TENTH, NOW)

    assert (terms.list_price, terms.discount, terms.price) == (350_000, 35_000, 315_000)


def test_without_a_service_the_first_with_that_duration_counts() -> None:
    menu = (
        MenuItem(service_id="short", name="Short", prices={"60": 100_000}),
        MenuItem(service_id="long", name="Long", prices={"60": 90_000, "90": 300_000}),
    )
    therapist = a_therapist(menu=menu)

    assert agree_terms(WANTED, therapist, None, NOW).list_price == 300_000
    assert agree_terms(replace(WANTED, duration=60), therapist, None, NOW).list_price == 100_000
    with pytest.raises(ValidationFailed):
        agree_terms(replace(WANTED, service_id="short"), therapist, None, NOW)


def test_terms_need_a_therapist_and_a_code_that_exist() -> None:
    with pytest.raises(NotFound):
        agree_terms(WANTED, None, None, NOW)
    with pytest.raises(DiscountUnavailable):
        agree_terms(replace(WANTED, discount_code="NICHTS"), a_therapist(), None, NOW)


QUOTED: Final = Terms(wanted=replace(WANTED, discount_code="HEMAT10"), list_price=350_000, discount=35_000)


@pytest.mark.parametrize(
    "other",
    [
        replace(QUOTED, list_price=360_000),
        replace(QUOTED, discount=0),
        replace(QUOTED, wanted=replace(QUOTED.wanted, therapist_id="t-budi")),
        replace(QUOTED, wanted=replace(QUOTED.wanted, duration=60)),
        replace(QUOTED, wanted=replace(QUOTED.wanted, service_id="balinese")),
        replace(QUOTED, wanted=replace(QUOTED.wanted, discount_code=None)),
        replace(QUOTED, wanted=replace(QUOTED.wanted, booking_type=BookingType.SCHEDULED)),
    ],
)
def test_a_quote_promises_exactly_what_it_was_given_for(other: Terms) -> None:
    assert QUOTED.promises(QUOTED)
    assert not QUOTED.promises(other)


def test_a_quote_without_a_time_holds_for_any() -> None:
    scheduled = replace(QUOTED, wanted=replace(QUOTED.wanted, booking_type=BookingType.SCHEDULED))
    timed = replace(scheduled, wanted=replace(scheduled.wanted, scheduled_time=NOW))

    assert scheduled.promises(timed)
    assert not timed.promises(scheduled)
