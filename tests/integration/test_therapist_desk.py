"""GET and PATCH /me: what therapists see and change of themselves, and what never leaves the vault."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from marketplace import bootstrap
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.language import Language
from tests.integration.gateway import Reply, call
from tests.therapist_rows import a_therapist

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

BANK: Final = {"bankName": "Bank Nusantara", "accountNumber": "9988776655", "accountHolder": "Ayu Lestari"}


def signed_in(ago: timedelta = timedelta(0), role: Role = Role.THERAPIST, user_id: str = "t-ayu") -> Caller:
    return Caller(user_id=user_id, role=role, signed_in_at=int((utc_now() - ago).timestamp()))


AYU: Final = Caller(user_id="t-ayu", role=Role.THERAPIST)


@pytest.fixture(autouse=True)
def therapist(tables: Mapping[str, "Table"]) -> None:
    assert "therapists" in tables
    bootstrap.catalogue().add_therapist(a_therapist())


def change(body: Mapping[str, Any], by: Caller = AYU) -> Reply:
    return call("PATCH", "/me", by=by, body=body)


def test_a_therapist_sees_their_profile_and_is_noted_as_seen(tables: Mapping[str, "Table"]) -> None:
    profile = call("GET", "/me", by=AYU)

    assert profile.status == 200
    assert profile.body["therapistId"] == "t-ayu"
    assert profile.body["language"] == "id"
    assert profile.body["bankDetails"] is None
    assert profile.body["bufferMinutes"] == 15
    seen = str(tables["therapists"].get_item(Key={"therapistId": "t-ayu"})["Item"]["lastSeenAt"])
    assert utc_now() - datetime.fromisoformat(seen) < timedelta(minutes=1)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ADMIN])
def test_the_desk_is_for_therapists(role: Role) -> None:
    caller = Caller(user_id="t-ayu", role=role)

    assert call("GET", "/me", by=caller).code == "forbidden"
    assert change({"status": "busy"}, caller).code == "forbidden"
    assert call("GET", "/me", by=None).code == "unauthenticated"


def test_a_therapist_without_a_row_is_not_found() -> None:
    stranger = Caller(user_id="t-nobody", role=Role.THERAPIST)

    assert call("GET", "/me", by=stranger).code == "not_found"
    assert change({"status": "busy"}, stranger).code == "not_found"


def test_every_given_part_replaces_the_present_one_and_the_rest_stays() -> None:
    hours = {"monday": [{"opens": "10:00", "closes": "12:00"}]}
    overrides = [{"date": "2026-12-25", "windows": []}]
    menu = [{"serviceId": "foot", "name": "Foot massage", "prices": {"60": 99_000}}]

    changed = change(
        {"status": "busy", "openingHours": hours, "overrides": overrides, "menu": menu, "languages": ["id"]}
    ).body
    renamed = change({"name": "Ayu L."}).body

    assert changed["status"] == "busy"
    assert changed["openingHours"]["monday"] == hours["monday"]
    assert changed["openingHours"]["tuesday"] == []
    assert changed["overrides"] == overrides
    assert changed["menu"] == menu
    assert changed["version"] == 2
    assert {**changed, "name": "Ayu L.", "version": 3} == renamed
    assert call("GET", "/therapists/{therapistId}", by=None, path={"therapistId": "t-ayu"}).body["status"] == "busy"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "asleep"},
        {"bufferMinutes": -1},
        {"menu": []},
        {"menu": [{"serviceId": "x", "name": "X", "prices": {"45": 1}}]},
        {"openingHours": {"monday": [{"opens": "12:00", "closes": "10:00"}]}},
        {"name": None},
    ],
)
def test_what_breaks_a_rule_changes_nothing(body: dict[str, Any]) -> None:
    before = call("GET", "/me", by=AYU).body

    assert change(body).code == "validation_failed"
    assert call("GET", "/me", by=AYU).body == before


# Bank details ----------------------------------------------------------------------------------------


def test_bank_details_are_kept_as_ciphertext_and_shown_masked(tables: Mapping[str, "Table"]) -> None:
    changed = change({"bankDetails": BANK}, signed_in())

    assert changed.body["bankDetails"] == {**BANK, "accountNumber": "••••••6655"}
    assert "9988776655" not in changed.text
    row = tables["therapists"].get_item(Key={"therapistId": "t-ayu"})["Item"]
    assert "9988776655" not in str(row)
    assert bootstrap.bank_details_vault().decrypt("t-ayu", str(row["encryptedBankDetails"])) == BANK


def test_a_change_of_bank_details_is_announced_to_the_therapist() -> None:
    change({"bankDetails": BANK}, signed_in())

    (notice,) = call("GET", "/notifications", by=AYU).body["items"]

    assert notice["kind"] == "bank_details_changed"
    assert "••••••6655" in notice["body"]
    assert "9988776655" not in str(notice)
    assert notice["bookingId"] is None


@pytest.mark.parametrize("caller", [signed_in(timedelta(minutes=10, seconds=5)), AYU])
def test_bank_details_need_a_sign_in_of_the_last_ten_minutes(caller: Caller) -> None:
    refused = change({"bankDetails": BANK, "status": "busy"}, caller)

    assert (refused.status, refused.code) == (401, "unauthenticated")
    assert call("GET", "/me", by=AYU).body["version"] == 1
    assert call("GET", "/notifications", by=AYU).body["items"] == []


def test_a_sign_in_of_nine_minutes_ago_is_fresh_enough() -> None:
    assert change({"bankDetails": BANK}, signed_in(timedelta(minutes=9))).status == 200


def test_ciphertext_of_one_therapist_is_of_no_use_for_another() -> None:
    vault = bootstrap.bank_details_vault()
    ciphertext = vault.encrypt("t-ayu", BANK)

    with pytest.raises(Exception, match="InvalidCiphertext"):
        vault.decrypt("t-budi", ciphertext)


# Language --------------------------------------------------------------------------------------------


def test_a_new_language_holds_at_once_although_the_token_says_otherwise() -> None:
    token_says_indonesian = replace(signed_in(), language=Language.INDONESIAN)
    change({"bankDetails": BANK}, token_says_indonesian)
    bootstrap.connections().add(token_says_indonesian, "connection-1=", now=utc_now())

    change({"language": "en"}, token_says_indonesian)

    (notice,) = call("GET", "/notifications", by=token_says_indonesian).body["items"]
    assert notice["title"] == "Bank details changed"
    (connection,) = bootstrap.connections().find_by_users(["t-ayu"])
    assert connection.language is Language.ENGLISH
    change({"language": "id"}, token_says_indonesian)
    (notice,) = call("GET", "/notifications", by=token_says_indonesian).body["items"]
    assert notice["title"] == "Rekening bank diubah"


def test_two_changes_at_once_both_hold() -> None:
    catalogue = bootstrap.catalogue()
    read = catalogue.therapist
    meddled = False

    def read_slowly(therapist_id: str) -> Any:  # noqa: ANN401 - as the real one
        nonlocal meddled
        found = read(therapist_id)
        if not meddled:
            meddled = True
            change({"languages": ["en"]})
        return found

    catalogue.therapist = read_slowly  # type: ignore[method-assign] # the pause between reading and writing
    try:
        changed = change({"status": "offline"}).body
    finally:
        del catalogue.therapist  # the real one is the class's

    assert (changed["status"], changed["languages"], changed["version"]) == ("offline", ["en"], 3)


@pytest.mark.parametrize("written", ["0811-784-872", "62811784872", "0062 811 784 872", "+62 (0)811 784872"])
def test_a_number_has_one_spelling_and_goes_with_null(written: str) -> None:
    assert change({"whatsApp": written}).body["whatsApp"] == "+62811784872"
    assert change({"status": "busy"}).body["whatsApp"] == "+62811784872"
    assert change({"whatsApp": None}).body["whatsApp"] is None
    assert call("GET", "/me", by=AYU).body["whatsApp"] is None


def test_a_foreign_number_without_its_country_code_is_refused_and_the_present_one_stays() -> None:
    change({"whatsApp": "0811 784 872"})
    for written in ("06 12 34 56 78", "8 912 345 67 89", "090-1234-5678"):
        assert change({"whatsApp": written}).code == "validation_failed"
    assert call("GET", "/me", by=AYU).body["whatsApp"] == "+62811784872"


@pytest.mark.parametrize("part", ["name", "status", "language", "languages", "openingHours", "menu", "bankDetails"])
def test_nothing_else_of_the_profile_goes_with_null(part: str) -> None:
    assert change({part: None}).code == "validation_failed"
