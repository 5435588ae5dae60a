"""Errors over the running system: what functions log is recorded by itself, counted, shown, and rings the alarm."""

import base64
import csv
import gzip
import io
import json
import secrets
import time
from typing import Any

from tests.local.orders import booked
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.person import Person, expect


def deliver(world: World, *messages: str) -> None:
    """Deliver log lines as a subscription does."""
    batch = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/marketplace-create-booking",
        "logStream": "stream",
        "logEvents": [
            {"id": secrets.token_hex(20), "timestamp": int(time.time() * 1000), "message": message}
            for message in messages
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()
    world.invoke("RecordErrorsFunction", {"awslogs": {"data": data}})


def errors(admin: Person, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = expect(admin.get("/admin/errors", **query), 200)["items"]
    return items


def counted(admin: Person, category: str, severity: str) -> int:
    items = expect(admin.get("/admin/errors/rate"), 200)["items"]
    return sum(item["count"] for item in items if (item["category"], item["severity"]) == (category, severity))


def test_an_error_in_a_function_is_recorded_by_itself(world: World) -> None:
    """A room that has lost its form cannot be shown: the request fails, and the log tells."""
    admin, customer = world.admin(), world.guest()
    booking = booked(customer, world.unattended_therapist().therapist_id)["booking"]
    world.table("chat_rooms").update_item(
        Key={"conversationId": booking["chatRoomId"]},
        UpdateExpression="SET lastSequence = :odd",
        ExpressionAttributeValues={":odd": "many"},
    )
    answer = customer.get(f"/rooms/{booking['chatRoomId']}")
    assert answer.status_code == 500
    request_id = answer.json()["requestId"]

    wait_until(lambda: any(error["requestId"] == request_id for error in errors(admin)))

    (error,) = [error for error in errors(admin) if error["requestId"] == request_id]
    assert (error["category"], error["severity"]) == ("chat", "error")
    assert error["functionName"].endswith("read-chat")
    assert error["code"] == "internal_error"
    assert "Wayan" not in json.dumps(error)


def test_time_outs_and_crashes_are_recorded(world: World) -> None:
    admin = world.admin()
    request_id = "7d1f8a54-0d54-4c3f-9a5e-" + secrets.token_hex(6)

    deliver(world, f"2026-11-22T08:00:00.000Z {request_id} Task timed out after 15.00 seconds")

    (error,) = [error for error in errors(admin, severity="critical") if error["requestId"] == request_id]
    assert error["code"] == "timed_out"


def test_a_storm_is_counted_and_not_kept(world: World) -> None:
    admin, code = world.admin(), f"storm_{secrets.token_hex(4)}"
    before = counted(admin, "auth", "error")
    line = json.dumps({"level": "ERROR", "message": "request failed", "category": "auth", "code": code})

    started = time.monotonic()
    for _ in range(10):
        deliver(world, *[line] * 1000)
    assert time.monotonic() - started < 60

    assert counted(admin, "auth", "error") - before == 10_000
    kept = [error for error in errors(admin, category="auth") if error["code"] == code]
    assert 0 < len(kept) <= 30


def test_ten_errors_in_a_minute_ring_the_alarm(world: World) -> None:
    line = json.dumps({"level": "ERROR", "message": "request failed", "category": "payment", "code": "many"})
    deliver(world, *[line] * 10)

    def is_ringing() -> bool:
        (alarm,) = [
            alarm
            for alarm in world.client("cloudwatch").describe_alarms()["MetricAlarms"]
            if "ErrorRateAlarm" in alarm["AlarmName"] and alarm["MetricName"] == "RecordedErrors"
        ]
        return bool(alarm["StateValue"] == "ALARM")

    wait_until(is_ringing, within=60)


def test_an_export_has_every_error_and_no_formula(world: World) -> None:
    admin, code = world.admin(), f"formula_{secrets.token_hex(4)}"
    deliver(world, json.dumps({"level": "CRITICAL", "message": '=HYPERLINK("x")', "category": "chat", "code": code}))

    exported = admin.get("/admin/errors", format="csv", category="chat")

    assert exported.status_code == 200
    assert exported.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(exported.text)))
    (row,) = [row for row in rows if row["code"] == code]
    assert row["message"] == '\'=HYPERLINK("x")'
    assert (row["category"], row["severity"]) == ("chat", "critical")
