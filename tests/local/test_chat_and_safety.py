"""Edits, reports, blocks, help, friends, translations, evidence and presence of the running system."""

import base64
import json
import re

from tests.local.chatting import Talk, talk
from tests.local.visits import a_scheduled_visit, free_starts
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import Person, expect
from tools.ops.check_evidence import faults_in

PLACE = "Jalan Kenari 77"


def confirmed(room: Talk) -> str:
    """Let the therapist accept; return the booking's id."""
    expect(room.therapist.post(f"/bookings/{room.booking_id}/accept"), 200)
    return room.booking_id


def said(room: Talk, name: str, text: str) -> int:
    """Let the customer say something; return its sequence."""
    return int(room.at_customer.ask(room.text(name, text))["sequence"])


def shown(room: Talk, reader: Person, sequence: int) -> dict[str, object]:
    """Return a message as somebody sees it."""
    return next(each for each in room.messages(reader)["items"] if each["sequence"] == sequence)


def test_an_edit_and_a_deletion_reach_the_other_and_are_made_once(world: World) -> None:
    with talk(world) as room:
        sequence = said(room, "m1", "see you at ten")
        edit = {"action": "editMessage", "conversationId": room.room_id, "sequence": sequence, "message": "at eleven"}
        assert room.at_customer.ask(edit)["revision"] == room.at_customer.ask(edit)["revision"] == 1
        heard = room.at_therapist.wait_for("edited")["message"]
        assert (heard["sequence"], heard["message"], heard["revision"]) == (sequence, "at eleven", 1)
        path = f"/rooms/{room.room_id}/messages/{sequence}"
        assert room.therapist.patch(path, {"message": "never"}).status_code == 404
        assert expect(room.customer.request("DELETE", path), 200)["revision"] == 2
        assert room.at_therapist.wait_for("deleted")["message"]["message"] == ""
        assert expect(room.customer.request("DELETE", path), 200)["revision"] == 2
        sync = {"action": "sync", "conversationId": room.room_id, "after": sequence, "revision": 1}
        page = room.at_therapist.ask(sync)
        assert [(each["sequence"], each["deleted"]) for each in page["changes"]] == [(sequence, True)]
        assert (page["items"], page["revision"]) == ([], 2)
        former = expect(world.admin().get(f"/admin/history/{room.room_id}"), 200)["items"]
        assert "see you at ten" in json.dumps(former)


def test_a_report_is_claimed_once_resolved_once_and_both_are_told(world: World) -> None:
    with talk(world) as room:
        sequence = said(room, "m1", "something nasty")
        report = {"conversationId": room.room_id, "sequence": sequence, "reason": "it hurts"}
        made = expect(room.therapist.post("/reports", report), 201)
        assert (made["status"], bool(made["dueAt"])) == ("open", True)
        assert world.guest().post("/reports", report).status_code == 404
        support, admin = world.demo_user("a-support"), world.admin()
        queue = expect(support.get("/admin/reports", status="open"), 200)["items"]
        assert made["reportId"] in {each["reportId"] for each in queue}
        path = f"/admin/reports/{made['reportId']}"
        expect(support.post(f"{path}/claim"), 200)
        assert expect(admin.post(f"{path}/claim"), 409)["code"] == "invalid_transition"
        outcome = {"action": "hide", "note": "nobody needs to read this"}
        assert support.post(f"{path}/resolve", {**outcome, "action": "suspend"}).status_code == 403
        expect(support.post(f"{path}/resolve", outcome), 200)
        assert expect(support.post(f"{path}/resolve", outcome), 409)["code"] == "invalid_transition"
        assert shown(room, room.therapist, sequence)["message"] == shown(room, room.customer, sequence)["message"] == ""
        assert shown(room, admin, sequence)["message"] == "something nasty"
        for party in (room.customer, room.therapist):
            about = expect(party.get("/notifications"), 200)["items"]
            assert any("report" in each["kind"] for each in about), about


