"""X20 to X23: sockets vanish, come back, and race; messages stay, horizons move forward alone."""

import json
from typing import Any

import pytest

from marketplace.identity.sign_outs import SignOuts
from marketplace.platform.caller import Caller, context_of
from tests.faults.injection import Fault
from tests.faults.market import AYU, WAYAN, Market, room_of
from tests.faults.scripted import failure


def test_x20_a_vanished_socket_is_forgotten_and_the_others_are_told(market: Market) -> None:
    market.connect(AYU, "connection-dead")
    market.connect(AYU, "connection-alive")
    booking_id = market.book()
    market.gateway.open.discard("connection-dead")

    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 201

    assert [row["connectionId"] for row in market.rows("connections")] == ["connection-alive"]
    assert {to for to, frame in market.gateway.frames if frame["type"] == "message"} == {"connection-alive"}
    market.check()


def test_x20_a_socket_that_is_new_under_an_old_id_stays(market: Market) -> None:
    market.connect(AYU, "connection-1")
    booking_id = market.book()
    market.wait(minutes=1)

    def reconnect() -> None:
        market.disconnect(AYU, "connection-1")
        market.wait(minutes=1)
        market.connect(AYU, "connection-1")
        raise failure("GoneException", 410)

    market.faults.next("post_to_connection", reconnect)
    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 201

    assert [row["connectionId"] for row in market.rows("connections")] == ["connection-1"]
    market.check()


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.BROKEN, Fault.NEVER_ARRIVED], ids=lambda each: each.value)
def test_x20_a_gateway_in_trouble_fails_no_sender_and_forgets_no_socket(market: Market, fault: Fault) -> None:
    market.connect(AYU, "connection-ayu")
    booking_id = market.book()
    market.faults.always("post_to_connection", fault)

    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 201

    assert len(market.rows("connections")) == 1
    market.faults.clear()
    market.check()


def test_x21_a_disconnect_that_comes_twice_early_or_never_leaves_no_ghost(market: Market) -> None:
    booking_id = market.book()
    assert market.disconnect(AYU, "connection-1") == 200
    market.connect(AYU, "connection-1")
    opened = market.frame(AYU, "connection-1", {"action": "openRoom", "conversationId": room_of(booking_id)})
    assert opened["type"] == "ack"
    assert market.disconnect(AYU, "connection-1") == 200
    assert market.disconnect(AYU, "connection-1") == 200
    assert market.rows("connections") == []
    assert market.row("bookings", bookingId=booking_id)["chatWindowOpen"] is False

    market.connect(AYU, "connection-never-closed")
    (row,) = market.rows("connections")
    assert row["expiresAtEpoch"] <= market.now.timestamp() + 2 * 3600 + 300
    market.check()


def test_x21_a_lost_answer_to_the_end_of_a_socket_still_closes_its_window(market: Market) -> None:
    booking_id = market.book()
    market.connect(WAYAN, "connection-1")
    market.frame(WAYAN, "connection-1", {"action": "openRoom", "conversationId": room_of(booking_id)})
    assert market.row("bookings", bookingId=booking_id)["chatWindowOpen"] is True
    for operation in ("delete_item", "transact_write_items"):
        market.faults.next(operation, Fault.ANSWER_LOST)

    assert market.disconnect(WAYAN, "connection-1") == 200

    assert market.rows("connections") == []
    assert market.row("bookings", bookingId=booking_id)["chatWindowOpen"] is False
    market.check()


def test_x21_who_reconnects_finds_everything_without_a_gap(market: Market) -> None:
    booking_id = market.book()
    room_id = room_of(booking_id)
    market.connect(AYU, "connection-1")
    market.gateway.open.clear()
    for number in range(5):
        market.send(WAYAN, booking_id, f"words {number}", f"m-{number}")
    market.connect(AYU, "connection-2")

    page = market.frame(AYU, "connection-2", {"action": "sync", "conversationId": room_id, "after": 3})

    assert [item["sequence"] for item in page["items"]] == [4, 5, 6, 7, 8]
    assert not page["hasMore"]
    room = market.call(AYU, "GET", f"/rooms/{room_id}").body
    assert room["unreadCount"] == 8
    market.check()


def test_x38_the_eleventh_socket_closes_the_oldest_and_each_frame_goes_to_ten(market: Market) -> None:
    booking_id = market.book()
    for number in range(40):
        assert market.connect(WAYAN, f"connection-{number:02d}") == 200
        market.wait(seconds=1)
    market.connect(AYU, "connection-ayu")

    newest = {f"connection-{number:02d}" for number in range(30, 40)}
    assert {row["connectionId"] for row in market.rows("connections")} == newest | {"connection-ayu"}
    assert market.gateway.open == newest | {"connection-ayu"}
    market.gateway.frames.clear()
    assert market.send(AYU, booking_id, "hello", "m-1").status == 201
    assert {to for to, frame in market.gateway.frames if frame["type"] == "message"} == newest | {"connection-ayu"}
    market.check()


