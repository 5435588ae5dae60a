"""Every operation of both descriptions is called on the running system, and answers as it is described."""

import json
import os
from typing import Any

import httpx
import pytest

from tests.local.described import EXAMPLES, Conversation, check_frame, document
from tests.local.orders import order
from tests.local.visits import free_starts
from tests.local.world import World
from tools.local.person import Person, Socket

CHANGES_THE_HOUSE = {"addPolicy"}
"""What would change the rules for all other tests; tests/local/test_staff_and_policies.py takes care."""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_what_is_served_is_what_is_committed(world: World, name: str) -> None:
    assert world.stranger().get(f"/{name}").json() == document(name)


def test_every_operation_answers_as_it_is_described(world: World) -> None:
    talk = Conversation()
    stranger, admin, therapist, other = world.stranger(), world.admin(), world.therapist(), world.unattended_therapist()
    customer = world.guest()

    talk.call(stranger, "POST", "/guest-sessions", body={"language": "id"})
    talk.call(customer, "POST", "/chat-tickets")
    _browse(talk, stranger, customer, therapist)
    booking = _book(talk, customer, therapist, admin, other.therapist_id)
    _chat(talk, customer, booking)
    _settle(talk, therapist, admin, customer)
    _administer(talk, admin, booking)
    _leave(talk, customer, admin, world.guest())

    _try_the_rest(talk, stranger, customer, therapist, admin)

    if "RECORD_EXAMPLES" in os.environ:
        whole = {"readOpenApi", "readAsyncApi"}
        found = {name: answer for name, answer in sorted(talk.answers.items()) if name not in whole}
        EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    described = {
        operation["operationId"]
        for operations in document("openapi.json")["paths"].values()
        for operation in operations.values()
    }
    assert described - talk.called == CHANGES_THE_HOUSE


