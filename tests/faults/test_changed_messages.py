"""Editing and deleting messages: one's own, for a quarter of an hour, each change once and in an order of its own."""

import json
from typing import Any, Final

import pytest

from marketplace.platform.caller import Role
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Answered, Market, room_of

CHANGES: Final = frozenset({"edited", "deleted"})
NUMBER: Final = "0812 3456 7890"


@pytest.fixture
def room(market: Market) -> str:
    """Return the room of a confirmed booking, in which message 5 is the customer's and 6 the therapist's."""
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.send(WAYAN, booking_id, "see you at ten", "m-1")
    market.send(AYU, booking_id, "fine", "m-2")
    return room_of(booking_id)


def edit(market: Market, room: str, by: Any, sequence: int | str, text: str) -> Answered:
    return market.call(by, "PATCH", f"/rooms/{room}/messages/{sequence}", {"message": text})


def messages(market: Market, room: str, by: Any = WAYAN, **query: str) -> dict[str, Any]:
    return market.expect(200, by, "GET", f"/rooms/{room}/messages", query=query)


def test_changes_take_the_revisions_of_their_room_without_a_gap(market: Market, room: str) -> None:
    market.connect(WAYAN, "socket-wayan")
    market.connect(AYU, "socket-ayu")
    assert edit(market, room, WAYAN, 5, "see you at eleven").body["revision"] == 1
    frame = {"action": "editMessage", "conversationId": room, "sequence": 6, "message": "very well"}
    assert market.frame(AYU, "socket-ayu", frame)["revision"] == 2
    assert market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/messages/5")["revision"] == 3

    page = messages(market, room, changedAfter="1")
    assert [(each["sequence"], each["message"], each["deleted"]) for each in page["changes"]] == [
        (5, "", True),
        (6, "very well", False),
    ]
    assert page["revision"] == 3
    assert page["items"][5]["editedAt"] is not None
    synced = market.frame(
        WAYAN, "socket-wayan", {"action": "sync", "conversationId": room, "after": 6, "revision": 2, "epoch": "1"}
    )
    assert (synced["items"], [each["sequence"] for each in synced["changes"]], synced["revision"]) == ([], [5], 3)
    events = [
        frame for to, frame in market.gateway.frames if to == "socket-ayu" and frame["type"] in {"edited", "deleted"}
    ]
    assert [(event["type"], event["message"]["sequence"]) for event in events] == [("edited", 5), ("deleted", 5)]
    market.check()


def test_a_change_that_is_sent_again_is_made_once(market: Market, room: str) -> None:
    first = edit(market, room, WAYAN, 5, "see you at eleven")
    assert edit(market, room, WAYAN, 5, "see you at eleven").body == first.body
    gone = market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/messages/5")
    market.wait(minutes=16)
    assert market.expect(200, WAYAN, "DELETE", f"/rooms/{room}/messages/5") == gone
    assert market.row("chat_rooms", conversationId=room)["lastRevision"] == 2


def test_the_former_text_stands_in_the_history_of_the_room(market: Market, room: str) -> None:
    edit(market, room, WAYAN, 5, "see you at eleven")
    entries = market.expect(200, ADMIN, "GET", f"/admin/history/{room}")["items"]
    assert [(each["action"], each["actor"]) for each in entries] == [("message_edited", WAYAN.user_id)]
    assert "see you at ten" in json.dumps(entries)


@pytest.mark.parametrize(
    ("by", "sequence", "status"),
    [(AYU, 5, 404), (BUDI, 5, 404), (WAYAN, 1, 404), (WAYAN, 7, 404), (WAYAN, "five", 404), (ADMIN, 5, 404)],
)
def test_whose_message_it_is_not_finds_none(
    market: Market, room: str, by: Any, sequence: int | str, status: int
) -> None:
    before = market.rows("chat_messages")
    assert edit(market, room, by, sequence, "something else").status == status
    assert market.call(by, "DELETE", f"/rooms/{room}/messages/{sequence}").status == status
    assert market.rows("chat_messages") == before


def test_after_a_quarter_of_an_hour_a_message_stays_as_it_is(market: Market, room: str) -> None:
    market.wait(minutes=15)
    late = edit(market, room, WAYAN, 5, "see you at eleven")
    assert (late.status, late.body["code"]) == (409, "deadline_passed")


def test_nothing_is_changed_in_a_room_that_is_closed(market: Market, room: str) -> None:
    market.command(WAYAN, "b-" + room.removeprefix("r-"), "cancel")
    assert edit(market, room, WAYAN, 5, "see you at eleven").body["code"] == "room_closed"


