"""Therapists who have scheduled bookings confirmed at once: which ones are, and that nothing is missing beside them."""

from collections.abc import Mapping
from typing import Any, Final

from tests.faults.market import ADMIN, AYU, MADE, WAYAN, Market
from tests.faults.test_visits import tomorrow

WISH: Final = {"enabled": True, "noticeMinutes": 120, "maxPerDay": 2}


def wishing(market: Market, **differing: Any) -> None:
    market.expect(200, AYU, "PATCH", "/me", {"instantConfirm": {**WISH, **differing}})


def booked(market: Market, hour: int, number: str = "+6281234567890", customer: Any = WAYAN) -> Mapping[str, Any]:
    order = market.order(bookingType="scheduled", scheduledTime=tomorrow(market, hour), customerWhatsApp=number)
    return market.expect(201, customer, "POST", "/bookings", {**order, "confirmOtherPending": True})


def test_a_booking_that_fits_is_confirmed_in_the_answer_with_its_commission(market: Market) -> None:
    wishing(market)
    answer = booked(market, 12)

    booking_id = answer["booking"]["bookingId"]
    assert (answer["booking"]["status"], answer["room"]["status"], len(answer["messages"])) == (
        "confirmed",
        "active",
        4,
    )
    record = market.row("commission_records", bookingId=booking_id)
    assert (record["commissionAmount"], record["paymentStatus"]) == (75_000, "pending")
    market.check()

    detail = market.expect(200, ADMIN, "GET", f"/admin/bookings/{booking_id}")
    steps = [(each["action"], each["from"], each["to"]) for each in detail["history"]]
    assert steps[:2] == [("created", None, "pending"), ("confirmed", "pending", "confirmed")]
    assert [offer["outcome"] for offer in detail["offers"]] == ["accepted"]
    kinds = {row["kind"] for row in market.rows("notifications")}
    assert {"booking_confirmed", "booking_confirmed_at_once"} <= kinds
    assert "booking_created" not in kinds
    seen = market.expect(200, AYU, "GET", f"/bookings/{booking_id}")
    assert seen["customerWhatsApp"] == "+6281234567890"
    assert market.command(AYU, booking_id, "accept").status == 200
    market.check()
    market.wait(minutes=5)  # what was never an offer needs no deliveries, however late it is looked at
    market.check()


def test_a_repeat_under_the_same_key_finds_the_confirmed_booking(market: Market) -> None:
    wishing(market)
    order = market.order(bookingType="scheduled", scheduledTime=tomorrow(market, 12))
    first = market.call(WAYAN, "POST", "/bookings", order, key="once").body["booking"]
    again = market.call(WAYAN, "POST", "/bookings", order, key="once").body["booking"]
    assert first == again
    market.check()


def test_what_comes_too_late_or_is_too_much_for_the_day_waits_for_the_therapist(market: Market) -> None:
    wishing(market, noticeMinutes=3 * 24 * 60)
    assert booked(market, 9)["booking"]["status"] == "pending"
    wishing(market)
    assert booked(market, 12, "+6281234567891", MADE)["booking"]["status"] == "confirmed"
    assert booked(market, 15, "+6281234567892", MADE)["booking"]["status"] == "pending"
    wishing(market, enabled=False, maxPerDay=9)
    assert booked(market, 18, "+6281234567893", MADE)["booking"]["status"] == "pending"
    immediate = market.order(customerWhatsApp="+6281234567894", confirmOtherPending=True)
    wishing(market, maxPerDay=9)
    answer = market.expect(201, MADE, "POST", "/bookings", immediate)
    assert answer["booking"]["status"] == "pending"
    market.check()


def test_a_time_that_was_confirmed_at_once_is_taken_and_can_be_called_off(market: Market) -> None:
    wishing(market)
    booking_id = str(booked(market, 12)["booking"]["bookingId"])
    order = market.order(bookingType="scheduled", scheduledTime=tomorrow(market, 12), customerWhatsApp="+6281234567891")
    assert market.call(MADE, "POST", "/bookings", order).body["code"] == "slot_taken"
    assert market.command(WAYAN, booking_id, "cancel").status == 200
    assert market.row("commission_records", bookingId=booking_id)["paymentStatus"] == "reversed"
    market.check()
    assert booked(market, 12)["booking"]["status"] == "confirmed"
    market.check()