def test_a_block_keeps_both_from_writing_to_and_booking_each_other_until_it_is_lifted(world: World) -> None:
    for blocker_is_therapist in (False, True):
        with talk(world) as room:
            blocker, other = room.customer, room.therapist
            if blocker_is_therapist:
                blocker, other = other, blocker
            path, words = f"/rooms/{room.room_id}", {"clientMessageId": "m1", "message": "hello?"}
            confirmed(room)
            later = a_scheduled_visit(room.therapist.user_id, free_starts(room.customer, room.therapist.user_id)[-1])
            expect(blocker.post(f"{path}/block"), 200)
            assert expect(other.post(f"{path}/messages", words), 403)["code"] == "forbidden"
            refused = room.customer.post("/bookings", later)
            assert (refused.status_code, refused.json()["code"]) == (409, "therapist_unavailable")
            assert other.request("DELETE", f"{path}/block").status_code in {200, 404}
            assert other.post(f"{path}/messages", words).status_code == 403, "nobody lifts another's block"
            expect(blocker.request("DELETE", f"{path}/block"), 200)
            expect(other.post(f"{path}/messages", words), 201)
            expect(room.customer.post("/bookings", later), 201)


def test_a_call_for_help_rings_at_the_admin_s_with_the_place_within_ten_seconds(world: World) -> None:
    with talk(world) as room, world.admin().connected() as desk:
        path = f"/bookings/{room.booking_id}/sos"
        assert expect(room.customer.post(path, {}), 409)["code"] == "invalid_transition"
        booking_id = confirmed(room)
        where = {"latitude": -8.5069, "longitude": 115.2625, "text": "please come"}
        expect(room.customer.post(path, where), 200)
        rung = desk.wait_for("sos", within=10, bookingId=booking_id)
        assert (rung["sound"], rung["latitude"], rung["longitude"]) == (True, where["latitude"], where["longitude"])
        assert world.guest().post(path, {}).status_code == 404


def test_a_friend_sees_the_visit_without_number_or_address_until_it_ends(world: World) -> None:
    with talk(world, location={"address": PLACE}) as room:
        booking_id = confirmed(room)
        link = expect(room.customer.post(f"/bookings/{booking_id}/share"), 201)
        path = f"/shared-visits/{link['token']}"
        expect(room.therapist.post(f"/bookings/{booking_id}/visit", {"step": "en_route"}), 200)
        seen = expect(world.stranger().get(path), 200)
        assert seen["visitStep"] == "en_route"
        assert PLACE not in json.dumps(seen)
        assert re.search(r"\+?62\d{8}", json.dumps(seen)) is None
        expect(room.therapist.post(f"/bookings/{booking_id}/complete"), 200)
        assert world.stranger().get(path).status_code == 404


def test_a_message_is_translated_for_who_asks_after_it_is_there(world: World) -> None:
    with talk(world) as room:
        path = f"/rooms/{room.room_id}/translation"
        expect(room.therapist.post(path, {"enabled": True}), 200)
        sequence = said(room, "m1", "the blue gate")
        told = room.at_therapist.wait_for("translated")["message"]
        assert (told["sequence"], told["message"]) == (sequence, "the blue gate")
        assert list(told["translations"]) == ["id"]
        assert shown(room, room.therapist, sequence)["translations"] == told["translations"]
        expect(room.therapist.post(path, {"enabled": False}), 200)


def test_a_room_as_evidence_holds_and_a_changed_line_is_named(world: World) -> None:
    with talk(world) as room:
        for number in range(3):
            said(room, f"m{number}", f"word {number}")
        written = world.admin().get(f"/admin/rooms/{room.room_id}/evidence")
        assert written.status_code == 200
        lines = written.text.splitlines()
        key = world.client("kms").get_public_key(KeyId=world.stack_output("ProofKeyId"))["PublicKey"]
        assert faults_in(lines, key) == []
        assert faults_in([line.replace("word 1", "word 9") for line in lines], key) != []
        assert faults_in(lines[:2] + lines[3:], key) != []
        assert faults_in(lines[:-1], key) != []
        forged = json.loads(lines[-1])
        forged["signature"] = base64.b64encode(b"somebody else's").decode()
        assert faults_in([*lines[:-1], json.dumps(forged)], key) != []
        assert room.customer.get(f"/admin/rooms/{room.room_id}/evidence").status_code == 403


def test_the_other_s_presence_is_seen_unless_they_hide_it(world: World) -> None:
    with talk(world) as room:

        def of_therapist() -> object:
            return room.room(room.customer)["presence"][room.therapist.user_id]

        wait_until(lambda: isinstance(seen := of_therapist(), dict) and seen["online"] is True)
        expect(room.therapist.patch("/me/preferences", {"showsPresence": False}), 200)
        wait_until(lambda: of_therapist() is None)
