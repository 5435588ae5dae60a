"""The first owner of a stack, and ids that are given once whoever has them."""

from typing import Final

import pytest

from contracts.examples import BODIES
from marketplace import bootstrap
from marketplace.identity.sign_ins import SignIns
from marketplace.identity.sign_outs import SignOuts
from marketplace.identity.staff.repository import Staff
from marketplace.platform.caller import Duty
from marketplace.platform.refusals import AlreadyExists
from marketplace.services.identity.staff import StaffCommands
from tests.faults.market import ADMIN, Market

SRI: Final = "a-sri"


def commands_of(market: Market) -> StaffCommands:
    store = market.behind
    return StaffCommands(store, Staff(store), SignIns(store), SignOuts(store), bootstrap.user_pool().roles_of)


def test_the_first_owner_has_a_row_of_duties_a_sign_in_and_a_line_of_history(market: Market) -> None:
    commands_of(market).add_first_owner(SRI, email="sri@example.com", now=market.now)
    assert Staff(market.behind).load(SRI)[1].user_ids == (SRI,)
    member = Staff(market.behind).find(SRI)
    assert member is not None
    assert (member.duties, member.active, member.email) == ((Duty.OWNER,), True, "sri@example.com")
    sign_in = SignIns(market.behind).find(SRI)
    assert sign_in is not None
    assert (sign_in.role, sign_in.enabled, sign_in.invited_at) == ("admin", True, market.now)
    audit_log = market.expect(200, ADMIN, "GET", f"/admin/history/{SRI}")["items"]
    assert [(entry["action"], entry["actor"]) for entry in audit_log] == [("staff_invited", "system")]


def test_a_second_first_owner_is_refused_and_changes_nothing(market: Market) -> None:
    commands_of(market).add_first_owner(SRI, email="sri@example.com", now=market.now)
    before = market.rows("staff")
    with pytest.raises(AlreadyExists):
        commands_of(market).add_first_owner("a-dwi", email="dwi@example.com", now=market.now)
    assert market.rows("staff") == before


def test_nobody_of_the_staff_takes_a_therapists_id(market: Market) -> None:
    asked = {"userId": "t-ayu", "name": "Other", "email": "other@example.com", "duties": ["owner"]}
    assert market.call(ADMIN, "POST", "/admin/staff", asked).body["code"] == "already_exists"
    with pytest.raises(AlreadyExists):
        commands_of(market).add_first_owner("t-ayu", email="other@example.com", now=market.now)
    assert market.rows("staff") == []
    assert market.rows("sign_ins") == []


def test_an_account_of_a_customer_becomes_neither_staff_nor_a_therapist(market: Market) -> None:
    market.people.admin_create_user(Username="c-wayan")
    market.people.admin_add_user_to_group(Username="c-wayan", GroupName="customer")
    asked = {"userId": "c-wayan", "name": "Wayan", "email": "wayan@example.com", "duties": ["support"]}
    assert market.call(ADMIN, "POST", "/admin/staff", asked).body["code"] == "already_exists"
    body = {**BODIES["NewTherapist"], "therapistId": "c-wayan"}
    assert market.call(ADMIN, "POST", "/admin/therapists", body).body["code"] == "already_exists"
    with pytest.raises(AlreadyExists):
        commands_of(market).add_first_owner("c-wayan", email="wayan@example.com", now=market.now)
    assert [market.rows(table) for table in ("staff", "sign_ins")] == [[], []]
    assert "c-wayan" not in {row["therapistId"] for row in market.rows("therapists")}
    assert market.people.users["c-wayan"]["groups"] == {"customer"}


def test_an_admin_without_duties_can_be_given_some(market: Market) -> None:
    market.people.admin_create_user(Username="a-old")
    market.people.admin_add_user_to_group(Username="a-old", GroupName="admin")
    asked = {"userId": "a-old", "name": "Old", "email": "old@example.com", "duties": ["support"]}
    market.expect(201, ADMIN, "POST", "/admin/staff", asked)
