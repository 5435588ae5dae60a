"""Every way in which a booking ends, over HTTP: codes by role, messages, events, rooms (contract, section 5)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.local.visits import a_scheduled_visit, a_visit, booked, free_starts, instant, written
from tests.local.world import World
from tools.local.person import Person, expect

BANK: Final = {"bankName": "Bank Nusantara", "accountNumber": "5544332211", "accountHolder": "Ayu Lestari"}


def command(who: Person, booking: dict[str, Any], step: str, body: object = None) -> Any:  # noqa: ANN401 - a response
    return who.post(f"/bookings/{booking['bookingId']}/{step}", body)


def reassigned(admin: Person, booking: dict[str, Any], therapist_id: str) -> Any:  # noqa: ANN401 - a response
    return admin.post(f"/admin/bookings/{booking['bookingId']}/reassign", {"therapistId": therapist_id})


def templates(who: Person, booking: dict[str, Any]) -> list[str]:
    """Return which system messages a room has, in order."""
    items = expect(who.get(f"/rooms/{booking['chatRoomId']}/messages"), 200)["items"]
    return [item["metadata"]["template"] for item in items if item["senderRole"] == "system"]


def code(response: Any) -> str:  # noqa: ANN401 - a response
    return str(response.json()["code"])


def test_an_accepted_booking_has_its_commission_and_accepting_again_answers_the_same(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id, duration=90))

    first = expect(command(therapist, booking, "accept"), 200)
    again = expect(command(therapist, booking, "accept"), 200)

    assert first == again
    assert first["booking"]["status"] == "confirmed"
    assert first["commission"]["commissionAmount"] == 105_000
    assert first["commission"]["paymentStatus"] == "pending"
    assert templates(customer, booking) == ["welcome", "booking_details", "waiting_for_therapist", "confirmed"]
    record = world.table("commission_records").get_item(Key={"bookingId": booking["bookingId"]})["Item"]
    assert record["commissionRate"] == Decimal("0.3")
    assert record["bookingAmount"] == 350_000


def test_the_acceptance_of_a_scheduled_booking_tells_where_to_pay(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    expect(therapist.patch("/me", {"bankDetails": BANK}), 200)
    start = free_starts(customer, therapist.user_id)[0]
    booking = booked(customer, a_scheduled_visit(therapist.user_id, start))

    expect(command(therapist, booking, "accept"), 200)

    message = expect(customer.get(f"/rooms/{booking['chatRoomId']}/messages"), 200)["items"][-1]
    assert message["metadata"]["template"] == "confirmed_with_bank_details"
    assert all(detail in message["message"] for detail in BANK.values())
    assert "Rp 250,000" in message["message"]


def test_the_demo_therapists_have_bank_details_to_tell(world: World) -> None:
    assert expect(world.demo_user("t-citra").get("/me"), 200)["bankDetails"]["accountNumber"].startswith("••••••")


@pytest.mark.parametrize(
    ("step", "allowed"), [("accept", {"therapist"}), ("decline", {"therapist"}), ("complete", {"therapist", "admin"})]
)
def test_roles_that_may_never_do_it_are_forbidden_and_strangers_find_nothing(
    world: World, step: str, allowed: set[str]
) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))

    assert code(command(customer, booking, step)) == "forbidden"
    assert code(command(world.demo_user("t-budi"), booking, step)) == "not_found"
    if "admin" not in allowed:
        assert code(command(world.admin(), booking, step)) == "forbidden"
    assert expect(customer.get(f"/bookings/{booking['bookingId']}"), 200)["version"] == 1


def test_only_admins_reassign(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))

    assert code(reassigned(customer, booking, "t-budi")) == "forbidden"
    assert code(reassigned(therapist, booking, "t-budi")) == "forbidden"
    assert code(reassigned(world.admin(), booking, "t-nobody")) == "not_found"
    assert code(reassigned(world.admin(), {"bookingId": "b-nothing"}, "t-budi")) == "not_found"


def test_steps_that_the_state_forbids_say_so_and_name_the_state(world: World) -> None:
    therapist, customer, admin = world.therapist(), world.guest(), world.admin()
    booking = booked(customer, a_visit(therapist.user_id))

    assert code(command(therapist, booking, "cancel")) == "invalid_transition"
    assert code(command(therapist, booking, "complete")) == "invalid_transition"
    expect(command(therapist, booking, "decline", {"reason": "fully booked"}), 200)
    for who, step, expected in (
        (therapist, "accept", "booking_not_pending"),
        (therapist, "decline", "booking_not_pending"),
        (customer, "cancel", "invalid_transition"),
        (admin, "cancel", "invalid_transition"),
        (admin, "complete", "invalid_transition"),
    ):
        problem = expect(command(who, booking, step), 409)
        assert (problem["code"], problem["bookingStatus"]) == (expected, "declined"), step


def test_declining_tells_the_customer_and_closes_the_room(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))
    with customer.connected() as socket:
        declined = expect(command(therapist, booking, "decline", {"reason": "fully booked"}), 200)["booking"]

        event = socket.wait_for("booking", event="declined")
        assert event["booking"]["status"] == declined["status"] == "declined"
        assert socket.wait_for("notification")["notification"]["kind"] == "booking_declined"
    refused = customer.post(f"/rooms/{booking['chatRoomId']}/messages", {"clientMessageId": "m-1", "message": "Why?"})
    assert code(refused) == "room_closed"
    assert expect(customer.get(f"/rooms/{booking['chatRoomId']}"), 200)["status"] == "cancelled"
    assert templates(customer, booking)[3:] == ["declined"]


@pytest.mark.parametrize("who", ["customer", "therapist", "admin"])
def test_cancelling_a_confirmed_booking_reverses_its_commission_and_frees_the_time(world: World, who: str) -> None:
    therapist, customer = world.therapist(), world.guest()
    people = {"customer": customer, "therapist": therapist, "admin": world.admin()}
    start = free_starts(customer, therapist.user_id)[4]
    booking = booked(customer, a_scheduled_visit(therapist.user_id, start))
    expect(command(therapist, booking, "accept"), 200)
    assert start not in free_starts(customer, therapist.user_id)

    cancelled = expect(command(people[who], booking, "cancel", {"reason": "ill"}), 200)["booking"]

    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "ill")
    record = world.table("commission_records").get_item(Key={"bookingId": booking["bookingId"]})["Item"]
    assert record["paymentStatus"] == "reversed"
    assert start in free_starts(customer, therapist.user_id)
    assert templates(customer, booking)[-1] == "cancelled"


def test_a_completed_visit_frees_the_therapist_and_its_room_stays_open_for_a_day(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))
    expect(command(therapist, booking, "accept"), 200)

    completed = expect(command(therapist, booking, "complete"), 200)["booking"]

    room = world.table("chat_rooms").get_item(Key={"conversationId": booking["chatRoomId"]})["Item"]
    assert room["status"] == "completed"
    assert instant(str(room["expiresAt"])) == instant(completed["completedAt"]) + timedelta(hours=24)
    said = customer.post(f"/rooms/{booking['chatRoomId']}/messages", {"clientMessageId": "m-1", "message": "Thanks!"})
    assert said.status_code == 201
    booked(world.guest(), a_visit(therapist.user_id))
    assert code(command(customer, booking, "cancel")) == "invalid_transition"


def test_a_scheduled_visit_cannot_be_completed_before_its_start(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_scheduled_visit(therapist.user_id, free_starts(customer, therapist.user_id)[0]))
    expect(command(therapist, booking, "accept"), 200)

    for who in (therapist, world.admin()):
        assert code(command(who, booking, "complete")) == "invalid_transition"


def overdue(world: World, booking: dict[str, Any]) -> None:
    """Let a booking's deadline have been a second ago."""
    world.table("bookings").update_item(
        Key={"bookingId": booking["bookingId"]},
        UpdateExpression="SET responseDeadline = :past",
        ExpressionAttributeValues={":past": written(datetime.now(UTC) - timedelta(seconds=1))},
    )


