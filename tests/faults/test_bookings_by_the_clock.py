"""Deadlines decide by themselves: no sweep has to run, no copy of them counts, and nobody slips past them."""

from datetime import timedelta
from typing import Final

import pytest

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.records import to_record
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, deadline_of, room_of

OTHER_NUMBER: Final = "+6281234500000"


def status_of(market: Market, booking_id: str) -> str:
    return str(market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}")["status"])


def test_a_pending_hold_and_its_claims_end_at_the_deadline_although_nothing_runs(market: Market) -> None:
    first = market.book()
    market.wait(minutes=15, milliseconds=-1)
    assert market.call(MADE, "POST", "/bookings", market.order(customerWhatsApp=OTHER_NUMBER)).status == 409

    market.wait(milliseconds=1)
    second = market.book()  # the same number, therapist and time

    assert status_of(market, first) == "expired"
    assert status_of(market, second) == "pending"
    assert market.command(AYU, first, "accept").body["code"] == "deadline_passed"
    assert market.command(AYU, second, "accept").status == 200
    market.sweep()
    market.check()


def test_an_acceptance_that_is_late_on_the_way_does_not_take_back_time_that_was_given_away(market: Market) -> None:
    first = market.book()
    market.wait(minutes=15, milliseconds=-1)
    taken: list[str] = []

    def somebody_else_books() -> None:
        market.wait(milliseconds=1)
        taken.append(market.book(MADE, customerWhatsApp=OTHER_NUMBER))

    market.faults.at(1, somebody_else_books, of=frozenset({"batch_get_item", "transact_write_items"}))
    answer = market.command(AYU, first, "accept")

    assert taken
    assert (answer.status, answer.body["code"]) == (409, "deadline_passed")
    assert market.command(AYU, taken[0], "accept").status == 200
    market.sweep()
    market.check()


def test_an_acceptance_whose_hold_was_lost_takes_the_time_anew(market: Market) -> None:
    booking_id = market.book()
    for sheet in market.rows("calendar"):
        market.plant("calendar", {**sheet, "holds": {}, "version": 9})

    assert market.command(AYU, booking_id, "accept").status == 200
    market.check()


def test_the_bookings_own_deadline_decides_and_no_copy_of_it(market: Market) -> None:
    first = market.book()
    row = market.row("bookings", bookingId=first)
    market.plant("bookings", {**row, "responseDeadline": format_utc(market.now - timedelta(seconds=1))})

    assert status_of(market, first) == "expired"
    assert market.command(AYU, first, "accept").body["code"] == "deadline_passed"
    second = market.book()  # neither the hold nor the claim of the first counts any more
    assert market.command(AYU, second, "accept").status == 200
    assert market.sweep()["expired"] == 1


def test_a_time_is_listed_again_as_soon_as_its_bookings_own_deadline_is_past(market: Market) -> None:
    start = (market.now + timedelta(days=1)).replace(hour=5, minute=0, second=0)
    booking_id = market.book(bookingType="scheduled", scheduledTime=format_utc(start))

    def listed() -> bool:
        query = {"date": f"{start:%Y-%m-%d}", "duration": "60"}
        day = market.expect(200, None, "GET", f"/therapists/{AYU.user_id}/slots", query=query)
        return format_utc(start) in [slot["start"] for slot in day["slots"]]

    assert not listed()
    row = market.row("bookings", bookingId=booking_id)
    market.plant("bookings", {**row, "responseDeadline": format_utc(market.now - timedelta(seconds=1))})
    assert listed()


def test_the_sweep_frees_a_hold_whose_own_end_is_later(market: Market) -> None:
    first = market.book()
    row = market.row("bookings", bookingId=first)
    market.plant("bookings", {**row, "responseDeadline": format_utc(market.now - timedelta(seconds=1))})

    assert market.sweep()["expired"] == 1

    assert all(first not in sheet["holds"] for sheet in market.rows("calendar"))
    assert market.sweep()["expired"] == 0


def test_lists_and_filters_show_the_expiry_at_once(market: Market) -> None:
    booking_id = market.book()
    market.wait(minutes=15)

    for caller in (WAYAN, AYU, ADMIN):
        for status, ids in (("pending", []), ("expired", [booking_id])):
            page = market.expect(200, caller, "GET", "/bookings", query={"status": status})
            assert [each["bookingId"] for each in page["items"]] == ids
            assert all(each["status"] == status for each in page["items"])
    room = market.expect(200, AYU, "GET", f"/rooms/{room_of(booking_id)}")
    assert room["status"] == "cancelled"
    assert room["actions"] == []


def test_a_reassignment_too_goes_by_the_deadline_of_whatever_stands_in_its_way(market: Market) -> None:
    in_the_way, moving = market.book(MADE, BUDI, customerWhatsApp=OTHER_NUMBER), market.book(WAYAN, AYU)
    assert market.command(ADMIN, moving, "reassign", {"therapistId": "t-budi"}).body["code"] == "slot_taken"
    row = market.row("bookings", bookingId=in_the_way)
    market.plant("bookings", {**row, "responseDeadline": format_utc(market.now - timedelta(seconds=1))})

    assert market.command(ADMIN, moving, "reassign", {"therapistId": "t-budi"}).status == 200

    assert market.command(BUDI, in_the_way, "accept").body["code"] == "deadline_passed"
    assert market.sweep()["expired"] == 1
    assert market.command(BUDI, moving, "accept").status == 200


