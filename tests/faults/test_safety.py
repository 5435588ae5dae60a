"""Blocks, reports and calls for help: what they do at once, and what staff does about them."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marketplace.platform.caller import SUPPORT, Caller, Role
from tests.faults.bystanders import Keys
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of
from tools.ops.check_evidence import faults_in

HELPER = Caller(user_id="a-support", role=Role.ADMIN, signed_in_at=2_000_000_000, duties=SUPPORT)


def messages(market: Market, room: str, by: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = market.expect(200, by, "GET", f"/rooms/{room}/messages")["items"]
    return items


@pytest.mark.parametrize(("maker", "other"), [(WAYAN, AYU), (AYU, WAYAN)])
def test_whoever_is_blocked_can_neither_write_nor_book(market: Market, maker: Caller, other: Caller) -> None:
    older = market.book()
    market.command(AYU, older, "decline")
    booking_id = market.book()
    room = room_of(booking_id)
    market.send(other, booking_id, "hello", "m-0")
    blocked = market.expect(200, maker, "POST", f"/rooms/{room}/block")
    assert blocked["blockedBy"] == [maker.role.value]
    assert market.expect(200, maker, "POST", f"/rooms/{room}/block") == blocked
    market.command(AYU, booking_id, "decline")

    again = market.call(WAYAN, "POST", "/bookings", market.order(AYU))
    assert (again.status, again.body["code"]) == (409, "therapist_unavailable")
    elsewhere = market.book(WAYAN, BUDI)
    moved = market.command(ADMIN, elsewhere, "reassign", {"therapistId": AYU.user_id})
    assert (moved.status, moved.body["code"]) == (409, "therapist_unavailable")
    market.book(MADE, AYU, customerWhatsApp="+6281234567891")

    assert market.expect(200, maker, "DELETE", f"/rooms/{room}/block")["blockedBy"] == []
    market.command(ADMIN, elsewhere, "cancel")
    market.check()


def test_the_other_s_messages_are_refused_until_the_block_is_lifted_by_its_maker(market: Market) -> None:
    booking_id = market.book()
    room = room_of(booking_id)
    market.send(AYU, booking_id, "hello", "m-1")
    market.expect(200, WAYAN, "POST", f"/rooms/{room}/block")
    refused = market.send(AYU, booking_id, "why?", "m-2")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert market.call(AYU, "PATCH", f"/rooms/{room}/messages/4", {"message": "why?"}).status == 403
    assert "sendMessage" not in market.expect(200, AYU, "GET", f"/rooms/{room}")["actions"]
    assert market.send(WAYAN, booking_id, "goodbye", "m-3").status == 201
    market.expect(200, AYU, "DELETE", f"/rooms/{room}/block")
    assert market.send(AYU, booking_id, "why?", "m-4").status == 403
    market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/block")
    assert market.send(AYU, booking_id, "thanks", "m-5").status == 201


def test_a_block_holds_in_every_room_of_the_two(market: Market) -> None:
    first = market.book()
    market.command(AYU, first, "accept")
    market.command(AYU, first, "complete")
    second = market.book()
    market.expect(200, WAYAN, "POST", f"/rooms/{room_of(second)}/block")
    assert market.send(AYU, first, "hello", "m-1").status == 403


def test_a_report_is_claimed_and_resolved_once_and_both_are_told(market: Market) -> None:
    booking_id = market.book()
    room = room_of(booking_id)
    market.send(AYU, booking_id, "a rude word", "m-1")
    body = {"conversationId": room, "sequence": 4, "reason": "rude"}
    filed = market.expect(201, WAYAN, "POST", "/reports", body, key="tap")
    assert market.expect(201, WAYAN, "POST", "/reports", body, key="tap") == filed
    assert filed["status"] == "open"
    (listed,) = market.expect(200, HELPER, "GET", "/admin/reports", query={"status": "open"})["items"]
    assert (listed["reportId"], listed["concernsId"], listed["sequence"]) == (filed["reportId"], AYU.user_id, 4)

    path = f"/admin/reports/{filed['reportId']}"
    assert market.expect(200, HELPER, "POST", f"{path}/claim")["status"] == "claimed"
    assert market.call(ADMIN, "POST", f"{path}/claim").body["code"] == "invalid_transition"
    resolved = market.expect(200, HELPER, "POST", f"{path}/resolve", {"action": "hide", "note": "rude indeed"})
    assert (resolved["status"], resolved["action"]) == ("resolved", "hide")
    again = market.call(ADMIN, "POST", f"{path}/resolve", {"action": "none", "note": "no"})
    assert (again.status, again.body["code"]) == (409, "invalid_transition")

    for party in (WAYAN, AYU):
        assert (messages(market, room, party)[3]["message"], messages(market, room, party)[3]["hidden"]) == ("", True)
        kinds = {each["kind"] for each in market.expect(200, party, "GET", "/notifications")["items"]}
        assert kinds & {"report_resolved", "report_about_you_hide"}
    assert messages(market, room, ADMIN)[3]["message"] == "a rude word"
    assert market.expect(200, ADMIN, "GET", f"/admin/history/{filed['reportId']}")["items"]
    market.check()


def test_support_may_do_all_but_suspend(market: Market) -> None:
    booking_id = market.book()
    filed = market.expect(201, WAYAN, "POST", "/reports", {"bookingId": booking_id, "reason": "never came"})
    path = f"/admin/reports/{filed['reportId']}/resolve"
    assert market.call(HELPER, "POST", path, {"action": "suspend", "note": "again"}).status == 403
    market.expect(200, ADMIN, "POST", path, {"action": "suspend", "note": "again"})
    assert market.call(None, "GET", f"/therapists/{AYU.user_id}").status == 404
    assert market.row("bookings", bookingId=booking_id)["status"] == "declined"


def test_a_report_of_what_one_may_not_see_is_not_found_and_one_of_nothing_is_refused(market: Market) -> None:
    booking_id = market.book()
    assert market.call(MADE, "POST", "/reports", {"bookingId": booking_id, "reason": "x"}).status == 404
    assert market.call(WAYAN, "POST", "/reports", {"reason": "x"}).status == 422
    body = {"conversationId": room_of(booking_id), "sequence": 9, "reason": "x"}
    assert market.call(WAYAN, "POST", "/reports", body).status == 422
    assert market.rows("reports") == []


def test_a_call_for_help_rings_at_every_admin_and_at_the_alarm_topic(market: Market) -> None:
    booking_id = market.book()
    early = market.call(WAYAN, "POST", f"/bookings/{booking_id}/sos", {})
    assert (early.status, early.body["code"]) == (409, "invalid_transition")
    market.command(AYU, booking_id, "accept")
    market.publish()
    market.connect(ADMIN, "connection-admin")
    market.expect(200, WAYAN, "POST", f"/bookings/{booking_id}/sos", {"latitude": -8.5, "longitude": 115.25})
    market.publish()
    (event,) = [frame for to, frame in market.gateway.frames if to == "connection-admin" and frame["type"] == "sos"]
    assert (event["bookingId"], event["sound"], event["latitude"]) == (booking_id, True, -8.5)
    assert len(market.alarms.published) == 1
    assert booking_id in market.alarms.published[0]
    assert market.call(MADE, "POST", f"/bookings/{booking_id}/sos", {}).status == 404
    market.wait(hours=4)
    assert market.call(AYU, "POST", f"/bookings/{booking_id}/sos", {}).status == 409


def test_an_admin_is_announced_in_a_room_once(market: Market) -> None:
    booking_id = market.book()
    room = room_of(booking_id)
    market.connect(ADMIN, "connection-admin")
    for _ in range(2):
        market.frame(ADMIN, "connection-admin", {"action": "openRoom", "conversationId": room})
    assert [each["metadata"].get("template") for each in messages(market, room, WAYAN)][3:] == ["admin_joined"]
    market.send(ADMIN, booking_id, "may we help?", "m-1")
    market.send(HELPER, booking_id, "me too", "m-2")
    said = [(each["senderRole"], each["message"]) for each in messages(market, room, WAYAN)][4:]
    assert [role for role, _ in said] == ["admin", "system", "admin"]
    market.check()


def test_who_is_forgotten_leaves_no_words_in_reports(market: Market) -> None:
    booking_id = market.book()
    market.expect(201, WAYAN, "POST", "/reports", {"bookingId": booking_id, "reason": "a secret grievance"})
    market.command(WAYAN, booking_id, "cancel")
    market.publish()
    market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})
    assert "secret grievance" not in json.dumps(market.rows("reports"), default=str)


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        (lambda lines: lines, None),
        (lambda lines: [*lines[:4], lines[4].replace("hello", "hallo"), *lines[5:]], "line 5 was changed"),
        (lambda lines: [*lines[:4], *lines[5:]], "line 5 is missing or moved"),
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "line 4 is missing or moved"),
        (lambda lines: lines[:-1], "cut off after line 6"),
        (lambda lines: [*lines[:-1], lines[-1].replace("a-admin", "a-other")], "line 7: the signature does not hold"),
    ],
)
def test_evidence_names_the_line_that_was_tampered_with(market: Market, tampering: Any, named: str | None) -> None:
    booking_id = market.book()
    market.send(WAYAN, booking_id, "hello", "m-1")
    market.expect(200, WAYAN, "PATCH", f"/rooms/{room_of(booking_id)}/messages/4", {"message": "hello there"})
    answer = market.call(ADMIN, "GET", f"/admin/rooms/{room_of(booking_id)}/evidence")
    lines = answer.text.removesuffix("\n").split("\n")
    assert [json.loads(line)["kind"] for line in lines] == ["room", *["message"] * 4, "change", "end"]
    key = Keys.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert faults_in(tampering(lines), key) == ([] if named is None else [named])
    assert market.call(MADE, "GET", f"/admin/rooms/{room_of(booking_id)}/evidence").status == 403


def test_a_room_shows_who_is_here_as_far_as_they_let_it_be_seen(market: Market) -> None:
    booking_id = market.book()
    path = f"/rooms/{room_of(booking_id)}"
    market.connect(AYU, "socket-ayu")
    shown = market.expect(200, WAYAN, "GET", path)["presence"]
    assert (shown[AYU.user_id]["online"], shown[WAYAN.user_id]["online"]) == (True, False)
    market.disconnect(AYU, "socket-ayu")
    assert market.expect(200, WAYAN, "GET", path)["presence"][AYU.user_id]["online"] is False
    market.expect(200, AYU, "PATCH", "/me/preferences", {"showsPresence": False})
    assert market.expect(200, WAYAN, "GET", path)["presence"][AYU.user_id] is None
