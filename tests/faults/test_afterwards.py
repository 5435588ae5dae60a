"""Bookings after their end: offered to one therapist after the other, and the place of the visit erased."""

from typing import Any

from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of
from tests.faults.test_visits import agreed, confirmed, tomorrow


def automatic(market: Market, **differing: Any) -> None:
    rules = {"redispatch": "auto", "reason": "nobody waits", **differing}
    market.expect(201, ADMIN, "POST", "/admin/policies", rules)
    market.forget_caches()


def look(market: Market) -> None:
    market.publish()
    market.invoke("sweep_visits", {})
    market.check()


def seen(market: Market, booking_id: str) -> dict[str, Any]:
    return market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}")


def test_what_a_therapist_declines_is_offered_to_the_next_at_no_higher_price(market: Market) -> None:
    automatic(market)
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    look(market)

    offered = seen(market, booking_id)
    assert (offered["status"], offered["price"]) == ("pending", 250_000)
    assert offered["therapistId"] != "t-ayu"
    notes = [row for row in market.rows("notifications") if row["userId"] == WAYAN.user_id]
    assert "booking_reassigned" in {row["kind"] for row in notes}
    therapist = next(each for each in (BUDI,) if each.user_id == offered["therapistId"])
    assert market.command(therapist, booking_id, "accept").status == 200
    look(market)
    assert seen(market, booking_id)["status"] == "confirmed"


def test_no_more_offers_are_made_than_the_policy_says_and_nobody_is_asked_twice(market: Market) -> None:
    automatic(market, redispatchMaxOffers=1)
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    look(market)
    assert market.command(BUDI, booking_id, "decline").status == 200
    for _ in range(3):
        look(market)
    assert seen(market, booking_id)["status"] == "declined"
    assert len(market.expect(200, ADMIN, "GET", f"/admin/bookings/{booking_id}")["offers"]) == 2


def test_nobody_is_looked_for_after_the_minutes_of_the_policy(market: Market) -> None:
    automatic(market, redispatchMaxMinutes=30)
    for therapist in market.rows("therapists"):
        if therapist["therapistId"] != "t-ayu":
            market.plant("therapists", {**therapist, "status": "offline"})
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    look(market)
    assert seen(market, booking_id)["status"] == "declined"
    market.wait(minutes=29)
    market.plant("therapists", {**market.row("therapists", therapistId="t-budi"), "status": "online"})
    look(market)
    assert seen(market, booking_id)["therapistId"] == "t-budi"
    market.command(BUDI, booking_id, "decline")
    market.wait(minutes=1)
    look(market)
    assert seen(market, booking_id)["status"] == "declined"


def test_a_dearer_therapist_is_not_asked_and_without_the_policy_nobody_is(market: Market) -> None:
    automatic(market)
    booking_id = market.book(discountCode="HEMAT10")
    market.command(AYU, booking_id, "decline")
    look(market)
    assert seen(market, booking_id)["status"] == "declined"
    market.expect(201, ADMIN, "POST", "/admin/policies", {"redispatch": "ask", "reason": "customers choose"})
    market.wait(minutes=2)
    market.forget_caches()
    other = market.book(MADE, customerWhatsApp="+6281234567899")
    market.command(AYU, other, "decline")
    look(market)
    assert market.row("bookings", bookingId=other)["status"] == "declined"


def test_a_customer_whose_therapist_does_not_come_to_an_agreed_visit_finds_somebody_for_now(market: Market) -> None:
    booking_id = agreed(market)
    market.now = market.now.replace(microsecond=0)
    market.wait(days=2)
    while market.now.hour != 4 or market.now.minute != 30:  # half past noon in Makassar, on the agreed date
        market.wait(minutes=1)
        market.now = market.now.replace(second=0)
    if market.now.date().isoformat() > tomorrow(market, 12)[:10]:
        raise AssertionError
    answer = market.command(WAYAN, booking_id, "no-show")
    assert answer.status == 200, answer
    items = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}/alternatives")["items"]
    budi = next(each for each in items if each["therapistId"] == "t-budi")
    chosen = {"therapistId": "t-budi", "price": budi["price"]}
    again = market.command(WAYAN, booking_id, "redispatch", chosen).body["booking"]
    assert (again["status"], again["bookingType"], again["scheduledTime"]) == ("pending", "immediate", None)
    assert market.command(BUDI, booking_id, "accept").status == 200
    market.check()


def test_a_blocked_therapist_is_no_alternative(market: Market) -> None:
    earlier = market.book(WAYAN, BUDI)
    market.expect(200, BUDI, "POST", f"/rooms/{room_of(earlier)}/block")
    market.command(BUDI, earlier, "decline")
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    items = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}/alternatives")["items"]
    assert "t-budi" not in {each["therapistId"] for each in items}


def test_thirty_days_after_the_end_nothing_says_where_it_was(market: Market) -> None:
    place = {"address": "Jalan Raya Ubud 8", "latitude": -8.5069, "longitude": 115.2625}
    over = market.book(location=place)
    market.command(AYU, over, "accept")
    market.command(AYU, over, "complete")
    market.wait(hours=2)
    declined = market.book(location=place)
    market.command(AYU, declined, "decline")
    look(market)
    market.wait(days=29, hours=21)
    look(market)
    assert seen(market, over)["location"]["address"] == place["address"]
    market.wait(hours=6)
    look(market)
    for booking_id in (over, declined):
        assert seen(market, booking_id)["location"] is None
    everything = str([market.rows(table) for table in ("bookings", "chat_rooms", "chat_messages", "history")])
    assert "Jalan Raya" not in everything
    assert "115.26" not in everything
    assert market.expect(200, WAYAN, "GET", f"/bookings/{declined}/alternatives")["items"] == []
    market.invoke("sweep_visits", {})
    assert not [row for row in market.rows("bookings") if row.get("dueAt")]


def test_a_booking_that_lives_again_is_left_alone(market: Market) -> None:
    booking_id = confirmed(market)
    market.command(AYU, booking_id, "cancel", {"reason": "ill"})
    market.publish()
    market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    look(market)
    assert seen(market, booking_id)["therapistId"] == "t-budi"
    assert "dueAt" not in market.row("bookings", bookingId=booking_id)