def test_the_deadline_of_a_reassigned_booking_starts_anew(market: Market) -> None:
    booking_id = market.book()
    market.wait(minutes=20)

    moved = market.command(ADMIN, booking_id, "reassign", {"therapistId": "t-budi"}).body["booking"]

    assert deadline_of(moved) == market.now + timedelta(minutes=15)
    assert moved["expiredAt"] is None
    assert market.sweep()["expired"] == 0
    assert market.command(BUDI, booking_id, "accept").status == 200
    market.check()


def test_the_former_therapist_is_locked_out_at_once(market: Market) -> None:
    booking_id = market.book()
    market.command(ADMIN, booking_id, "reassign", {"therapistId": "t-budi"})

    room = f"/rooms/{room_of(booking_id)}"
    assert market.call(AYU, "GET", f"/bookings/{booking_id}").status == 404
    assert market.call(AYU, "GET", room).status == 404
    assert market.call(AYU, "GET", f"{room}/messages").status == 404
    assert market.send(AYU, booking_id, "still there?", "m-1").status == 404
    assert market.command(AYU, booking_id, "accept").status == 404
    assert market.call(BUDI, "GET", room).status == 200
    assert market.expect(200, AYU, "GET", "/bookings")["items"] == []
    market.book(MADE, AYU, customerWhatsApp=OTHER_NUMBER)  # the time is free again
    market.check()


# Repeats ---------------------------------------------------------------------------------------------


def test_a_repeat_finds_its_booking_although_its_quote_is_too_old_by_now(market: Market) -> None:
    quote = market.expect(
        200, WAYAN, "POST", "/quotes", {"therapistId": "t-ayu", "duration": 60, "bookingType": "immediate"}
    )
    body = market.order(quoteToken=quote["quoteToken"])
    first = market.expect(201, WAYAN, "POST", "/bookings", body, key="once")["booking"]
    market.wait(minutes=6)

    again = market.expect(201, WAYAN, "POST", "/bookings", body, key="once")["booking"]

    assert again["bookingId"] == first["bookingId"]
    assert (
        market.call(MADE, "POST", "/bookings", {**body, "customerWhatsApp": OTHER_NUMBER}).body["code"] == "quote_stale"
    )


# Codes -----------------------------------------------------------------------------------------------


def used(market: Market, code: str) -> int:
    return int(market.row("discount_codes", discountCode=code)["used"])


@pytest.mark.parametrize("ending", ["decline", "expire", "cancel"])
def test_a_use_is_given_back_when_the_booking_ends_unconfirmed(ending: str, market: Market) -> None:
    booking_id = market.book(discountCode="SEKALI")
    assert used(market, "SEKALI") == 1

    if ending == "expire":
        market.wait(minutes=15)
        market.sweep()
    else:
        market.command(AYU if ending == "decline" else WAYAN, booking_id, ending)

    assert used(market, "SEKALI") == 0
    market.check()


def test_a_use_that_was_given_back_is_taken_again_by_a_reassignment_if_there_is_one_left(market: Market) -> None:
    booking_id = market.book(discountCode="SEKALI")
    market.command(AYU, booking_id, "decline")

    moved = market.command(ADMIN, booking_id, "reassign", {"therapistId": "t-budi"})

    assert moved.body["booking"]["discount"] == 50_000
    assert used(market, "SEKALI") == 1
    market.command(BUDI, booking_id, "decline")
    market.book(MADE, discountCode="SEKALI", customerWhatsApp=OTHER_NUMBER)
    late = market.command(ADMIN, booking_id, "reassign", {"therapistId": "t-citra"})
    assert (late.status, late.body["code"]) == (409, "discount_unavailable")
    market.check()


def test_a_reassignment_of_a_pending_booking_keeps_its_one_use(market: Market) -> None:
    booking_id = market.book(discountCode="SEKALI")

    market.command(ADMIN, booking_id, "reassign", {"therapistId": "t-budi"})

    assert used(market, "SEKALI") == 1
    market.check()


def test_a_customer_has_no_more_uses_than_the_code_allows_each(market: Market) -> None:
    code = DiscountCode(discount_code="DUA", kind=DiscountKind.AMOUNT, value=1_000, max_uses_per_customer=2)
    market.plant("discount_codes", to_record(code))
    first = market.book(WAYAN, AYU, discountCode="DUA")
    market.book(WAYAN, BUDI, discountCode="DUA", confirmOtherPending=True)

    def third() -> str:
        body = {**market.order(discountCode="DUA", confirmOtherPending=True), "therapistId": "t-citra"}
        answer = market.call(WAYAN, "POST", "/bookings", body)
        return str(answer.body.get("code", answer.status))

    assert third() == "discount_unavailable"
    market.command(AYU, first, "decline")
    assert third() == "201"
    late = market.command(ADMIN, first, "reassign", {"therapistId": "p-ubud-spa"})
    assert (late.status, late.body["code"]) == (409, "discount_unavailable")
    market.check()


def test_more_than_three_pending_bookings_of_a_number_are_too_many(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT_SCALE", "1")
    market.forget_caches()
    for therapist in ("t-ayu", "t-budi", "t-citra"):
        market.expect(
            201, WAYAN, "POST", "/bookings", {**market.order(confirmOtherPending=True), "therapistId": therapist}
        )

    refused = market.call(
        WAYAN, "POST", "/bookings", {**market.order(confirmOtherPending=True), "therapistId": "p-ubud-spa"}
    )

    assert (refused.status, refused.body["code"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