def test_the_window_of_a_socket_that_had_to_go_is_closed(market: Market) -> None:
    booking_id = market.book()
    market.connect(WAYAN, "connection-first")
    market.frame(WAYAN, "connection-first", {"action": "openRoom", "conversationId": room_of(booking_id)})
    for number in range(10):
        market.wait(seconds=1)
        market.connect(WAYAN, f"connection-{number}")
    assert market.row("bookings", bookingId=booking_id)["chatWindowOpen"] is False
    market.check()


def signed_in_at(market: Market) -> Caller:
    """Return the therapist, signed in a minute ago."""
    return Caller(user_id=AYU.user_id, role=AYU.role, signed_in_at=int(market.now.timestamp()) - 60)


def test_signing_out_while_a_socket_is_just_opening_refuses_it(market: Market) -> None:
    ayu = signed_in_at(market)
    # The row is written by then, and the gateway still calls the socket gone.
    market.faults.next("update_item", lambda: SignOuts(market.behind).add(ayu.user_id, now=market.now))

    assert market.connect(ayu, "connection-1") == 401

    assert market.rows("connections") == []
    assert "connections" not in market.row("therapists", therapistId=AYU.user_id)
    market.check()


@pytest.mark.parametrize("action", ["ping", "sendMessage", "openRoom", "typing"])
def test_a_socket_that_outlived_a_sign_out_is_closed_with_its_first_frame(market: Market, action: str) -> None:
    booking_id, ayu = market.book(), signed_in_at(market)
    market.connect(ayu, "connection-1")
    SignOuts(market.behind).add(ayu.user_id, now=market.now)
    fields = {"conversationId": room_of(booking_id)} if action != "ping" else {}
    if action == "sendMessage":
        fields |= {"clientMessageId": "m-1", "message": "hello"}

    answer = market.frame(ayu, "connection-1", {"action": action, "requestId": "r-1", **fields})

    assert (answer["type"], answer["code"], answer["requestId"]) == ("error", "unauthenticated", "r-1")
    assert "connection-1" not in market.gateway.open
    assert [row["senderRole"] for row in market.rows("chat_messages")] == ["system"] * 3


def test_a_socket_that_nobody_knows_any_more_may_do_nothing(market: Market) -> None:
    market.connect(AYU, "connection-1")
    market.remove("connections", userId=AYU.user_id, connectionId="connection-1")

    assert market.frame(AYU, "connection-1", {"action": "ping"})["code"] == "unauthenticated"
    assert market.gateway.open == set()


@pytest.mark.parametrize("route", ["$connect", "$disconnect", "$default"])
def test_a_frame_that_is_named_like_the_gateway_s_own_doing_does_nothing(market: Market, route: str) -> None:
    market.connect(AYU, "connection-1")
    before = market.rows("connections")
    market.wait(minutes=1)
    event: dict[str, Any] = {
        "requestContext": {
            "routeKey": route,
            "eventType": "MESSAGE",
            "connectionId": "connection-1",
            "requestId": "r-1",
            "authorizer": {**context_of(AYU), "principalId": AYU.user_id},
        },
        "body": json.dumps({"action": route}),
    }

    answer = market.invoke("chat_session", event)

    assert json.loads(answer["body"])["code"] == "unknown_action"
    assert market.rows("connections") == before


def test_x22_a_message_sent_again_over_any_door_is_the_same_message(market: Market) -> None:
    booking_id = market.book()
    market.connect(WAYAN, "connection-1")
    first = market.send(WAYAN, booking_id, "hello", "m-1").body
    frame = {
        "action": "sendMessage",
        "conversationId": room_of(booking_id),
        "clientMessageId": "m-1",
        "message": "hello",
    }

    again = [market.frame(WAYAN, "connection-1", frame) for _ in range(20)]

    assert {(ack["sequence"], ack["timestamp"]) for ack in again} == {(first["sequence"], first["timestamp"])}
    market.check()


def test_x23_of_two_devices_the_further_horizon_wins_whatever_the_order(market: Market) -> None:
    booking_id = market.book()
    path = f"/rooms/{room_of(booking_id)}/read"
    further: list[int] = []
    market.faults.next(
        "update_item", lambda: further.append(market.call(AYU, "POST", path, {"sequence": 3}).body["sequence"])
    )

    nearer = market.call(AYU, "POST", path, {"sequence": 2})

    assert (nearer.status, nearer.body["sequence"]) == (200, 3)
    assert further == [3]
    assert market.call(AYU, "POST", path, {"sequence": 1}).body["sequence"] == 3
    assert market.row("chat_rooms", conversationId=room_of(booking_id))["therapistReadSequence"] == 3
    market.check()