def _try_the_rest(talk: Conversation, stranger: Person, customer: Person, therapist: Person, admin: Person) -> None:
    """Call what this story has no place for, and what has a test of its own, about things that are not there."""
    differences: list[str] = []
    for route, operations in document("openapi.json")["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] in talk.called or operation["operationId"] in CHANGES_THE_HOUSE:
                continue
            everybody = (admin,) if route.startswith("/admin") else (stranger, customer, therapist, admin)
            for who in everybody:
                try:
                    talk.try_out(who, method.upper(), route)
                except (AssertionError, KeyError) as difference:
                    differences.append(str(difference)[:300])
    assert differences == []


def _browse(talk: Conversation, stranger: Person, customer: Person, therapist: Person) -> None:
    path = {"therapistId": therapist.user_id}
    documents = ("/openapi.json", "/asyncapi.json", "/docs", "/docs/sockets", "/docs/redoc.js")
    for route in ("/therapists", "/hotels", *documents):
        talk.call(stranger, "GET", route)
    talk.call(stranger, "GET", "/therapists/{therapistId}", path=path)
    day = free_starts(stranger, therapist.user_id)[0][:10]
    talk.call(stranger, "GET", "/therapists/{therapistId}/slots", path=path, query={"date": day, "duration": 60})
    talk.call(stranger, "GET", "/therapists/{therapistId}", path={"therapistId": "t-nobody"}, expected=404)
    wanted = {"therapistId": therapist.user_id, "duration": 60, "bookingType": "immediate"}
    talk.call(customer, "POST", "/quotes", body=wanted)
    talk.call(customer, "POST", "/quotes", body={**wanted, "duration": 61}, expected=422)
    talk.call(therapist, "GET", "/me")
    talk.call(therapist, "PATCH", "/me", body={"language": "id"})


def _booked(talk: Conversation, customer: Person, therapist_id: str) -> dict[str, Any]:
    made = talk.call(customer, "POST", "/bookings", body=order(therapist_id))
    booking: dict[str, Any] = made["booking"]
    return booking


def _book(talk: Conversation, customer: Person, therapist: Person, admin: Person, other_id: str) -> dict[str, Any]:
    for step, who in (("decline", therapist), ("cancel", customer)):
        path = {"bookingId": _booked(talk, customer, therapist.user_id)["bookingId"]}
        talk.call(who, "POST", f"/bookings/{{bookingId}}/{step}", path=path)
    path = {"bookingId": _booked(talk, customer, other_id)["bookingId"]}
    body = {"therapistId": therapist.user_id}
    talk.call(admin, "POST", "/admin/bookings/{bookingId}/reassign", path=path, body=body)
    talk.call(therapist, "POST", "/bookings/{bookingId}/accept", path=path)
    talk.call(customer, "POST", "/bookings/{bookingId}/accept", path=path, expected=403)
    talk.call(customer, "GET", "/bookings")
    booking: dict[str, Any] = talk.call(customer, "GET", "/bookings/{bookingId}", path=path)
    return booking


def _chat(talk: Conversation, customer: Person, booking: dict[str, Any]) -> None:
    path = {"conversationId": booking["chatRoomId"]}
    room = "/rooms/{conversationId}"
    talk.call(customer, "GET", "/rooms")
    talk.call(customer, "GET", room, path=path)
    talk.call(customer, "POST", f"{room}/messages", path=path, body={"clientMessageId": "m-1", "message": "hello"})
    talk.call(customer, "GET", f"{room}/messages", path=path)
    talk.call(customer, "GET", f"{room}/messages", path=path, query={"search": "hello"})
    talk.call(customer, "POST", f"{room}/read", path=path, body={"sequence": 1})
    file = {"fileName": "gate.png", "contentType": "image/png", "size": len(PNG)}
    talk.call(customer, "POST", f"{room}/attachments", path=path, body=file)
    talk.call(customer, "GET", "/attachments/{attachmentId}", path={"attachmentId": "a-none"}, expected=404)
    notices = talk.call(customer, "GET", "/notifications")
    notice = {"notificationId": notices["items"][0]["notificationId"]}
    talk.call(customer, "POST", "/notifications/{notificationId}/read", path=notice)


def _settle(talk: Conversation, therapist: Person, admin: Person, customer: Person) -> None:
    talk.call(therapist, "GET", "/me/commissions")
    talk.call(therapist, "GET", "/me/statement", query={"month": "2026-11"})
    owed = talk.call(therapist, "GET", "/me/commissions")["items"][0]
    path = {"bookingId": owed["bookingId"]}
    for verdict, body in (("reject", {"reason": "The amount differs"}), ("approve", None)):
        file = {"fileName": "proof.png", "contentType": "image/png", "size": len(PNG)}
        form = talk.call(therapist, "POST", "/commissions/{bookingId}/proof", path=path, body=file)["upload"]
        sent = httpx.post(form["url"], data=form["fields"], files={"file": ("proof.png", PNG)})
        assert sent.is_success, sent.text
        talk.call(therapist, "POST", "/commissions/{bookingId}/proof/submit", path=path)
        talk.call(admin, "POST", f"/admin/commissions/{{bookingId}}/{verdict}", path=path, body=body)
    talk.call(customer, "POST", "/bookings/{bookingId}/complete", path=path, expected=403)
    talk.call(therapist, "POST", "/bookings/{bookingId}/complete", path=path)
    reason = {"reason": "The guest never came"}
    talk.call(admin, "POST", "/admin/commissions/{bookingId}/waive", path=path, body=reason, expected=409)


def _administer(talk: Conversation, admin: Person, booking: dict[str, Any]) -> None:
    path = {"bookingId": booking["bookingId"]}
    for route in (
        "/admin/bookings",
        "/admin/health",
        "/admin/revenue",
        "/admin/audits",
        "/admin/commissions",
        "/admin/therapists",
        "/admin/errors",
        "/admin/errors/rate",
    ):
        talk.call(admin, "GET", route)
    talk.call(admin, "GET", "/admin/bookings/{bookingId}", path=path)
    talk.call(admin, "GET", "/admin/history/{entityId}", path={"entityId": booking["bookingId"]})
    talk.call(admin, "POST", "/admin/test-bookings", body={"kind": "chat"})
    talk.call(admin, "POST", "/admin/audits", body={"full": False})
    talk.call(admin, "POST", "/admin/audits/repair", body={"bookingId": booking["bookingId"]})


def _leave(talk: Conversation, customer: Person, admin: Person, somebody: Person) -> None:
    talk.call(customer, "GET", "/privacy/export")
    talk.call(customer, "POST", "/privacy/erase", expected=409)
    talk.call(customer, "POST", "/privacy/erase", body={"confirm": True})
    talk.call(customer, "POST", "/sign-out-everywhere")
    talk.call(admin, "POST", "/admin/users/{userId}/sign-out", path={"userId": somebody.user_id})


def test_every_frame_is_answered_as_it_is_described(world: World) -> None:
    customer, therapist = world.guest(), world.therapist()
    with therapist.connected() as listening, customer.connected() as speaking:
        made = customer.post("/bookings", order(therapist.user_id)).json()
        room = {"conversationId": made["booking"]["chatRoomId"]}
        check_frame(listening.wait_for("booking", event="created"), "BookingChanged")
        check_frame(listening.wait_for("notification"), "NotificationEvent")
        text = {"clientMessageId": "m-1", "message": "hello"}
        _ask(speaking, {"action": "sendMessage", **room, **text}, "MessageAck")
        check_frame(listening.wait_for("message"), "MessageEvent")
        _ask(speaking, {"action": "sync", **room, "after": 0}, "SyncPage")
        # Who speaks has read so far: the others hear of a horizon only when it moves.
        _ask(listening, {"action": "markRead", **room, "sequence": 4}, "Ack")
        check_frame(speaking.wait_for("read"), "ReadEvent")
        speaking.send({"action": "typing", **room})
        check_frame(listening.wait_for("typing"), "TypingEvent")
        for action in ("openRoom", "closeRoom"):
            _ask(speaking, {"action": action, **room}, "Ack")
        _ask(speaking, {"action": "ping"}, "Pong")
        for wrong in ({"action": "nonsense"}, {"action": "ping", "more": 1}, {"action": "sync", **room}):
            _ask(speaking, wrong, "ErrorFrame")


def _ask(socket: Socket, frame: dict[str, Any], answer: str) -> None:
    check_frame(socket.ask(frame), answer)
