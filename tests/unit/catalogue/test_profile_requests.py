"""What therapists may change of their own profile."""

from typing import Any

import pytest

from marketplace.catalogue.requests import ProfileChange
from marketplace.catalogue.therapist.model import MenuItem, Presence
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS, DayOverride, Window
from marketplace.platform.api.request_model import parse
from marketplace.platform.refusals import ValidationFailed

MENU = [{"serviceId": "s-1", "name": "Balinese", "prices": {"60": 250000, "90": 350000, "120": 450000}}]
DAY = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "24:00"}]
BANK = {"bankName": "BCA", "accountNumber": "123-456 789", "accountHolder": "Ayu"}


def _broken(payload: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationFailed) as refused:
        parse(ProfileChange, payload)
    return {error.path for error in refused.value.errors}


def test_each_part_may_change_alone() -> None:
    parts: list[dict[str, Any]] = [
        {"name": "Ayu"},
        {"status": "busy"},
        {"language": "en"},
        {"languages": ["id", "en"]},
        {"openingHours": {}},
        {"overrides": []},
        {"menu": MENU},
        {"bankDetails": BANK},
    ]
    for part in parts:
        assert parse(ProfileChange, part).model_fields_set
    assert parse(ProfileChange, {"status": "busy"}).status is Presence.BUSY


def test_nothing_at_all_is_no_change() -> None:
    assert _broken({}) == {""}


def test_hours_become_the_domains_windows() -> None:
    change = parse(ProfileChange, {"openingHours": {"monday": DAY, "sunday": []}})
    assert change.opening_hours is not None
    assert change.opening_hours.as_domain() == {
        "monday": (Window(opens="09:00", closes="12:00"), Window(opens="13:00", closes="24:00"))
    }
    assert tuple(type(change.opening_hours).model_fields) == WEEKDAYS


def test_an_override_without_windows_is_a_day_off() -> None:
    change = parse(ProfileChange, {"overrides": [{"date": "2026-12-25"}, {"date": "2026-12-26", "windows": DAY[:1]}]})
    assert [override.as_domain() for override in change.overrides or ()] == [
        DayOverride(date="2026-12-25"),
        DayOverride(date="2026-12-26", windows=(Window(opens="09:00", closes="12:00"),)),
    ]


def test_a_menu_may_leave_durations_out() -> None:
    change = parse(ProfileChange, {"menu": [{**MENU[0], "prices": {"90": 350000}}]})
    assert [item.as_domain() for item in change.menu or ()] == [
        MenuItem(service_id="s-1", name="Balinese", prices={"90": 350000})
    ]


@pytest.mark.parametrize(
    ("payload", "broken"),
    [
        ({"status": "away"}, {"status"}),
        ({"languages": []}, {"languages"}),
        ({"languages": ["id", "id"]}, {"languages"}),
        ({"languages": ["Indonesian"]}, {"languages.0"}),
        ({"openingHours": {"monday": [{"opens": "9:00", "closes": "21:00"}]}}, {"openingHours.monday.0.opens"}),
        ({"openingHours": {"monday": [{"opens": "21:00", "closes": "09:00"}]}}, {"openingHours.monday.0.closes"}),
        ({"openingHours": {"monday": [{"opens": "24:00", "closes": "24:00"}]}}, {"openingHours.monday.0.closes"}),
        ({"openingHours": {"monday": [{"opens": "09:00", "closes": "25:00"}]}}, {"openingHours.monday.0.closes"}),
        ({"openingHours": {"monday": DAY[::-1]}}, {"openingHours.monday"}),
        ({"openingHours": {"monday": DAY * 5}}, {"openingHours.monday"}),
        ({"openingHours": {"holiday": DAY}}, {"openingHours.holiday"}),
        ({"overrides": [{"date": "2026-12-25"}, {"date": "2026-12-25"}]}, {"overrides"}),
        ({"overrides": [{"date": "25.12.2026"}]}, {"overrides.0.date"}),
        ({"overrides": [{"date": "2026-12-25", "windows": DAY[::-1]}]}, {"overrides.0.windows"}),
        ({"menu": []}, {"menu"}),
        ({"menu": MENU * 2}, {"menu"}),
        ({"menu": [{**MENU[0], "prices": {}}]}, {"menu.0.prices.60"}),
        ({"menu": [{**MENU[0], "prices": {"60": -1}}]}, {"menu.0.prices.60"}),
        ({"menu": [{**MENU[0], "prices": {"60": 1.5}}]}, {"menu.0.prices.60"}),
        ({"menu": [{**MENU[0], "prices": {"60": 10**12}}]}, {"menu.0.prices.60"}),
        ({"menu": [{**MENU[0], "prices": {"45": 1}}]}, {"menu.0.prices.45"}),
        ({"bankDetails": {**BANK, "accountNumber": "12"}}, {"bankDetails.accountNumber"}),
        ({"bankDetails": {**BANK, "accountNumber": "<b>1234</b>"}}, {"bankDetails.accountNumber"}),
        ({"bankDetails": {"bankName": "BCA"}}, {"bankDetails.accountNumber", "bankDetails.accountHolder"}),
        ({"type": "place"}, {"type"}),
        ({"income": 1}, {"income"}),
    ],
)
def test_what_breaks_a_rule_is_named_to_the_last_step(payload: dict[str, Any], broken: set[str]) -> None:
    assert _broken(payload) == broken
