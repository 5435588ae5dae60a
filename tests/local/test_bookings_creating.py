"""POST /bookings over HTTP: what comes into being, and what stands against it (contract, section 4)."""

from datetime import timedelta
from typing import Any, Final

import pytest
from boto3.dynamodb.conditions import Key

from tests.local.visits import (
    a_scheduled_visit,
    a_visit,
    booked,
    free_starts,
    fresh_number,
    instant,
)
from tests.local.world import World
from tools.local.person import expect

ATTRIBUTES: Final = {
    "bookingId",
    "therapistId",
    "therapistName",
    "therapistType",
    "providerId",
    "providerType",
    "customerId",
    "customerName",
    "customerWhatsApp",
    "duration",
    "price",
    "currency",
    "status",
    "createdAt",
    "updatedAt",
    "responseDeadline",
    "scheduledTime",
    "bookingType",
    "mode",
    "source",
    "chatWindowOpen",
    "location",
    "hotelVillaId",
    "roomNumber",
    "serviceId",
    "discountCode",
    "discount",
    "chatRoomId",
    "version",
    "isTest",
}


def test_a_booking_comes_with_its_room_three_messages_and_a_ticket(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()

    made = expect(customer.post("/bookings", a_visit(therapist.therapist_id, duration=90)), 201)

    booking = made["booking"]
    assert booking.keys() >= ATTRIBUTES
    assert booking["status"] == "pending"
    assert booking["price"] == 350_000
    assert booking["currency"] == "IDR"
    assert booking["customerId"] == customer.user_id
    assert booking["mode"] == booking["bookingType"] == "immediate"
    assert booking["providerId"] == booking["therapistId"] == therapist.therapist_id
    assert booking["scheduledTime"] is None
    assert booking["hotelVillaId"] is None
    assert instant(booking["responseDeadline"]) - instant(booking["createdAt"]) == timedelta(seconds=900)
    assert made["room"]["conversationId"] == booking["chatRoomId"]
    assert [message["sequence"] for message in made["messages"]] == [1, 2, 3]
    assert {message["senderRole"] for message in made["messages"]} == {"system"}
    assert made["warnings"] == []
    with customer.connected(made["chatTicket"]) as socket:
        assert socket.ask({"action": "ping"})["type"] == "pong"


def test_the_tables_hold_what_was_answered(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()

    booking = booked(customer, a_visit(therapist.therapist_id))

    stored = world.table("bookings").get_item(Key={"bookingId": booking["bookingId"]})["Item"]
    for name in ATTRIBUTES - {"location"}:
        assert stored.get(name) == booking[name], name
    assert stored["location"] == {"address": "Jalan Monkey Forest 5, Ubud", "latitude": None, "longitude": None}
    room = world.table("chat_rooms").get_item(Key={"conversationId": booking["chatRoomId"]})["Item"]
    assert room["bookingId"] == booking["bookingId"]
    assert room["status"] == "active"
    assert room["lastSequence"] == 3
    notices = world.table("notifications").query(KeyConditionExpression=Key("userId").eq(therapist.therapist_id))
    assert [notice["bookingId"] for notice in notices["Items"]] == [booking["bookingId"]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "direct"),
        ({"chatWindowOpen": True}, "chatWindow"),
        ({"serviceId": "balinese", "chatWindowOpen": True}, "menuSlider"),
        ({"source": "priceSlider", "serviceId": "balinese"}, "priceSlider"),
        ({"source": "bookingButton"}, "bookingButton"),
    ],
)
def test_the_source_is_kept_or_derived(world: World, given: dict[str, Any], expected: str) -> None:
    therapist = world.unattended_therapist()

    assert booked(world.guest(), a_visit(therapist.therapist_id, **given))["source"] == expected


