"""Whatever is wrong in a form of the admin's desk is named at its field, and nothing is written."""

from typing import Any, Final

import pytest

from contracts.examples import BODIES
from tests.faults.market import ADMIN, AYU, Market

TABLES: Final = ("therapists", "hotels", "discount_codes", "staff", "sign_ins", "policies", "documents", "history")
A_LONG_NAME: Final = "a" * 256
FORMS: Final = {
    "therapist": (ADMIN, "/admin/therapists", "NewTherapist"),
    "hotel": (ADMIN, "/admin/hotels", "NewHotel"),
    "code": (ADMIN, "/admin/discount-codes", "NewDiscountCode"),
    "member": (ADMIN, "/admin/staff", "NewStaffMember"),
    "policy": (ADMIN, "/admin/policies", "NewPolicy"),
    "paper": (AYU, "/me/documents", "NewDocument"),
}
PRICES: Final = [{"serviceId": "a", "name": "A", "prices": {"60": 250_000, "90": 10**9}}]
OVERLAPPING: Final = {"monday": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]}
LAST_TIER: Final = {"graceMinutes": 10, "tiers": [{"hoursBefore": 4, "feeBps": 0}]}


def state(market: Market) -> list[list[dict[str, Any]]]:
    return [market.rows(table) for table in TABLES]


@pytest.mark.parametrize(
    ("form", "field", "value"),
    [
        ("therapist", "name", ""),
        ("therapist", "name", A_LONG_NAME),
        ("therapist", "timeZone", "Mars/Olympus"),
        ("therapist", "menu", [{"serviceId": "a", "name": "A", "prices": {}}]),
        ("therapist", "menu", PRICES),
        ("therapist", "openingHours", OVERLAPPING),
        ("therapist", "noticeMinutes", -1),
        ("therapist", "serviceArea", {"latitude": 0, "longitude": 0, "radiusKm": 0}),
        ("hotel", "hotelVillaId", "Tepi Sawah"),
        ("hotel", "name", A_LONG_NAME),
        ("hotel", "address", ""),
        ("hotel", "timeZone", "Asia/Atlantis"),
        ("hotel", "latitude", 90.1),
        ("code", "discountCode", "A"),
        ("code", "value", 0),
        ("code", "value", 10_001),
        ("code", "value", 10**9),
        ("code", "maxUses", 0),
        ("code", "validUntil", "2020-01-01T00:00:00.000Z"),
        ("code", "fundedBy", "nobody"),
        ("member", "userId", "A Made"),
        ("member", "email", "made"),
        ("member", "duties", ["cleaning"]),
        ("member", "duties", ["support", "support"]),
        ("policy", "commissionRateBps", 10_001),
        ("policy", "responseWindowSeconds", 0),
        ("policy", "cancellation", LAST_TIER),
        ("policy", "reason", ""),
        ("paper", "expiresOn", "2020-01-01"),
        ("paper", "number", ""),
        ("paper", "size", 10**9),
    ],
)
def test_what_is_wrong_in_a_form_is_named_and_writes_nothing(
    market: Market, form: str, field: str, value: object
) -> None:
    caller, path, example = FORMS[form]
    before = state(market)
    answer = market.call(caller, "POST", path, {**BODIES[example], field: value})
    assert (answer.status, answer.body["code"]) == (422, "validation_failed")
    assert all(error["path"].startswith(field) and error["message"] for error in answer.body["errors"])
    assert state(market) == before


@pytest.mark.parametrize("form", ["therapist", "hotel", "code", "member"])
def test_an_id_that_is_taken_is_refused_and_keeps_its_owner(market: Market, form: str) -> None:
    caller, path, example = FORMS[form]
    market.expect(201, caller, "POST", path, BODIES[example])
    before = state(market)
    answer = market.call(caller, "POST", path, BODIES[example])
    assert (answer.status, answer.body["code"]) == (409, "already_exists")
    assert state(market) == before
