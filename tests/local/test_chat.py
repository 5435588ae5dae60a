"""The chat of the running system: order, loss, rights, presence, as clients of the contract see them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.platform.clock import format_utc
from tests.local.chatting import talk
from tests.local.waiting import wait_until
from tests.local.world import World, at_once
from tools.local.person import expect


def test_a_message_is_one_message_however_often_and_over_whichever_door_it_comes(world: World) -> None:
    with talk(world) as room:
        path, body = f"/rooms/{room.room_id}/messages", {"clientMessageId": "once", "message": "hello"}
        answers = at_once([lambda: expect(room.customer.post(path, body), 201)] * 20)
        frame = room.at_customer.ask(room.text("once"))
        del frame["requestId"]
        assert [answer == frame for answer in answers] == [True] * 20
        assert frame["type"] == "ack"
        room.at_customer.ask(room.text("twice"))
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["clientMessageId"] != "twice":
            heard.append(room.at_therapist.wait_for("message")["message"])
        # A late copy tells the message once more, in the same place: so that its loss would be mended.
        assert {message["sequence"] for message in heard[:-1]} == {frame["sequence"]}
        assert heard[-1]["sequence"] == frame["sequence"] + 1
        said = [message["clientMessageId"] for message in room.messages(room.customer)["items"]]
        assert said == [None, None, None, "once", "twice"]


def test_many_senders_at_once_all_get_a_place_and_none_a_gap(world: World) -> None:
    with talk(world) as room:
        path = f"/rooms/{room.room_id}/messages"
        people = [room.customer, room.therapist]
        sending = [
            lambda n=n: expect(people[n % 2].post(path, {"clientMessageId": f"m{n}", "message": f"{n}"}), 201)
            for n in range(24)
        ]
        sequences = [ack["sequence"] for ack in at_once(sending)]
        assert sorted(sequences) == list(range(4, 28))
        listed = room.messages(room.therapist)["items"]
        assert [message["sequence"] for message in listed] == list(range(1, 28))
        assert {f"m{n}": sequence for n, sequence in enumerate(sequences)} == {
            message["clientMessageId"]: message["sequence"] for message in listed[3:]
        }


def test_pages_walk_both_ways_and_stay_whole_while_others_write(world: World) -> None:
    with talk(world) as room:
        for n in range(9):
            room.at_customer.ask(room.text(f"m{n}"))
        newest = room.messages(room.therapist, limit=5)
        assert [each["sequence"] for each in newest["items"]] == [8, 9, 10, 11, 12]
        room.at_customer.ask(room.text("meanwhile"))
        older = room.messages(room.therapist, limit=5, before=8)
        assert [each["sequence"] for each in older["items"]] == [3, 4, 5, 6, 7]
        oldest = room.messages(room.therapist, limit=5, before=3)
        assert ([each["sequence"] for each in oldest["items"]], oldest["hasMore"]) == ([1, 2], False)
        missed = room.messages(room.therapist, limit=5, after=7)
        assert ([each["sequence"] for each in missed["items"]], missed["hasMore"]) == ([8, 9, 10, 11, 12], True)
        page = room.at_therapist.ask({"action": "sync", "conversationId": room.room_id, "after": 12})
        assert (page["type"], [each["sequence"] for each in page["items"]], page["hasMore"]) == ("page", [13], False)


def test_words_are_found_blind_to_case_and_accents_newest_first_with_a_cursor(world: World) -> None:
    with talk(world) as room:
        for n, text in enumerate(["Où est le café?", "CAFE Ubud", "tea", "a café again"]):
            room.at_customer.ask(room.text(f"m{n}", text))
        first = room.messages(room.therapist, search="cafe", limit=2)
        assert [each["message"] for each in first["items"]] == ["a café again", "CAFE Ubud"]
        rest = room.messages(room.therapist, search="cafe", limit=2, cursor=first["nextCursor"])
        assert [each["message"] for each in rest["items"]] == ["Où est le café?"]
        assert (
            rest["nextCursor"] is None
            or not room.messages(room.therapist, search="cafe", limit=2, cursor=rest["nextCursor"])["items"]
        )
        refused = room.therapist.get(f"/rooms/{room.room_id}/messages", search="tea", cursor=str(first["nextCursor"]))
        assert expect(refused, 422)["code"] == "validation_failed"


def test_horizons_move_forward_only_and_the_others_hear_of_it(world: World) -> None:
    with talk(world) as room:
        room.at_customer.ask(room.text("m1"))
        assert room.room(room.therapist)["unreadCount"] == 4
        assert room.room(room.customer)["unreadCount"] == 0
        assert [each["isRead"] for each in room.messages(room.customer)["items"]][-1] is False
        mark = {"action": "markRead", "conversationId": room.room_id}
        assert room.at_therapist.ask({**mark, "sequence": 99})["sequence"] == 4
        heard = room.at_customer.wait_for("read")
        assert heard == {
            "type": "read",
            "conversationId": room.room_id,
            "userId": room.therapist.user_id,
            "sequence": 4,
        }
        assert room.at_therapist.ask({**mark, "sequence": 1})["sequence"] == 4
        assert room.room(room.therapist)["unreadCount"] == 0
        assert [each["isRead"] for each in room.messages(room.customer)["items"]][-1] is True


def test_typing_is_told_and_never_kept_nor_answered(world: World) -> None:
    with talk(world) as room:
        room.at_customer.send({"action": "typing", "conversationId": room.room_id, "requestId": "t"})
        assert room.at_therapist.wait_for("typing") == {
            "type": "typing",
            "conversationId": room.room_id,
            "userId": room.customer.user_id,
        }
        assert room.at_customer.ask({"action": "ping"})["type"] == "pong"
        assert room.room(room.customer)["lastSequence"] == 3


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no json", "malformed_json"),
        ("[]", "validation_failed"),
        (json.dumps({"action": "dance"}), "unknown_action"),
        (json.dumps({"action": "ping", "extra": 1}), "validation_failed"),
        (json.dumps({"action": "markRead", "conversationId": None, "sequence": 1}), "validation_failed"),
        (json.dumps({"action": "sync", "conversationId": "r-nowhere", "after": 0}), "not_found"),
        (json.dumps({"action": "ping", "extra": "x" * 32_768}), "payload_too_large"),
        (json.dumps({"action": "sendMessage", "message": "x" * 140_000}), "payload_too_large"),
    ],
    ids=["text", "list", "action", "extra", "null", "nowhere", "32 KB", "128 KB"],
)
def test_a_bad_frame_is_answered_and_the_connection_stays(world: World, sent: str, code: str) -> None:
    with world.guest().connected() as socket:
        socket.send_text(sent)
        refused = socket.wait_for("error")
        assert refused["code"] == code
        assert refused["detail"]
        assert "requestId" in refused
        assert socket.ask({"action": "ping"})["type"] == "pong"


def test_nobody_else_gets_into_a_room(world: World) -> None:
    with talk(world) as room, world.guest().connected() as stranger:
        for frame in (
            room.text("m1"),
            {"action": "sync", "conversationId": room.room_id, "after": 0},
            {"action": "typing", "conversationId": room.room_id},
            {"action": "openRoom", "conversationId": room.room_id},
            {"action": "markRead", "conversationId": room.room_id, "sequence": 1},
        ):
            assert stranger.ask(frame)["code"] == "not_found"
        assert room.room(room.customer)["lastSequence"] == 3


def test_windows_drive_chat_window_open_and_so_does_the_end_of_a_connection(world: World) -> None:
    with talk(world) as room:

        def is_open() -> bool:
            return bool(room.room(room.customer)["booking"]["chatWindowOpen"])

        here = {"conversationId": room.room_id}
        assert room.at_customer.ask({"action": "openRoom", **here})["type"] == "ack"
        with room.therapist.connected() as second:
            assert second.ask({"action": "openRoom", **here})["type"] == "ack"
            assert is_open()
            room.at_customer.ask({"action": "closeRoom", **here})
            assert is_open()
        wait_until(lambda: not is_open())


def test_a_dead_connection_is_removed_and_only_that_one(world: World) -> None:
    with talk(world) as room:
        connections = world.table("connections")
        (row,) = connections.query(
            KeyConditionExpression="userId = :user", ExpressionAttributeValues={":user": room.therapist.user_id}
        )["Items"]
        connections.put_item(Item={**row, "connectionId": "dead"})
        room.at_customer.ask(room.text("m1"))
        assert room.at_therapist.wait_for("message")["message"]["clientMessageId"] == "m1"

        def left() -> list[object]:
            found = connections.query(
                KeyConditionExpression="userId = :user", ExpressionAttributeValues={":user": room.therapist.user_id}
            )["Items"]
            return [each["connectionId"] for each in found]

        wait_until(lambda: left() == [row["connectionId"]])  # the ack waits for no receiver
        assert room.at_therapist.until_pong() == []


def test_a_socket_near_its_two_hours_is_asked_to_reconnect_once(world: World) -> None:
    customer = world.guest()
    with customer.connected() as socket:
        connections = world.table("connections")
        (row,) = connections.query(
            KeyConditionExpression="userId = :user", ExpressionAttributeValues={":user": customer.user_id}
        )["Items"]
        opened = datetime.now(UTC) - timedelta(hours=1, minutes=56)
        due = opened + timedelta(hours=1, minutes=55)
        connections.put_item(Item={**row, "connectedAt": format_utc(opened), "dueAt": format_utc(due)})
        world.invoke("RetireConnectionsFunction")
        assert socket.wait_for("reconnect") == {"type": "reconnect"}
        world.invoke("RetireConnectionsFunction")
        with pytest.raises(TimeoutError):
            socket.wait_for("reconnect", within=0.5)


def test_a_therapist_rings_again_once_a_step_while_the_offer_stands(world: World) -> None:
    with talk(world) as room:
        first = room.at_therapist.wait_for("notification")
        assert (first["sound"], first["notification"]["kind"]) == (True, "booking_created")
        offered = datetime.now(UTC) - timedelta(minutes=10, seconds=20)
        world.table("bookings").update_item(
            Key={"bookingId": room.booking_id},
            UpdateExpression="SET offeredAt = :offered",
            ExpressionAttributeValues={":offered": format_utc(offered)},
        )
        at_once([lambda: world.invoke("RingAgainFunction")] * 2)
        again = room.at_therapist.wait_for("notification")
        assert (again["sound"], again["notification"]["kind"]) == (True, "booking_waiting")
        world.invoke("RingAgainFunction")
        listed = expect(room.therapist.get("/notifications"), 200)
        assert sorted(each["kind"] for each in listed["items"]) == ["booking_created", "booking_waiting"]
        assert listed["unread"] == 2
        read = expect(room.therapist.post(f"/notifications/{listed['items'][0]['notificationId']}/read"), 200)
        assert (read["notification"]["isRead"], read["unread"]) == (True, 1)

        world.table("bookings").update_item(
            Key={"bookingId": room.booking_id},
            UpdateExpression="SET offeredAt = :offered",
            ExpressionAttributeValues={":offered": format_utc(offered - timedelta(minutes=3))},
        )
        expect(room.therapist.post(f"/bookings/{room.booking_id}/decline"), 200)
        world.invoke("RingAgainFunction")
        assert len(expect(room.therapist.get("/notifications"), 200)["items"]) == 2


def test_a_therapist_whom_a_booking_was_taken_from_hears_and_sees_nothing_more(world: World) -> None:
    with talk(world) as room:
        successor = world.therapist()
        room.at_therapist.ask({"action": "openRoom", "conversationId": room.room_id})
        with successor.connected() as at_successor:
            path = f"/admin/bookings/{room.booking_id}/reassign"
            expect(world.admin().post(path, {"therapistId": successor.user_id}), 200)
            assert at_successor.wait_for("booking")["event"] == "reassigned"
            assert at_successor.wait_for("notification")["sound"] is True
            withdrawn = room.at_therapist.wait_for("notification", sound=False)
            assert withdrawn["notification"]["kind"] == "booking_withdrawn"
            room.at_customer.ask(room.text("m1"))
            # The system's message comes through the stream, the customer's at once: they may overtake each other.
            heard = [at_successor.wait_for("message")["message"] for _ in range(2)]
            told, said = sorted(heard, key=lambda message: int(message["sequence"]))
            assert (told["messageType"], said["clientMessageId"]) == ("status-update", "m1")
        for kind in ("message", "booking"):
            with pytest.raises(TimeoutError):
                room.at_therapist.wait_for(kind, within=0.5, event="reassigned") if kind == "booking" else (
                    room.at_therapist.wait_for(kind, within=0.5)
                )
        assert room.therapist.get(f"/rooms/{room.room_id}").status_code == 404
        assert room.at_therapist.ask(room.text("m2"))["code"] == "not_found"
        assert room.room(successor)["unreadCount"] == 5


def test_a_room_closes_with_its_booking_and_at_its_deadline_before_any_sweep(world: World) -> None:
    with talk(world) as room:
        late = format_utc(datetime.now(UTC) - timedelta(seconds=5))
        world.table("bookings").update_item(
            Key={"bookingId": room.booking_id},
            UpdateExpression="SET responseDeadline = :late",
            ExpressionAttributeValues={":late": late},
        )
        refused = room.customer.post(f"/rooms/{room.room_id}/messages", {"clientMessageId": "m", "message": "late"})
        assert expect(refused, 409)["code"] == "room_closed"
        assert room.at_customer.ask(room.text("m"))["code"] == "room_closed"
        shown = room.room(room.customer)
        assert (shown["status"], shown["expiresAt"]) == ("cancelled", late)
        assert "sendMessage" not in shown["actions"]


def test_numbers_are_linked_for_the_parties_of_a_confirmed_booking_alone(world: World) -> None:
    with talk(world) as room:
        expect(room.therapist.patch("/me", {"whatsApp": "0812 3456 7890"}), 200)
        assert room.room(room.therapist)["whatsAppLink"] is None
        assert room.room(room.customer)["whatsAppLink"] is None
        assert room.room(world.admin())["whatsAppLink"].startswith("https://wa.me/62")
        expect(room.therapist.post(f"/bookings/{room.booking_id}/accept"), 200)
        assert room.room(room.customer)["whatsAppLink"].startswith("https://wa.me/6281234567890?text=Hello%20")
        assert room.room(room.therapist)["whatsAppLink"].startswith("https://wa.me/62")
        assert "6281234567890" not in room.customer.get(f"/therapists/{room.therapist.user_id}").text


def test_a_place_is_a_message_with_a_link_to_a_map(world: World) -> None:
    with talk(world) as room:
        pin = {"latitude": -8.5069, "longitude": 115.2625}
        assert room.at_customer.ask(room.text("p", "here", messageType="location", location=pin))["type"] == "ack"
        heard = room.at_therapist.wait_for("message")["message"]
        assert (heard["messageType"], heard["location"]) == ("location", {"address": None, **pin})
        assert heard["mapLink"] == "https://www.google.com/maps/search/?api=1&query=-8.5069%2C115.2625"
        for wrong in ({"latitude": 91, "longitude": 0}, {"latitude": 1}, {}):
            frame = room.text("w", "here", messageType="location", location=wrong)
            assert room.at_customer.ask(frame)["code"] == "validation_failed"