def test_past_its_deadline_a_booking_is_expired_for_everybody_before_any_sweep(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))
    overdue(world, booking)

    problem = expect(command(therapist, booking, "accept"), 409)

    assert (problem["code"], problem["bookingStatus"]) == ("deadline_passed", "expired")
    assert code(command(therapist, booking, "decline")) == "deadline_passed"
    assert code(command(customer, booking, "cancel")) == "invalid_transition"
    for who in (customer, therapist, world.admin()):
        assert expect(who.get(f"/bookings/{booking['bookingId']}"), 200)["status"] == "expired"
    ids = [item["bookingId"] for item in expect(customer.get("/bookings", status="expired"), 200)["items"]]
    assert ids == [booking["bookingId"]]
    assert expect(customer.get("/bookings", status="pending"), 200)["items"] == []


def test_the_sweep_writes_the_expiry_frees_the_hold_and_tells_both_sides(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    booking = booked(customer, a_visit(therapist.user_id))
    overdue(world, booking)
    with customer.connected() as customers, therapist.connected() as therapists:
        world.invoke("ExpireBookingsFunction")

        assert customers.wait_for("booking", event="expired")["booking"]["status"] == "expired"
        assert therapists.wait_for("booking", event="expired")["booking"]["customerWhatsApp"] is None
    stored = world.table("bookings").get_item(Key={"bookingId": booking["bookingId"]})["Item"]
    assert stored["status"] == "expired"
    assert "pendingShard" not in stored
    sheets = world.table("calendar").scan()["Items"]
    assert all(booking["bookingId"] not in str(sheet) for sheet in sheets)
    assert templates(customer, booking)[-1] == "expired"
    version = expect(customer.get(f"/bookings/{booking['bookingId']}"), 200)["version"]
    world.invoke("ExpireBookingsFunction")
    assert expect(customer.get(f"/bookings/{booking['bookingId']}"), 200)["version"] == version


def test_a_reassigned_booking_changes_hands_at_once(world: World) -> None:
    former, latter, customer, admin = world.therapist(), world.therapist(), world.guest(), world.admin()
    booking = booked(customer, a_visit(former.user_id, discountCode="HEMAT10"))
    room = f"/rooms/{booking['chatRoomId']}"
    expect(command(former, booking, "decline"), 200)

    moved = expect(reassigned(admin, booking, latter.user_id), 200)["booking"]

    assert (moved["status"], moved["therapistId"]) == ("pending", latter.user_id)
    assert (moved["price"], moved["discount"]) == (booking["price"], booking["discount"])
    assert instant(moved["responseDeadline"]) > instant(booking["responseDeadline"])
    assert code(former.get(f"/bookings/{booking['bookingId']}")) == "not_found"
    assert code(former.get(f"{room}/messages")) == "not_found"
    assert expect(customer.get(room), 200)["status"] == "active"
    assert latter.post(f"{room}/messages", {"clientMessageId": "m-1", "message": "Halo"}).status_code == 201
    assert expect(latter.get("/bookings"), 200)["items"][0]["bookingId"] == booking["bookingId"]
    accepted = expect(command(latter, booking, "accept"), 200)
    assert accepted["commission"]["therapistId"] == latter.user_id
    assert code(reassigned(admin, booking, former.user_id)) == "invalid_transition"


def test_the_new_therapist_is_checked_as_at_creation(world: World) -> None:
    first, customer, admin = world.therapist(), world.guest(), world.admin()
    busy, taken = world.unattended_therapist(status="busy"), world.unattended_therapist()
    booking = booked(customer, a_visit(first.user_id))
    booked(world.guest(), a_visit(taken.therapist_id))

    assert code(reassigned(admin, booking, busy.therapist_id)) == "therapist_unavailable"
    assert code(reassigned(admin, booking, taken.therapist_id)) == "slot_taken"
    assert code(reassigned(admin, booking, first.user_id)) == "invalid_transition"