def test_a_scheduled_booking_without_a_source_is_scheduled_and_from_the_menu_if_it_says_so(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()
    first, *_, last = free_starts(customer, therapist.therapist_id)

    plain = booked(customer, a_scheduled_visit(therapist.therapist_id, first, serviceId="balinese"))
    menu = booked(world.guest(), a_scheduled_visit(therapist.therapist_id, last, source="menuSlider"))

    assert (plain["source"], menu["source"]) == ("scheduled", "menuSlider")


def test_a_visit_can_go_to_a_hotel_room_or_to_coordinates(world: World) -> None:
    place = world.demo_user("p-ubud-spa")
    therapist = world.unattended_therapist()

    hotel = booked(
        world.guest(),
        a_visit(therapist.therapist_id, location=..., hotelVillaId="h-tepi-sawah", roomNumber="12 B"),
    )
    pin = booked(
        world.guest(),
        a_visit(world.unattended_therapist().therapist_id, location={"latitude": -8.5, "longitude": 115.25}),
    )

    assert place.user_id == "p-ubud-spa"
    assert (hotel["hotelVillaId"], hotel["roomNumber"], hotel["location"]) == ("h-tepi-sawah", "12 B", None)
    assert pin["location"] == {"address": None, "latitude": -8.5, "longitude": 115.25}


def test_a_place_is_booked_like_a_therapist(world: World) -> None:
    customer = world.guest()
    start = free_starts(customer, "p-ubud-spa", days_ahead=20)[-1]

    booking = booked(customer, a_scheduled_visit("p-ubud-spa", start))

    assert booking["therapistType"] == booking["providerType"] == "place"
    expect(customer.post(f"/bookings/{booking['bookingId']}/cancel"), 200)


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"therapistId": "t-nobody"}, 404, "not_found"),
        ({"serviceId": "nothing"}, 422, "validation_failed"),
        ({"location": ..., "hotelVillaId": "h-nowhere", "roomNumber": "1"}, 422, "validation_failed"),
        ({"duration": 75}, 422, "validation_failed"),
        ({"price": 1}, 422, "validation_failed"),
        ({"discountCode": "NICHTS"}, 409, "discount_unavailable"),
        ({"quoteToken": "altered"}, 409, "quote_stale"),
        ({"customerWhatsApp": "0"}, 422, "validation_failed"),
        ({"bookingType": "scheduled"}, 422, "validation_failed"),
        ({"bookingType": "scheduled", "scheduledTime": "9999-12-31T23:45:00Z"}, 422, "validation_failed"),
        ({"bookingType": "scheduled", "scheduledTime": "0001-01-01T00:00:00Z"}, 422, "validation_failed"),
        ({"scheduledTime": "2026-12-01T02:00:00Z"}, 422, "validation_failed"),
    ],
)
def test_what_cannot_be_booked_says_why_and_leaves_nothing(
    world: World, given: dict[str, Any], status: int, code: str
) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()

    refused = customer.post("/bookings", a_visit(therapist.therapist_id, **given))

    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert expect(customer.get("/bookings"), 200)["items"] == []
    assert (
        world.table("calendar").query(KeyConditionExpression=Key("therapistId").eq(therapist.therapist_id))["Items"]
        == []
    )


@pytest.mark.parametrize("presence", ["busy", "offline"])
def test_an_immediate_booking_needs_a_therapist_who_is_online(world: World, presence: str) -> None:
    therapist = world.unattended_therapist(status=presence)

    refused = world.guest().post("/bookings", a_visit(therapist.therapist_id))

    assert expect(refused, 409)["code"] == "therapist_unavailable"


def test_only_customers_book(world: World) -> None:
    body = a_visit(world.unattended_therapist().therapist_id)

    assert expect(world.demo_user("t-budi").post("/bookings", body), 403)["code"] == "forbidden"
    assert expect(world.admin().post("/bookings", body), 403)["code"] == "forbidden"
    assert expect(world.stranger().post("/bookings", body), 401)["code"] == "unauthenticated"


# The same number -------------------------------------------------------------------------------------


def test_a_second_request_of_a_number_to_the_same_therapist_is_a_duplicate_however_it_is_written(world: World) -> None:
    therapist, customer, number = world.unattended_therapist(), world.guest(), fresh_number()
    first = booked(customer, a_visit(therapist.therapist_id, customerWhatsApp=number))
    local = "0" + number.removeprefix("+62")
    start = free_starts(customer, therapist.therapist_id)[-1]

    for written in (
        local,
        f"{local[:4]}-{local[4:8]}-{local[8:]}",
        f"62 {local[1:]}",
        f"(+62) {local[1:4]}.{local[4:]}",
    ):
        body = a_scheduled_visit(therapist.therapist_id, start, customerWhatsApp=written, confirmOtherPending=True)
        problem = expect(customer.post("/bookings", body), 409)
        assert problem["code"] == "duplicate_booking"
        assert problem["bookingId"] == first["bookingId"]


def test_of_somebody_elses_request_under_a_number_nothing_is_told_but_that_it_is_there(world: World) -> None:
    therapist, number = world.unattended_therapist(), fresh_number()
    booked(world.guest(), a_visit(therapist.therapist_id, customerWhatsApp=number))
    other, start = world.guest(), free_starts(world.stranger(), therapist.therapist_id)[-1]

    for body in (
        a_visit(therapist.therapist_id, customerWhatsApp=number),
        a_scheduled_visit(therapist.therapist_id, start, customerWhatsApp=number),
    ):
        problem = expect(other.post("/bookings", body), 409)
        assert problem["code"] == "duplicate_booking"
        assert problem["bookingId"] is None


