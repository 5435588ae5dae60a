"""Who runs the marketplace, and under which rules: staff with their duties, and policies that hold for new bookings."""

import secrets
import time
from typing import Any, Final

import httpx
import pytest

from marketplace.catalogue.policy.repository import REREAD_AFTER
from tests.local.orders import booked
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.outputs import User
from tools.local.person import Person, expect

IN_FORCE_WITHIN: Final = 60.0


def arrived(world: World, to: str) -> list[dict[str, Any]]:
    """Return what the outbox shows for somebody, newest first."""
    found: list[dict[str, Any]] = httpx.get(f"{world.outputs.outbox_url}/messages", params={"to": to}).json()
    return found


def invited(world: World, owner: Person, duties: list[str]) -> tuple[str, str]:
    """Take on a member of staff; return their id and the temporary password that came by mail."""
    user_id = f"a-{secrets.token_hex(6)}"
    email = f"{user_id}@example.com"
    body = {"userId": user_id, "name": "Made", "email": email, "duties": duties}
    member = expect(owner.post("/admin/staff", body), 201)
    assert (member["userId"], member["duties"], member["active"]) == (user_id, duties, True)
    wait_until(lambda: bool(arrived(world, email)))
    return user_id, str(arrived(world, email)[0]["data"]["temporaryPassword"])


def first_sign_in(world: World, user_id: str, temporary: str) -> Person:
    """Sign in with a temporary password, choose one, and sign in with that."""
    chosen = f"correct horse battery {secrets.token_hex(4)}"
    pool = world.client("cognito-idp")
    client_id = world.stack_output("UserPoolClientId")
    asked = pool.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user_id, "PASSWORD": temporary},
    )
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    pool.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": user_id, "NEW_PASSWORD": chosen},
    )
    return world.signed_in(User(role="admin", username=user_id, password=chosen))


@pytest.mark.parametrize(
    ("user_id", "allowed", "forbidden"),
    [
        ("a-finance", ["/admin/revenue", "/admin/commissions"], ["/admin/bookings", "/admin/health", "/admin/staff"]),
        ("a-support", ["/admin/bookings", "/rooms", "/admin/therapists"], ["/admin/revenue", "/admin/policies"]),
    ],
)
def test_staff_may_what_their_duties_say(world: World, user_id: str, allowed: list[str], forbidden: list[str]) -> None:
    somebody = world.demo_user(user_id)
    assert [somebody.get(path).status_code for path in allowed] == [200] * len(allowed)
    assert [somebody.get(path).json()["code"] for path in forbidden] == ["forbidden"] * len(forbidden)


def test_an_admin_without_a_row_of_duties_has_none(world: World) -> None:
    somebody = world.signed_in(world.new_user("admin"))
    assert {somebody.get(path).status_code for path in ("/admin/bookings", "/admin/revenue", "/bookings")} == {403}


def test_a_new_member_signs_in_by_the_mail_does_their_duty_and_is_let_go(world: World) -> None:
    owner = world.admin()
    user_id, temporary = invited(world, owner, ["support"])
    made = first_sign_in(world, user_id, temporary)
    assert made.get("/admin/bookings").status_code == 200

    changed = expect(owner.patch(f"/admin/staff/{user_id}", {"duties": ["finance"]}), 200)
    assert changed["duties"] == ["finance"]
    wait_until(lambda: made.get("/admin/revenue").status_code == 200)
    assert made.get("/admin/bookings").status_code == 403

    expect(owner.patch(f"/admin/staff/{user_id}", {"active": False}), 200)
    wait_until(lambda: made.get("/admin/revenue").status_code == 401)
    actions = [entry["action"] for entry in expect(owner.get(f"/admin/history/{user_id}"), 200)["items"]]
    assert actions == ["staff_invited", "staff_changed", "staff_changed"]


def test_an_id_is_given_once_and_the_last_owner_stays(world: World) -> None:
    owner = world.admin()
    body = {"userId": "a-admin", "name": "Other", "email": "other@example.com", "duties": []}
    assert owner.post("/admin/staff", body).json()["code"] == "already_exists"
    for change in ({"active": False}, {"duties": ["finance"]}):
        assert owner.patch("/admin/staff/a-admin", change).json()["code"] == "last_owner"
    assert owner.patch("/admin/staff/a-nobody", {"active": False}).status_code == 404
    assert owner.get("/admin/bookings").status_code == 200


def test_a_policy_holds_for_new_bookings_and_older_ones_keep_theirs(world: World) -> None:
    owner, customer = world.admin(), world.guest()
    therapist = world.therapist()
    before = expect(owner.get("/admin/policies"), 200)["items"]
    old = booked(customer, therapist.user_id)["booking"]
    assert old["policyVersion"] == before[0]["version"]

    added = expect(owner.post("/admin/policies", {"commissionRateBps": 1_000, "reason": "A cheap December"}), 201)
    assert (added["version"], added["commissionRateBps"]) == (before[0]["version"] + 1, 1_000)
    assert added["responseWindowSeconds"] == before[0]["responseWindowSeconds"]
    try:

        def is_in_force() -> bool:
            quote = {"therapistId": therapist.user_id, "duration": 60, "bookingType": "immediate"}
            return bool(expect(customer.post("/quotes", quote), 200)["commissionRate"] == 0.1)

        wait_until(is_in_force, within=IN_FORCE_WITHIN)
        accepted = expect(therapist.post(f"/bookings/{old['bookingId']}/accept", {}), 200)
        assert accepted["commission"]["commissionRate"] == 0.3

        def books_under_it() -> bool:
            other = world.unattended_therapist().therapist_id
            new = booked(world.guest(), other)["booking"]
            return bool(new["policyVersion"] == added["version"])

        wait_until(books_under_it, within=IN_FORCE_WITHIN)
    finally:
        expect(owner.post("/admin/policies", {"commissionRateBps": 3_000, "reason": "As it was"}), 201)
        time.sleep(REREAD_AFTER.total_seconds() + 1)  # other tests of this system count on it

    entries = expect(owner.get("/admin/history/policies"), 200)["items"]
    entry = next(each for each in entries if each["version"] == added["version"])
    assert (entry["actor"], entry["reason"]) == ("a-admin", "A cheap December")
    assert entry["before"]["commissionRateBps"] == before[0]["commissionRateBps"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"reason": "Nothing"}, ""),
        ({"commissionRateBps": 10_001, "reason": "Too much"}, "commissionRateBps"),
        (
            {"cancellation": {"graceMinutes": 1, "tiers": [{"hoursBefore": 4, "feeBps": 0}]}, "reason": "x"},
            "cancellation.tiers",
        ),
        ({"requiredDocuments": ["stpt", "stpt"], "reason": "Twice"}, "requiredDocuments"),
        ({"commissionRateBps": 1_000}, "reason"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused_at_its_field(world: World, body: dict[str, Any], path: str) -> None:
    owner = world.admin()
    before = expect(owner.get("/admin/policies"), 200)["items"][0]["version"]
    answer = owner.post("/admin/policies", body)
    assert answer.status_code == 422
    assert path in [error["path"] for error in answer.json()["errors"]]
    assert expect(owner.get("/admin/policies"), 200)["items"][0]["version"] == before
