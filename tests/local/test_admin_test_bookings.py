"""Test bookings over real HTTP: played to the end, seen in the list, in no revenue, gone to the last row."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local.visits import written
from tests.local.world import World, at_once
from tools.local.person import Person, expect

KINDS = ["immediate", "scheduled", "chat"]
DATA = [
    *("bookings", "calendar", "claims", "chat_rooms", "chat_messages", "commission_records"),
    *("notifications", "therapists", "connections"),
]


def play(admin: Person, kind: str, key: str | None = None) -> dict[str, Any]:
    headers = {} if key is None else {"Idempotency-Key": key}
    return expect(admin.post("/admin/test-bookings", {"kind": kind}, headers=headers), 201)


def let_time_pass(world: World, booking_id: str) -> None:
    """Let a booking have been made eight minutes ago."""
    then = written(datetime.now(UTC) - timedelta(minutes=8))
    world.table("bookings").update_item(
        Key={"bookingId": booking_id},
        UpdateExpression="SET createdAt = :then",
        ExpressionAttributeValues={":then": then},
    )


def rows_about(world: World, booking_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table that has anything to do with a booking; the audit log aside."""
    suffix = booking_id.removeprefix("b-")
    found: dict[str, list[dict[str, Any]]] = {}
    for table in DATA:
        start: dict[str, Any] = {}
        while True:
            page = world.table(table).scan(ConsistentRead=True, **start)
            about = [row for row in page["Items"] if suffix in json.dumps(row, default=str)]
            found.setdefault(table, []).extend(about)
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    return {table: rows for table, rows in found.items() if rows}


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_booking_is_played_seen_and_cleared_up(world: World, kind: str) -> None:
    admin = world.admin()

    played = play(admin, kind)

    assert [step["status"] for step in played["steps"]] == ["green"] * len(played["steps"])
    booking = played["booking"]
    assert booking["isTest"] is True
    assert booking["status"] == ("confirmed" if kind == "scheduled" else "completed")
    assert booking["bookingType"] == booking["mode"] == ("scheduled" if kind == "scheduled" else "immediate")
    assert (booking["source"] == "chatWindow") == (kind == "chat")
    assert played["room"]["conversationId"] == booking["chatRoomId"]
    listed = expect(admin.get("/admin/bookings", therapistId=booking["therapistId"]), 200)["items"]
    assert [item["bookingId"] for item in listed] == [booking["bookingId"]]

    let_time_pass(world, booking["bookingId"])
    assert world.invoke("RunTestBookingFunction", {"time": "1999-01-01T00:00:00Z"})["removed"] >= 1

    left = rows_about(world, booking["bookingId"])
    assert left.keys() <= {"claims"}
    assert all("expiresAtEpoch" in row for row in left.get("claims", []))
    assert admin.get(f"/admin/bookings/{booking['bookingId']}").status_code == 404
    assert expect(admin.get(f"/admin/history/{booking['bookingId']}"), 200)["items"]


def test_one_that_is_young_stays(world: World) -> None:
    booking_id = play(world.admin(), "immediate")["booking"]["bookingId"]

    world.invoke("RunTestBookingFunction")

    assert "bookings" in rows_about(world, booking_id)


def test_one_that_was_cut_off_half_way_is_cleared_up_too(world: World) -> None:
    admin = world.admin()
    booking_id = play(admin, "scheduled")["booking"]["bookingId"]
    suffix = booking_id.removeprefix("b-")
    world.table("bookings").delete_item(Key={"bookingId": booking_id})
    world.table("chat_rooms").delete_item(Key={"conversationId": f"r-{suffix}"})
    world.table("claims").update_item(
        Key={"claimKey": "test-bookings", "claimId": booking_id},
        UpdateExpression="SET startedAt = :then",
        ExpressionAttributeValues={":then": written(datetime.now(UTC) - timedelta(minutes=8))},
    )

    world.invoke("RunTestBookingFunction")

    assert rows_about(world, booking_id).keys() <= {"claims"}


def test_several_at_once_do_not_get_in_each_others_way(world: World) -> None:
    admin = world.admin()

    played = at_once([lambda kind=kind: play(admin, kind) for kind in KINDS])  # type: ignore[misc]  # each its own kind

    assert len({answer["booking"]["bookingId"] for answer in played}) == len(KINDS)
    for answer in played:
        assert {step["status"] for step in answer["steps"]} == {"green"}


def test_a_test_booking_counts_in_no_revenue_and_no_audit(world: World) -> None:
    admin = world.admin()
    before = expect(admin.get("/admin/revenue"), 200)

    booking_id = play(admin, "immediate")["booking"]["bookingId"]

    after = expect(admin.get("/admin/revenue"), 200)
    assert (after["bookings"], after["amount"], after["commission"]) == (
        before["bookings"],
        before["amount"],
        before["commission"],
    )
    records = world.table("commission_records")
    record = records.delete_item(Key={"bookingId": booking_id}, ReturnValues="ALL_OLD")["Attributes"]
    audit = expect(admin.post("/admin/audits", {"full": True}), 201)
    records.put_item(Item=record)
    assert booking_id not in audit["missing"]
    assert booking_id not in audit["orphaned"]


def test_its_therapist_is_in_no_catalogue(world: World) -> None:
    therapist_id = play(world.admin(), "immediate")["booking"]["therapistId"]

    listed = expect(world.stranger().get("/therapists"), 200)["items"]
    assert therapist_id not in {therapist["therapistId"] for therapist in listed}


def test_the_same_key_is_one_test_booking(world: World) -> None:
    admin = world.admin()
    first, again = play(admin, "chat", "once"), play(admin, "chat", "once")

    assert first["booking"]["bookingId"] == again["booking"]["bookingId"]
    assert again["booking"]["version"] == first["booking"]["version"]
    assert again["room"]["lastSequence"] == first["room"]["lastSequence"]
    reused = admin.post("/admin/test-bookings", {"kind": "immediate"}, headers={"Idempotency-Key": "once"})
    assert reused.status_code == 422
    assert reused.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("body", [{}, {"kind": "later"}, {"kind": "chat", "more": 1}, {"kind": None}])
def test_another_kind_is_refused(world: World, body: dict[str, Any]) -> None:
    assert world.admin().post("/admin/test-bookings", body).status_code == 422


def test_only_admins_play(world: World) -> None:
    assert world.guest().post("/admin/test-bookings", {"kind": "chat"}).status_code == 403