def test_a_request_to_another_therapist_needs_the_customers_word(world: World) -> None:
    customer, number = world.guest(), fresh_number()
    first = booked(customer, a_visit(world.unattended_therapist().therapist_id, customerWhatsApp=number))
    body = a_visit(world.unattended_therapist().therapist_id, customerWhatsApp=number)

    asked = expect(customer.post("/bookings", body), 409)
    made = expect(customer.post("/bookings", {**body, "confirmOtherPending": True}), 201)

    assert asked["code"] == "confirmation_required"
    assert asked["pendingBookings"] == [first["bookingId"]]
    assert [warning["bookingIds"] for warning in made["warnings"]] == [[first["bookingId"]]]


def test_the_number_is_free_again_once_its_request_is_over(world: World) -> None:
    therapist, customer, number = world.unattended_therapist(), world.guest(), fresh_number()
    first = booked(customer, a_visit(therapist.therapist_id, customerWhatsApp=number))
    expect(customer.post(f"/bookings/{first['bookingId']}/cancel"), 200)

    booked(customer, a_visit(therapist.therapist_id, customerWhatsApp=number))


# Again with the same key -----------------------------------------------------------------------------


def test_another_body_under_the_same_key_is_refused(world: World) -> None:
    therapist, customer, key = world.unattended_therapist(), world.guest(), {"Idempotency-Key": "once"}
    body = a_visit(therapist.therapist_id)
    expect(customer.post("/bookings", body, headers=key), 201)

    refused = expect(customer.post("/bookings", {**body, "duration": 90}, headers=key), 422)

    assert refused["code"] == "idempotency_key_reused"


def test_a_key_belongs_to_its_caller(world: World) -> None:
    key = {"Idempotency-Key": "shared"}
    first = world.guest().post("/bookings", a_visit(world.unattended_therapist().therapist_id), headers=key)
    second = world.guest().post("/bookings", a_visit(world.unattended_therapist().therapist_id), headers=key)

    assert expect(first, 201)["booking"]["bookingId"] != expect(second, 201)["booking"]["bookingId"]


def test_a_repeat_answers_with_the_booking_as_it_is_now(world: World) -> None:
    therapist, customer, key = world.therapist(), world.guest(), {"Idempotency-Key": "later"}
    body = a_visit(therapist.user_id)
    first = expect(customer.post("/bookings", body, headers=key), 201)["booking"]
    expect(therapist.post(f"/bookings/{first['bookingId']}/accept"), 200)
    expect(therapist.patch("/me", {"status": "offline"}), 200)

    again = expect(customer.post("/bookings", body, headers=key), 201)

    assert again["booking"]["bookingId"] == first["bookingId"]
    assert again["booking"]["status"] == "confirmed"
    assert [message["sequence"] for message in again["messages"]] == [1, 2, 3, 4]


# What the therapist may know -------------------------------------------------------------------------


def test_the_therapist_learns_number_and_place_only_with_the_confirmation(world: World) -> None:
    therapist, customer, number = world.therapist(), world.guest(), fresh_number()
    with therapist.connected() as socket:
        body = a_visit(
            therapist.user_id,
            customerWhatsApp=number,
            location={"address": "Gang Rahasia 7", "latitude": -8.123456, "longitude": 115.654321},
        )
        booking = booked(customer, body)
        path, room = f"/bookings/{booking['bookingId']}", f"/rooms/{booking['chatRoomId']}"
        seen = [
            therapist.get(path).text,
            therapist.get("/bookings").text,
            therapist.get(room).text,
            therapist.get("/rooms").text,
            therapist.get(f"{room}/messages").text,
            therapist.get(f"{room}/messages", search="gang").text,
            therapist.get("/notifications").text,
            str(socket.wait_for("booking", event="created")),
            *(str(socket.wait_for("message")) for _ in range(3)),
            str(socket.wait_for("notification")),
        ]
        for text in seen:
            assert not any(secret in text for secret in (number[3:], "Rahasia", "8.123456", "115.654321")), text
        view = expect(therapist.get(path), 200)
        assert view["customerWhatsApp"] is None
        assert view["location"] == {"address": None, "latitude": None, "longitude": None}

        accepted = expect(therapist.post(f"{path}/accept"), 200)["booking"]

        assert accepted["customerWhatsApp"] == number
        assert accepted["location"]["address"] == "Gang Rahasia 7"
        assert "Rahasia" in therapist.get(f"{room}/messages").text
        assert socket.wait_for("booking", event="confirmed")["booking"]["customerWhatsApp"] == number
    assert expect(customer.get(path), 200)["location"]["latitude"] == -8.123456