def test_a_list_of_rooms_shows_the_newest_text(market: Market, room: str) -> None:
    edit(market, room, AYU, 6, "very well")
    assert market.expect(200, WAYAN, "GET", f"/rooms/{room}")["lastMessage"]["message"] == "very well"


def test_a_reply_names_a_message_that_there_is(market: Market, room: str) -> None:
    said = {"clientMessageId": "m-3", "message": "yes", "replyTo": 5}
    market.expect(201, AYU, "POST", f"/rooms/{room}/messages", said)
    assert messages(market, room)["items"][-1]["replyTo"] == 5
    wrong = market.call(AYU, "POST", f"/rooms/{room}/messages", {**said, "clientMessageId": "m-4", "replyTo": 8})
    assert (wrong.status, wrong.body["errors"][0]["path"]) == (422, "replyTo")


def test_whoever_knows_another_epoch_is_told_to_load_anew(market: Market, room: str) -> None:
    page = messages(market, room)
    assert messages(market, room, epoch=page["epoch"])["items"] == page["items"]
    assert market.expect(200, WAYAN, "GET", f"/rooms/{room}")["epoch"] == page["epoch"]
    market.plant("claims", {"claimKey": "epoch", "claimId": "chat", "epoch": "restored"})
    stale = market.call(WAYAN, "GET", f"/rooms/{room}/messages", query={"epoch": page["epoch"]})
    assert (stale.status, stale.body["code"]) == (409, "history_reset")
    market.connect(WAYAN, "socket-wayan")
    frame = {"action": "sync", "conversationId": room, "after": 0, "epoch": page["epoch"]}
    assert market.frame(WAYAN, "socket-wayan", frame)["code"] == "history_reset"


def test_contacts_are_masked_until_the_booking_is_confirmed(market: Market) -> None:
    booking_id = market.book()
    room = room_of(booking_id)
    sent = market.send(WAYAN, booking_id, f"call me: {NUMBER}", "m-1")
    assert sent.body["masked"] is True
    assert market.send(WAYAN, booking_id, f"call me: {NUMBER}", "m-1").body == sent.body
    market.send(AYU, booking_id, "hello", "m-2")
    edited = edit(market, room, AYU, 5, f"mine is {NUMBER}").body
    assert (edited["masked"], edited["message"]["message"]) == (True, "mine is •••")

    def shown(by: Any) -> list[tuple[str, bool]]:
        return [(each["message"], each["masked"]) for each in messages(market, room, by)["items"][3:5]]

    masked = [("call me: •••", True), ("mine is •••", True)]
    assert shown(WAYAN) == shown(AYU) == masked
    assert shown(ADMIN) == [(f"call me: {NUMBER}", True), (f"mine is {NUMBER}", True)]
    assert market.expect(200, WAYAN, "GET", f"/rooms/{room}")["lastMessage"]["message"] == "mine is •••"
    assert messages(market, room, search="3456")["items"] == []
    assert len(messages(market, room, ADMIN, search="3456")["items"]) == 2

    market.command(AYU, booking_id, "accept")
    assert shown(WAYAN) == masked
    assert "masked" not in market.send(WAYAN, booking_id, f"now: {NUMBER}", "m-3").body
    assert messages(market, room, AYU)["items"][-1]["message"] == f"now: {NUMBER}"
    market.check()


def test_an_admin_may_say_a_number_at_any_time(market: Market) -> None:
    booking_id = market.book()
    assert "masked" not in market.send(ADMIN, booking_id, f"our line: {NUMBER}", "m-1").body
    assert messages(market, room_of(booking_id))["items"][-1]["message"] == f"our line: {NUMBER}"


def test_who_is_forgotten_leaves_no_former_text(market: Market) -> None:
    booking_id = market.book()
    market.send(WAYAN, booking_id, f"my number is {NUMBER}", "m-1")
    edit(market, room_of(booking_id), WAYAN, 4, "a secret wish")
    market.command(WAYAN, booking_id, "cancel")
    market.publish()
    market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})
    kept = json.dumps([market.rows("chat_messages"), market.rows("history"), market.rows("chat_rooms")], default=str)
    assert "secret wish" not in kept
    assert NUMBER not in kept
    assert Role.CUSTOMER.value in kept


def test_more_changes_than_a_page_holds_come_one_page_after_the_other(market: Market, room: str) -> None:
    for number in range(51):
        assert edit(market, room, WAYAN, 5, f"at {number} past ten").status == 200

    first = messages(market, room, after="6", changedAfter="0")
    rest = messages(market, room, after="6", changedAfter=str(first["revision"]))

    assert (first["revision"], first["hasMore"]) == (50, True)
    assert (rest["revision"], rest["hasMore"], rest["changes"][0]["message"]) == (51, False, "at 50 past ten")
