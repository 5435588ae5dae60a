"""Slots, holds, quotes and codes over HTTP (contract, sections 3 and 4)."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.opening_hours import DayOverride
from tests.local.visits import (
    a_scheduled_visit,
    a_visit,
    booked,
    free_starts,
    instant,
    local_day,
    written,
)
from tests.local.world import World
from tests.therapist_rows import every_day
from tools.local.person import expect


def test_slots_lie_on_the_grid_inside_the_hours_of_the_therapists_own_day(world: World) -> None:
    answer = expect(
        world.stranger().get("/therapists/t-citra/slots", date=local_day(5, "Asia/Jakarta"), duration=120), 200
    )

    assert answer["timeZone"] == "Asia/Jakarta"
    for slot in answer["slots"]:
        start, end = instant(slot["start"]), instant(slot["end"])
        assert start.minute % 15 == 0
        assert end - start == timedelta(minutes=120)
        assert 2 <= start.hour  # noqa: SIM300 - nine in the morning in Jakarta
        assert end <= start.replace(hour=14, minute=0)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"date": "2026-13-01", "duration": 60}, 422),
        ({"date": "2026-12-01", "duration": 61}, 422),
        ({"duration": 60}, 422),
        ({"date": "9999-12-31", "duration": 60}, 200),
        ({"date": "0001-01-01", "duration": 60}, 200),
    ],
)
def test_a_date_that_nobody_can_book_has_no_slots_and_none_at_all_is_refused(
    world: World, query: dict[str, Any], status: int
) -> None:
    answer = world.stranger().get("/therapists/t-ayu/slots", **query)

    assert answer.status_code == status
    assert answer.json().get("slots", []) == []


def test_slots_of_nobody_are_not_found(world: World) -> None:
    asked = world.stranger().get("/therapists/t-nobody/slots", date="2026-12-01", duration=60)

    assert expect(asked, 404)["code"] == "not_found"


def test_the_first_and_last_listed_slots_can_be_booked_and_their_neighbours_cannot(world: World) -> None:
    therapist, anybody = world.unattended_therapist(), world.stranger()
    listed = free_starts(anybody, therapist.therapist_id, duration=120)
    before = written(instant(listed[0]) - timedelta(minutes=15))
    after = written(instant(listed[-1]) + timedelta(minutes=15))

    for start, status in ((before, 422), (after, 422), (listed[0], 201), (listed[-1], 201)):
        body = a_scheduled_visit(therapist.therapist_id, start, duration=120)
        answer = world.guest().post("/bookings", body)
        assert answer.status_code == status, (start, answer.text)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (datetime.now(UTC) - timedelta(days=1), "past"),
        (datetime.now(UTC) + timedelta(minutes=30), "notice"),
        (datetime.now(UTC) + timedelta(days=31), "further ahead"),
        (datetime.now(UTC) + timedelta(days=2), "opening hours"),
    ],
)
def test_a_wrong_time_is_invalid_and_says_why(world: World, start: datetime, reason: str) -> None:
    on_grid = start.replace(hour=17 if reason == "opening hours" else start.hour, minute=start.minute // 15 * 15)
    therapist = world.unattended_therapist(
        opening_hours=every_day(("09:00", "21:00")) if reason == "opening hours" else every_day(("00:00", "24:00"))
    )
    moment = written(on_grid.replace(second=0, microsecond=0))

    problem = expect(world.guest().post("/bookings", a_scheduled_visit(therapist.therapist_id, moment)), 422)

    assert problem["code"] == "validation_failed"
    assert problem["errors"][0]["path"] == "scheduledTime"
    assert reason in problem["errors"][0]["message"]


def test_a_time_off_the_grid_is_invalid(world: World) -> None:
    start = free_starts(world.stranger(), "t-citra", days_ahead=10)[0]
    for moved in (timedelta(minutes=7), timedelta(seconds=1), timedelta(milliseconds=1)):
        body = a_scheduled_visit("t-citra", written(instant(start) + moved))
        assert expect(world.guest().post("/bookings", body), 422)["code"] == "validation_failed"


def test_a_held_time_is_taken_and_the_visits_beside_it_are_not(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()
    starts = free_starts(customer, therapist.therapist_id)
    middle = starts[20]
    booked(customer, a_scheduled_visit(therapist.therapist_id, middle))

    for quarters, status in ((-4, 409), (-1, 409), (0, 409), (1, 409), (4, 409), (-5, 201), (5, 201)):
        start = written(instant(middle) + quarters * timedelta(minutes=15))
        answer = world.guest().post("/bookings", a_scheduled_visit(therapist.therapist_id, start))
        assert answer.status_code == status, (quarters, answer.text)
        if status == 409:
            assert answer.json()["code"] == "slot_taken"
        listed = free_starts(customer, therapist.therapist_id)
        assert start not in listed


def test_an_immediate_booking_holds_from_now_to_its_latest_end_and_acceptance_narrows_that(world: World) -> None:
    therapist = world.therapist(opening_hours=every_day(("00:00", "24:00")), notice_minutes=0)
    customer = world.guest()
    booking = booked(customer, a_visit(therapist.user_id))
    created = instant(booking["createdAt"])

    def free_between(first: datetime, last: datetime) -> list[str]:
        starts = [
            start for days in (0, 1) for start in free_starts(customer, therapist.user_id, days_ahead=days, duration=60)
        ]
        return [start for start in starts if first <= instant(start) < last]

    window, visit = timedelta(minutes=15), timedelta(minutes=60 + 15)
    assert free_between(created, created + window + visit) == []
    expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    freed = free_between(created, created + window + visit)
    assert freed
    assert all(instant(start) >= created + visit for start in freed)
    assert world.guest().post("/bookings", a_visit(therapist.user_id)).json()["code"] == "slot_taken"


def test_time_off_is_not_offered_and_not_bookable(world: World) -> None:
    day = local_day(3)
    therapist = world.unattended_therapist(
        opening_hours=every_day(("09:00", "21:00"), overrides=(DayOverride(date=day),))
    )
    noon = f"{day}T04:00:00.000Z"

    assert free_starts(world.stranger(), therapist.therapist_id, days_ahead=3) == []
    refused = world.guest().post("/bookings", a_scheduled_visit(therapist.therapist_id, noon))
    assert expect(refused, 422)["code"] == "validation_failed"


# Quotes ----------------------------------------------------------------------------------------------

QUOTED: Final[dict[str, Any]] = {"duration": 90, "bookingType": "immediate"}


def test_a_quote_is_kept_by_the_booking(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()
    asked = {**QUOTED, "therapistId": therapist.therapist_id, "serviceId": "balinese", "discountCode": "hemat10"}
    quote = expect(customer.post("/quotes", asked), 200)

    booking = booked(
        customer,
        a_visit(
            therapist.therapist_id,
            duration=90,
            serviceId="balinese",
            discountCode="HEMAT10",
            quoteToken=quote["quoteToken"],
        ),
    )

    assert (quote["listPrice"], quote["discount"], quote["price"]) == (350_000, 35_000, 315_000)
    assert (quote["currency"], quote["commissionRate"]) == ("IDR", 0.3)
    assert (booking["price"], booking["discount"], booking["discountCode"]) == (315_000, 35_000, "HEMAT10")
    assert timedelta(minutes=4) < instant(quote["expiresAt"]) - datetime.now(UTC) <= timedelta(minutes=5)


def test_a_quote_that_does_not_hold_is_stale(world: World) -> None:
    therapist, other, customer = world.unattended_therapist(), world.unattended_therapist(), world.guest()
    asked = {**QUOTED, "therapistId": therapist.therapist_id}
    token = expect(customer.post("/quotes", asked), 200)["quoteToken"]
    flipped = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    catalogue = Catalogue(world.store())

    def booking_with(quote_token: str, therapist_id: str = therapist.therapist_id, duration: int = 90) -> str:
        answer = customer.post("/bookings", a_visit(therapist_id, duration=duration, quoteToken=quote_token))
        return str(answer.json().get("code", answer.status_code))

    assert booking_with(flipped) == "quote_stale"
    assert booking_with(token, duration=60) == "quote_stale"
    assert booking_with(token, therapist_id=other.therapist_id) == "quote_stale"
    dearer = catalogue.therapist(therapist.therapist_id)
    world.table("therapists").update_item(
        Key={"therapistId": dearer.therapist_id},
        UpdateExpression="SET menu[0].prices.#ninety = :more",
        ExpressionAttributeNames={"#ninety": "90"},
        ExpressionAttributeValues={":more": 360_000},
    )
    assert booking_with(token) == "quote_stale"


def test_quotes_are_for_customers_and_name_what_is_wrong(world: World) -> None:
    customer = world.guest()
    asked = {**QUOTED, "therapistId": "t-ayu"}

    assert expect(world.demo_user("t-ayu").post("/quotes", asked), 403)["code"] == "forbidden"
    assert expect(customer.post("/quotes", {**asked, "therapistId": "t-nobody"}), 404)["code"] == "not_found"
    assert expect(customer.post("/quotes", {**asked, "serviceId": "nothing"}), 422)["code"] == "validation_failed"
    assert expect(customer.post("/quotes", {**asked, "discountCode": "NICHTS"}), 409)["code"] == "discount_unavailable"


# Codes -----------------------------------------------------------------------------------------------


def new_code(world: World, **differing: Any) -> str:  # noqa: ANN401 - fields of the class
    name = f"T{secrets.token_hex(4).upper()}"
    fields = {"discount_code": name, "kind": DiscountKind.AMOUNT, "value": 50_000, **differing}
    assert Catalogue(world.store()).add_discount_code(DiscountCode(**fields))
    return name


def test_a_code_outside_its_dates_is_unavailable(world: World) -> None:
    customer, now = world.guest(), datetime.now(UTC)
    for dates in ({"valid_until": now}, {"valid_from": now + timedelta(days=1)}):
        body = a_visit(world.unattended_therapist().therapist_id, discountCode=new_code(world, **dates))
        assert expect(customer.post("/bookings", body), 409)["code"] == "discount_unavailable"


def test_a_code_larger_than_the_price_makes_the_visit_free_and_no_cheaper(world: World) -> None:
    therapist = world.therapist()
    booking = booked(world.guest(), a_visit(therapist.user_id, discountCode=new_code(world, value=99_000_000)))

    assert (booking["price"], booking["discount"]) == (0, 250_000)
    accepted = expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    assert accepted["commission"]["commissionAmount"] == 0
