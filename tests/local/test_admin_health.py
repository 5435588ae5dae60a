"""Health over real HTTP: green while nothing is broken, and each check red for a break of its own kind, named."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, Key

from tests.local.orders import booked
from tests.local.visits import free_starts, written
from tests.local.world import World
from tools.local.person import Person, expect

CHECKS = [
    "customer_therapist_connection",
    "chat_window_booking",
    "scheduled_booking",
    "book_now",
    "admin_data_flow",
    "notification_delivery",
    "payment_tracking",
]


def health(admin: Person) -> dict[str, dict[str, Any]]:
    answer = expect(admin.get("/admin/health"), 200)
    assert [check["id"] for check in answer["checks"]] == CHECKS
    assert answer["status"] == ("red" if any(check["status"] == "red" for check in answer["checks"]) else "green")
    return {check["id"]: check for check in answer["checks"]}


def named_red(admin: Person, booking_id: str) -> dict[str, dict[str, Any]]:
    """Return the checks that name the booking, with their errors."""
    return {
        check_id: check["error"]
        for check_id, check in health(admin).items()
        if check["error"] is not None and booking_id in check["error"]["message"]
    }


def age(world: World, booking_id: str) -> None:
    """Let a booking have been made two minutes ago, without touching anything else of it."""
    two_minutes_ago = written(datetime.now(UTC) - timedelta(minutes=2))
    world.table("bookings").update_item(
        Key={"bookingId": booking_id},
        UpdateExpression="SET createdAt = :then, updatedAt = :then",
        ExpressionAttributeValues={":then": two_minutes_ago},
    )


@contextmanager
def changed(world: World, table: str, key: dict[str, Any], **attributes: Any) -> Iterator[None]:  # noqa: ANN401 - any stored value
    """Break a row, and repair it after the block; ``None`` takes an attribute away."""
    stored = world.table(table)
    before = stored.get_item(Key=key, ConsistentRead=True)["Item"]
    broken = {name: value for name, value in {**before, **attributes}.items() if attributes.get(name, "") is not None}
    stored.put_item(Item=broken)
    yield
    stored.put_item(Item=before)


@contextmanager
def deleted(world: World, table: str, rows: list[dict[str, Any]], names: tuple[str, ...]) -> Iterator[None]:
    """Take rows away, and bring them back after the block."""
    assert rows
    stored = world.table(table)
    for row in rows:
        stored.delete_item(Key={name: row[name] for name in names})
    yield
    for row in rows:
        stored.put_item(Item=row)


@pytest.fixture
def pending(world: World) -> dict[str, Any]:
    """An immediate booking from the chat window that awaits its answer, two minutes old."""
    answer = booked(world.guest(), world.unattended_therapist().therapist_id, source="chatWindow")
    booking: dict[str, Any] = answer["booking"]
    age(world, booking["bookingId"])
    return booking


@pytest.fixture
def scheduled(world: World) -> dict[str, Any]:
    """A scheduled booking that awaits its answer, two minutes old."""
    customer, therapist = world.guest(), world.unattended_therapist()
    start = free_starts(customer, therapist.therapist_id)[0]
    answer = booked(customer, therapist.therapist_id, bookingType="scheduled", scheduledTime=start)
    booking: dict[str, Any] = answer["booking"]
    age(world, booking["bookingId"])
    return booking


@pytest.fixture
def confirmed(world: World) -> dict[str, Any]:
    """An accepted immediate booking, two minutes old."""
    therapist = world.therapist()
    booking = booked(world.guest(), therapist.user_id)["booking"]
    accepted: dict[str, Any] = expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)["booking"]
    age(world, booking["bookingId"])
    return accepted


def test_healthy_bookings_of_every_kind_are_named_by_no_check(
    world: World, pending: dict[str, Any], scheduled: dict[str, Any], confirmed: dict[str, Any]
) -> None:
    admin = world.admin()

    for booking in (pending, scheduled, confirmed):
        assert named_red(admin, booking["bookingId"]) == {}
    checked = {check_id: check["checked"] for check_id, check in health(admin).items()}
    assert all(checked.values())


def test_only_admins_see_the_health(world: World) -> None:
    assert world.guest().get("/admin/health").status_code == 403
    assert world.stranger().get("/admin/health").status_code == 401


def test_a_missing_room_turns_the_connection_red_and_is_green_again_once_it_is_back(
    world: World, pending: dict[str, Any]
) -> None:
    admin, room_id = world.admin(), pending["chatRoomId"]
    room = world.table("chat_rooms").get_item(Key={"conversationId": room_id})["Item"]

    with deleted(world, "chat_rooms", [room], ("conversationId",)):
        red = named_red(admin, pending["bookingId"])

    assert red.keys() == {"customer_therapist_connection"}
    error = red["customer_therapist_connection"]
    assert error["table"] == "chat_rooms"
    assert json.loads(error["key"]) == {"conversationId": room_id}
    assert room_id in error["query"]
    assert named_red(admin, pending["bookingId"]) == {}


@pytest.mark.parametrize("party", ["customerId", "therapistId"])
def test_a_room_with_somebody_else_in_it_turns_the_connection_red(
    world: World, pending: dict[str, Any], party: str
) -> None:
    admin = world.admin()

    with changed(world, "chat_rooms", {"conversationId": pending["chatRoomId"]}, **{party: "somebody-else"}):
        red = named_red(admin, pending["bookingId"])

    assert red.keys() == {"customer_therapist_connection"}
    assert party in red["customer_therapist_connection"]["message"]
    assert named_red(admin, pending["bookingId"]) == {}


@pytest.mark.parametrize("source", [None, "billboard", "direct", 7])
def test_a_chat_window_booking_without_its_source_turns_its_check_red(
    world: World, pending: dict[str, Any], source: object
) -> None:
    admin, booking_id = world.admin(), pending["bookingId"]

    with changed(world, "bookings", {"bookingId": booking_id}, source=source):
        red = named_red(admin, booking_id)

    assert red.keys() == {"chat_window_booking"}
    assert red["chat_window_booking"]["table"] == "bookings"
    assert json.loads(red["chat_window_booking"]["key"]) == {"bookingId": booking_id}
    assert named_red(admin, booking_id) == {}


BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("mode", {"mode": "immediate"}),
    ("mode", {"mode": None}),
    ("bookingType", {"bookingType": "immediate"}),
    ("scheduledTime", {"scheduledTime": None}),
    ("scheduledTime", {"scheduledTime": "tomorrow"}),
]


@pytest.mark.parametrize(("attribute", "wrong"), BREAKS)
def test_a_scheduled_booking_that_does_not_know_its_time_turns_its_check_red(
    world: World, scheduled: dict[str, Any], attribute: str, wrong: dict[str, Any]
) -> None:
    admin, booking_id = world.admin(), scheduled["bookingId"]

    with changed(world, "bookings", {"bookingId": booking_id}, **wrong):
        red = named_red(admin, booking_id)

    assert red.keys() == {"scheduled_booking"}
    assert attribute in red["scheduled_booking"]["message"]
    assert named_red(admin, booking_id) == {}


@pytest.mark.parametrize(
    "wrong",
    [{"mode": "scheduled"}, {"mode": "later"}, {"bookingType": "scheduled"}, {"scheduledTime": "2027-01-01T00:00:00Z"}],
)
def test_an_immediate_booking_that_says_otherwise_turns_book_now_red(
    world: World, pending: dict[str, Any], wrong: dict[str, Any]
) -> None:
    admin, booking_id = world.admin(), pending["bookingId"]

    with changed(world, "bookings", {"bookingId": booking_id}, **wrong):
        red = named_red(admin, booking_id)

    assert red.keys() == {"book_now"}
    assert named_red(admin, booking_id) == {}


def test_a_booking_that_never_reached_the_admins_turns_the_data_flow_red(world: World, pending: dict[str, Any]) -> None:
    admin, booking_id = world.admin(), pending["bookingId"]
    entries = world.table("history").query(KeyConditionExpression=Key("entityId").eq(booking_id))["Items"]

    with deleted(world, "history", entries, ("entityId", "entryId")):
        red = named_red(admin, booking_id)

    assert red.keys() == {"admin_data_flow"}
    assert red["admin_data_flow"]["table"] == "history"
    assert named_red(admin, booking_id) == {}


def test_an_offer_that_nobody_was_told_of_turns_the_notifications_red(world: World, pending: dict[str, Any]) -> None:
    admin, booking_id = world.admin(), pending["bookingId"]
    notices = world.table("notifications").scan(FilterExpression=Attr("bookingId").eq(booking_id))["Items"]

    with deleted(world, "notifications", notices, ("userId", "notificationId")):
        red = named_red(admin, booking_id)

    assert red.keys() == {"notification_delivery"}
    assert red["notification_delivery"]["table"] == "notifications"
    assert pending["therapistId"] in red["notification_delivery"]["key"]
    assert named_red(admin, booking_id) == {}


def without_commission(world: World, booking_id: str) -> Any:  # noqa: ANN401 - a context manager
    row = world.table("commission_records").get_item(Key={"bookingId": booking_id})["Item"]
    return deleted(world, "commission_records", [row], ("bookingId",))


def with_another_amount(world: World, booking_id: str) -> Any:  # noqa: ANN401 - a context manager
    return changed(world, "commission_records", {"bookingId": booking_id}, commissionAmount=1)


def with_an_unknown_status(world: World, booking_id: str) -> Any:  # noqa: ANN401 - a context manager
    return changed(world, "commission_records", {"bookingId": booking_id}, paymentStatus="forgotten")


@pytest.mark.parametrize("broken", [without_commission, with_another_amount, with_an_unknown_status])
def test_a_confirmed_booking_without_its_right_commission_turns_the_payments_red(
    world: World, confirmed: dict[str, Any], broken: Callable[[World, str], Any]
) -> None:
    admin, booking_id = world.admin(), confirmed["bookingId"]

    with broken(world, booking_id):
        red = named_red(admin, booking_id)

    assert red.keys() == {"payment_tracking"}
    assert red["payment_tracking"]["table"] == "commission_records"
    assert named_red(admin, booking_id) == {}


def test_a_booking_younger_than_a_minute_is_not_judged(world: World) -> None:
    admin = world.admin()
    answer = booked(world.guest(), world.unattended_therapist().therapist_id)

    with changed(world, "bookings", {"bookingId": answer["booking"]["bookingId"]}, source=None):
        assert named_red(admin, answer["booking"]["bookingId"]) == {}


def test_the_scheduled_check_counts_broken_links_in_all_and_for_each_red_check(
    world: World, confirmed: dict[str, Any]
) -> None:
    with without_commission(world, confirmed["bookingId"]):
        world.invoke("CheckHealthFunction", {"time": "1999-01-01T00:00:00Z"})

    metrics = world.client("cloudwatch").list_metrics(Namespace="marketplace")["Metrics"]
    assert {"BrokenLinks", "BrokenPaymentTracking"} <= {metric["MetricName"] for metric in metrics}
