"""Every change that somebody makes to a therapist leaves its line, with who, before and after; and every sign-out."""

import json
from typing import Any

import pytest

from contracts.examples import BODIES
from marketplace.platform.caller import Caller
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Market


def audit_log(market: Market, entity_id: str) -> list[dict[str, Any]]:
    market.publish()
    return list(market.expect(200, ADMIN, "GET", f"/admin/history/{entity_id}")["items"])


def just_signed_in(market: Market, who: Caller) -> Caller:
    return Caller(user_id=who.user_id, role=who.role, signed_in_at=int(market.now.timestamp()))


@pytest.mark.parametrize(
    ("change", "attribute", "before", "after"),
    [
        ({"name": "Ayu L."}, "name", "Ayu Lestari", "Ayu L."),
        ({"status": "offline"}, "status", "online", "offline"),
        ({"language": "en"}, "language", "id", "en"),
        ({"whatsApp": "0811 1222 3344"}, "whatsApp", "+628123456701", "+6281112223344"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_change_of_a_profile_leaves_its_line(
    market: Market, change: dict[str, Any], attribute: str, before: str, after: str
) -> None:
    old = market.row("therapists", therapistId=AYU.user_id).get(attribute)
    market.expect(200, AYU, "PATCH", "/me", change)

    (entry,) = audit_log(market, AYU.user_id)

    assert (entry["actor"], entry["actorRole"], entry["action"]) == (AYU.user_id, "therapist", "profile_changed")
    assert (entry["before"], entry["after"]) == ({attribute: old}, {attribute: after})
    assert before == old or attribute == "whatsApp"


def test_a_change_of_prices_and_hours_leaves_both_whole(market: Market) -> None:
    menu = [{"serviceId": "s-1", "name": "Balinese", "prices": {"60": 300_000}}]
    hours = {"monday": [{"opens": "10:00", "closes": "18:00"}]}
    market.expect(200, AYU, "PATCH", "/me", {"menu": menu, "openingHours": hours})

    (entry,) = audit_log(market, AYU.user_id)

    assert entry["before"].keys() == entry["after"].keys() == {"menu", "openingHours"}
    assert [item["prices"] for item in entry["after"]["menu"]] == [{"60": 300_000}]
    assert entry["before"]["menu"] != entry["after"]["menu"]


def test_bank_details_appear_masked_and_never_as_they_were(market: Market) -> None:
    for number in ("1111222233", "4444555566"):
        bank = {"bankName": "BCA", "accountNumber": number, "accountHolder": "Ayu"}
        market.expect(200, just_signed_in(market, AYU), "PATCH", "/me", {"bankDetails": bank})
        market.wait(minutes=1)

    entries = audit_log(market, AYU.user_id)

    assert [entry["after"]["bankDetails"]["accountNumber"] for entry in entries] == ["••••••2233", "••••••5566"]
    assert [entry["before"] for entry in entries] == [{}, {}]
    stored = json.dumps(market.rows("history"))
    assert "1111222233" not in stored
    assert "encryptedBankDetails" not in stored


def test_how_somebody_wishes_to_be_reached_leaves_its_lines_without_an_address(market: Market) -> None:
    market.expect(200, WAYAN, "PATCH", "/me/preferences", {"showsRead": False})
    browser = {**BODIES["NewPushSubscription"], "endpoint": "https://push.example.com/secret-of-a-browser"}
    added = market.expect(201, WAYAN, "POST", "/me/push-subscriptions", browser)
    assert market.expect(201, WAYAN, "POST", "/me/push-subscriptions", browser) == added
    for _ in range(2):
        market.expect(200, WAYAN, "DELETE", f"/me/push-subscriptions/{added['subscriptionId']}")

    entries = audit_log(market, WAYAN.user_id)

    assert [entry["action"] for entry in entries] == ["preferences_changed", "push_subscribed", "push_unsubscribed"]
    assert (entries[0]["before"]["showsRead"], entries[0]["after"]["showsRead"]) == (True, False)
    assert all((entry["actor"], entry["actorRole"]) == (WAYAN.user_id, "customer") for entry in entries)
    assert "secret-of-a-browser" not in json.dumps(market.rows("history"))


def test_being_there_and_missing_offers_are_no_changes(market: Market) -> None:
    market.connect(AYU, "socket-1")
    market.expect(200, AYU, "GET", "/me")
    market.book()
    market.wait(minutes=16)
    market.sweep()

    assert audit_log(market, AYU.user_id) == []
    assert market.call(ADMIN, "GET", "/admin/history/t-nobody").status == 404


def test_a_change_that_is_published_twice_is_one_line(market: Market) -> None:
    market.expect(200, AYU, "PATCH", "/me", {"status": "busy"})
    changes = list(market.changes)
    for _ in range(2):
        market.publish(changes)

    assert len(audit_log(market, AYU.user_id)) == 1


@pytest.mark.parametrize(
    ("by", "path", "whom"),
    [
        (AYU, "/sign-out-everywhere", AYU),
        (ADMIN, "/admin/users/t-budi/sign-out", BUDI),
        (WAYAN, "/sign-out-everywhere", WAYAN),
    ],
    ids=["a therapist", "by an admin", "a customer"],
)
def test_a_sign_out_leaves_its_line_with_who_wished_it(
    market: Market, monkeypatch: pytest.MonkeyPatch, by: Caller, path: str, whom: Caller
) -> None:
    monkeypatch.setattr("functions.end_sessions.handler.time.sleep", lambda _: None)
    market.expect(200, by, "POST", path)

    (entry,) = audit_log(market, whom.user_id)

    assert (entry["actor"], entry["action"]) == (by.user_id, "signed_out")
    market.check()
