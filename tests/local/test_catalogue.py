"""Who and what can be booked is added at the admin's desk, over HTTP: therapists, hotels, codes, papers, photos."""

import secrets
from typing import Any, Final

import httpx
import pytest

from tests.local.orders import booked, order
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.city.portraits import portrait
from tools.local.person import Person, expect

AROUND_THE_CLOCK: Final = {
    day: [{"opens": "00:00", "closes": "24:00"}]
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}
UBUD: Final = {"latitude": -8.5069, "longitude": 115.2625, "radiusKm": 10}


def a_therapist(**differing: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of the body
    return {
        "therapistId": f"t-{secrets.token_hex(6)}",
        "name": "Dewi Anjani",
        "type": "therapist",
        "timeZone": "Asia/Makassar",
        "languages": ["id", "en"],
        "menu": [{"serviceId": "balinese", "name": "Balinese massage", "prices": {"60": 250_000}}],
        "openingHours": AROUND_THE_CLOCK,
        **differing,
    }


def added(admin: Person, **differing: Any) -> str:  # noqa: ANN401 - any field of the body
    return str(expect(admin.post("/admin/therapists", a_therapist(**differing)), 201)["therapistId"])


def mails_to(world: World, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{world.outputs.outbox_url}/messages", params={"to": address}).json()
    return found


def listed(world: World) -> set[str]:
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = expect(world.stranger().get("/therapists", **cursor), 200)
        found |= {each["therapistId"] for each in page["items"]}
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_a_therapist_is_added_offline_invited_and_comes_online(world: World) -> None:
    admin = world.admin()
    profile = expect(admin.post("/admin/therapists", a_therapist()), 201)
    therapist_id = profile["therapistId"]
    assert (profile["status"], profile["bufferMinutes"], profile["horizonDays"]) == ("offline", 15, 30)
    assert admin.post("/admin/therapists", a_therapist(therapistId=therapist_id)).json()["code"] == "already_exists"
    assert therapist_id in listed(world)

    address = f"{therapist_id}@example.com"
    invited = expect(admin.post(f"/admin/therapists/{therapist_id}/invite", {"email": address}), 200)
    assert (invited["userId"], invited["email"]) == (therapist_id, address)
    wait_until(lambda: bool(mails_to(world, address)))
    assert mails_to(world, address)[0]["data"]["temporaryPassword"]

    def is_told() -> bool:
        trail = expect(admin.get(f"/admin/history/{therapist_id}"), 200)["items"]
        return {entry["action"] for entry in trail} == {"profile_created", "therapist_invited"}

    wait_until(is_told)


def test_an_invitation_that_is_sent_again_has_a_new_password(world: World) -> None:
    admin = world.admin()
    therapist_id = added(admin)
    address = f"{therapist_id}@example.com"
    for number in (1, 2):
        expect(admin.post(f"/admin/therapists/{therapist_id}/invite", {"email": address}), 200)
        wait_until(lambda number=number: len(mails_to(world, address)) == number)  # type: ignore[misc]  # a default
    first, second = (each["data"]["temporaryPassword"] for each in mails_to(world, address))
    assert first != second


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timeZone", "Mars/Olympus"),
        ("menu", []),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {}}]),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {"60": 0}}]),
        ("menu", [{"serviceId": "a", "name": "A", "prices": {"60": 10**9}}]),
        ("openingHours", {"monday": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}]}),
        ("beds", 2),
        ("horizonDays", 0),
        ("therapistId", "T Dewi"),
    ],
)
def test_what_breaks_a_bound_is_named_and_adds_nobody(world: World, field: str, value: object) -> None:
    body = a_therapist(**{field: value})
    refused = world.admin().post("/admin/therapists", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation_failed")
    assert all(error["path"].startswith(field) for error in refused.json()["errors"])
    if field != "therapistId":
        assert world.admin().get(f"/admin/therapists/{body['therapistId']}").status_code == 404


def test_ids_are_given_once_over_therapists_and_staff(world: World) -> None:
    owner = world.admin()
    therapist_id = added(owner)
    member = {"userId": therapist_id, "name": "Other", "email": "other@example.com", "duties": ["support"]}
    assert owner.post("/admin/staff", member).json()["code"] == "already_exists"
    assert owner.post("/admin/therapists", a_therapist(therapistId="a-admin")).json()["code"] == "already_exists"


def test_a_suspended_therapist_is_in_no_list_and_gets_no_bookings_until_reinstated(world: World) -> None:
    admin, customer = world.admin(), world.guest()
    therapist = world.therapist()
    offer = booked(customer, therapist.user_id)["booking"]["bookingId"]
    path = f"/admin/therapists/{therapist.user_id}"
    assert admin.post(f"{path}/suspend", {}).status_code == 422
    expect(admin.post(f"{path}/suspend", {"reason": "Two complaints"}), 200)
    assert world.stranger().get(f"/therapists/{therapist.user_id}").status_code == 404
    assert therapist.user_id not in listed(world)
    assert expect(customer.get(f"/bookings/{offer}"), 200)["status"] == "declined"
    assert customer.post("/bookings", order(therapist.user_id)).json()["code"] == "therapist_unavailable"
    expect(therapist.get("/me"), 200)
    expect(admin.post(f"{path}/reinstate"), 200)
    booked(world.guest(), therapist.user_id)


def test_a_visit_outside_the_service_area_is_refused(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    expect(admin.patch(f"/admin/therapists/{therapist.user_id}", {"serviceArea": UBUD}), 200)
    far = order(therapist.user_id, location={"latitude": -7.25, "longitude": 112.75})
    assert world.guest().post("/bookings", far).json()["code"] == "therapist_unavailable"
    near = order(therapist.user_id, location={"latitude": -8.51, "longitude": 115.26})
    expect(world.guest().post("/bookings", near), 201)


def test_a_hotel_that_is_inactive_is_not_listed_and_cannot_be_named(world: World) -> None:
    admin, therapist = world.admin(), world.unattended_therapist()
    body = {"name": f"Villa {secrets.token_hex(4)}", "address": "Jalan Raya 1, Ubud", "timeZone": "Asia/Makassar"}
    hotel_id = expect(admin.post("/admin/hotels", body), 201)["hotelVillaId"]
    assert admin.post("/admin/hotels", {**body, "hotelVillaId": hotel_id}).json()["code"] == "already_exists"
    assert admin.post("/admin/hotels", {**body, "latitude": -8.5}).status_code == 422
    expect(admin.patch(f"/admin/hotels/{hotel_id}", {"active": False}), 200)
    there = {"hotelVillaId": hotel_id, "roomNumber": "12", "location": ...}
    wish = {name: value for name, value in order(therapist.therapist_id, **there).items() if value is not ...}
    assert world.guest().post("/bookings", wish).status_code == 422


def test_kind_and_value_of_a_code_are_fixed_once_it_is_used(world: World) -> None:
    admin, customer = world.admin(), world.guest()
    code = f"HI{secrets.token_hex(4).upper()}"
    expect(admin.post("/admin/discount-codes", {"discountCode": code, "kind": "share", "value": 1_000}), 201)
    expect(admin.patch(f"/admin/discount-codes/{code}", {"value": 2_000}), 200)
    booking = booked(customer, world.unattended_therapist().therapist_id, discountCode=code)["booking"]
    assert (booking["discount"], booking["price"]) == (50_000, 200_000)
    for change in ({"value": 3_000}, {"kind": "amount"}):
        assert admin.patch(f"/admin/discount-codes/{code}", change).json()["code"] == "invalid_transition"
    retired = expect(admin.patch(f"/admin/discount-codes/{code}", {"active": False}), 200)
    assert (retired["used"], retired["active"]) == (1, False)
    quote = {"therapistId": booking["therapistId"], "duration": 60, "bookingType": "immediate", "discountCode": code}
    assert customer.post("/quotes", quote).json()["code"] == "discount_unavailable"


def test_a_photo_is_served_under_its_contents_address_and_may_be_kept_for_ever(world: World) -> None:
    therapist = world.therapist()
    photo = portrait(therapist.user_id, long_hair=True)
    wish = {"fileName": "me.jpg", "contentType": "image/jpeg", "size": len(photo)}
    form = expect(therapist.post("/me/photo", wish), 201)["upload"]
    assert httpx.post(form["url"], data=form["fields"], files={"file": photo}).is_success
    path = f"/therapists/{therapist.user_id}"
    wait_until(lambda: expect(world.stranger().get(path), 200)["photoUrl"] is not None)
    served = httpx.get(expect(world.stranger().get(path), 200)["photoUrl"])
    assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
    assert "immutable" in served.headers["cache-control"]


def test_a_therapist_who_owes_sees_where_to_pay(world: World) -> None:
    therapist = world.therapist()
    statement = expect(therapist.get("/me/statement", month="2026-11"), 200)
    assert statement["commissionAccount"] is None
