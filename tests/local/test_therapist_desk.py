"""GET and PATCH /me over HTTP: what therapists change is what customers see at once."""

from typing import Final

from tests.local.visits import a_visit, booked, free_starts
from tests.local.world import World
from tools.local.person import expect

BANK: Final = {"bankName": "Bank Nusantara", "accountNumber": "5544332211", "accountHolder": "Ayu Lestari"}


def test_a_therapist_goes_offline_and_comes_back(world: World) -> None:
    therapist = world.therapist()

    assert expect(therapist.patch("/me", {"status": "offline"}), 200)["status"] == "offline"
    refused = world.guest().post("/bookings", a_visit(therapist.user_id))
    assert expect(refused, 409)["code"] == "therapist_unavailable"
    expect(therapist.patch("/me", {"status": "online"}), 200)
    booking = booked(world.guest(), a_visit(therapist.user_id))
    expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    assert expect(therapist.get("/me"), 200)["status"] == "online"


def test_new_hours_and_menu_hold_for_slots_and_prices_at_once(world: World) -> None:
    therapist, customer = world.therapist(), world.guest()
    week = {
        day: [{"opens": "10:00", "closes": "11:30"}]
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    }
    menu = [{"serviceId": "foot", "name": "Foot massage", "prices": {"60": 99_000}}]

    expect(therapist.patch("/me", {"openingHours": week, "menu": menu}), 200)

    assert len(free_starts(customer, therapist.user_id, duration=60)) == 3
    assert free_starts(customer, therapist.user_id, duration=90) == []
    assert booked(customer, a_visit(therapist.user_id))["price"] == 99_000
    assert expect(customer.get(f"/therapists/{therapist.user_id}"), 200)["menu"] == menu


def test_bank_details_are_masked_encrypted_and_announced(world: World) -> None:
    therapist = world.therapist()
    with therapist.connected() as socket:
        changed = therapist.patch("/me", {"bankDetails": BANK})

        assert expect(changed, 200)["bankDetails"]["accountNumber"] == "••••••2211"
        notice = socket.wait_for("notification", notification={"kind": "bank_details_changed"})["notification"]
    stored = str(world.table("therapists").get_item(Key={"therapistId": therapist.user_id})["Item"])
    for text in (stored, changed.text, str(notice), therapist.get("/me").text):
        assert "5544332211" not in text
    assert "bankDetails" not in expect(world.stranger().get(f"/therapists/{therapist.user_id}"), 200)


def test_the_system_speaks_the_language_that_the_therapist_has_chosen(world: World) -> None:
    therapist, customer = world.therapist(), world.guest("en")
    booking = booked(customer, a_visit(therapist.user_id))
    room = f"/rooms/{booking['chatRoomId']}"

    def welcome() -> str:
        return str(expect(therapist.get(f"{room}/messages"), 200)["items"][0]["message"])

    indonesian = welcome()
    with therapist.connected() as socket:
        expect(therapist.patch("/me", {"language": "en"}), 200)
        english = welcome()
        assert expect(customer.get(f"{room}/messages"), 200)["items"][0]["message"] == english != indonesian
        page = socket.ask({"action": "sync", "conversationId": booking["chatRoomId"], "after": 0})
        assert page["items"][0]["message"] == english
        expect(customer.post(f"/bookings/{booking['bookingId']}/cancel"), 200)
        told = socket.wait_for("notification", notification={"kind": "booking_cancelled"})
        assert "cancelled" in told["notification"]["title"]


def test_the_desk_is_for_therapists_alone(world: World) -> None:
    for somebody in (world.guest(), world.admin()):
        assert expect(somebody.get("/me"), 403)["code"] == "forbidden"
        assert expect(somebody.patch("/me", {"status": "busy"}), 403)["code"] == "forbidden"
    assert expect(world.stranger().get("/me"), 401)["code"] == "unauthenticated"
