"""A visit at the doors of the functions: steps, start code, fee, no-show, and what the books say after each end."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from marketplace import bootstrap
from marketplace.platform.clock import format_utc, parse_utc
from tests.faults.market import ADMIN, AYU, MADE, WAYAN, Market

RULES: Final[dict[str, Any]] = {
    "startCode": True,
    "noShowFeeBps": 10_000,
    "cancellation": {"graceMinutes": 0, "tiers": [{"hoursBefore": 0, "feeBps": 5_000}]},
    "reason": "fees from December on",
}
"""A policy under which ending a visit late costs something."""


def under_fees(market: Market) -> None:
    """Set a policy with fees and start codes, and let every function have read it."""
    market.expect(201, ADMIN, "POST", "/admin/policies", RULES)
    bootstrap.policies.cache_clear()
    bootstrap.new_bookings.cache_clear()
    for factory in (bootstrap.booking_changes, bootstrap.booking_commands, bootstrap.visit_moves):
        factory.cache_clear()


def confirmed(market: Market) -> str:
    booking_id = market.book()
    assert market.command(AYU, booking_id, "accept").status == 200
    return booking_id


def booking(market: Market, booking_id: str, caller: Any = WAYAN) -> dict[str, Any]:
    return market.expect(200, caller, "GET", f"/bookings/{booking_id}")


def test_a_visit_goes_its_steps_and_is_completed_by_the_last(market: Market) -> None:
    booking_id = confirmed(market)

    for step in ("en_route", "arrived", "started"):
        assert market.command(AYU, booking_id, "visit", {"step": step}).body["booking"]["visitStep"] == step
    version = booking(market, booking_id)["version"]
    assert market.command(AYU, booking_id, "visit", {"step": "started"}).status == 200
    assert booking(market, booking_id)["version"] == version
    refused = market.command(AYU, booking_id, "visit", {"step": "arrived"})
    assert (refused.status, refused.body["code"]) == (409, "invalid_transition")
    market.command(AYU, booking_id, "visit", {"step": "finished"})

    seen = booking(market, booking_id)
    assert (seen["status"], seen["completedBy"], seen["visitStep"]) == ("completed", "therapist", "finished")
    assert None not in {seen["enRouteAt"], seen["arrivedAt"], seen["startedAt"], seen["finishedAt"]}
    market.check()


def test_only_the_customer_and_admins_see_the_start_code_and_five_tries_an_hour_are_enough(market: Market) -> None:
    under_fees(market)
    booking_id = confirmed(market)
    code = booking(market, booking_id)["startCode"]
    assert len(code) == 4
    assert booking(market, booking_id, ADMIN)["startCode"] == code
    assert booking(market, booking_id, AYU)["startCode"] is None
    wrong = f"{(int(code) + 1) % 10_000:04d}"

    assert market.command(AYU, booking_id, "complete").status == 422
    assert market.command(AYU, booking_id, "visit", {"step": "finished"}).status == 422
    for _ in range(5):
        refused = market.command(AYU, booking_id, "visit", {"step": "started", "startCode": wrong})
        assert (refused.status, refused.body["errors"][0]["path"]) == (422, "startCode")
    for given in (wrong, code):
        assert market.command(AYU, booking_id, "visit", {"step": "started", "startCode": given}).status == 429

    market.wait(hours=1)
    assert market.command(AYU, booking_id, "visit", {"step": "started", "startCode": code}).status == 200
    assert market.command(AYU, booking_id, "complete").status == 200
    market.check()


def test_a_late_cancellation_costs_what_was_told_and_its_commission_stands_on_the_fee(market: Market) -> None:
    under_fees(market)
    booking_id = confirmed(market)
    market.wait(minutes=1)  # the grace runs until the very instant of the creation
    told = market.expect(200, WAYAN, "GET", f"/bookings/{booking_id}/cancellation")
    assert told == {"allowed": True, "fee": 125_000, "feeBps": 5_000, "freeUntil": None, "policyVersion": 1}

    refused = market.command(WAYAN, booking_id, "cancel", {"fee": 0})
    assert (refused.status, refused.body["code"]) == (409, "quote_stale")
    cancelled = market.command(WAYAN, booking_id, "cancel", {"fee": 125_000}).body["booking"]

    assert (cancelled["status"], cancelled["cancellationFee"]) == ("cancelled", 125_000)
    record = market.row("commission_records", bookingId=booking_id)
    assert (record["paymentStatus"], record["commissionAmount"]) == ("pending", 37_500)
    market.check()
    market.remove("commission_records", bookingId=booking_id)
    market.expect(200, ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})
    assert market.row("commission_records", bookingId=booking_id)["commissionAmount"] == 37_500
    market.check()


def test_a_customer_who_does_not_come_owes_what_the_policy_says_and_a_therapist_owes_nothing(market: Market) -> None:
    under_fees(market)
    missed, stood_up = confirmed(market), None
    early = market.command(AYU, missed, "no-show")
    assert (early.status, early.body["code"]) == (409, "invalid_transition")
    market.wait(minutes=50)
    seen = market.command(AYU, missed, "no-show", {"note": "Nobody opened"}).body["booking"]
    assert (seen["status"], seen["noShowBy"], seen["cancellationFee"]) == ("no_show", "customer", 250_000)
    assert market.row("commission_records", bookingId=missed)["commissionAmount"] == 75_000
    assert market.send(WAYAN, missed, "I was there", "m-1").status == 201

    market.wait(days=1)
    closed = market.send(WAYAN, missed, "And now?", "m-2")
    assert (closed.status, closed.body["code"]) == (409, "room_closed")

    stood_up = market.book(MADE, customerWhatsApp="+6281234567899")
    market.command(AYU, stood_up, "accept")
    market.wait(minutes=50)
    assert market.command(MADE, stood_up, "no-show").body["booking"]["noShowBy"] == "therapist"
    assert market.row("commission_records", bookingId=stood_up)["paymentStatus"] == "reversed"
    market.check()


def test_a_commission_is_due_some_days_after_the_planned_end(market: Market) -> None:
    booking_id = confirmed(market)
    seen, record = booking(market, booking_id), market.row("commission_records", bookingId=booking_id)

    assert (parse_utc(str(record["paymentDeadline"])) - parse_utc(seen["endsAt"])).days == 7


# Another time -----------------------------------------------------------------------------------------


def tomorrow(market: Market, hour: int, minute: int = 0) -> str:
    """Return a time of the day after tomorrow within everybody's hours (9 to 21 in Makassar)."""
    day = (market.now + timedelta(days=2)).date()
    return format_utc(datetime(day.year, day.month, day.day, hour - 8, minute, tzinfo=UTC))


def agreed(market: Market, hour: int = 12) -> str:
    """Book for an agreed time, and let it be accepted."""
    booking_id = market.book(bookingType="scheduled", scheduledTime=tomorrow(market, hour))
    assert market.command(AYU, booking_id, "accept").status == 200
    return booking_id


def starts(market: Market) -> set[str]:
    answer = market.expect(
        200, None, "GET", "/therapists/t-ayu/slots", query={"date": tomorrow(market, 12)[:10], "duration": "60"}
    )
    return {slot["start"] for slot in answer["slots"]}


def test_a_proposal_holds_both_times_and_its_acceptance_moves_visit_and_deadline(market: Market) -> None:
    booking_id = agreed(market)
    due = market.row("commission_records", bookingId=booking_id)["paymentDeadline"]
    to = tomorrow(market, 16)

    asked = market.command(WAYAN, booking_id, "proposal", {"scheduledTime": to}).body["booking"]["proposal"]
    assert (asked["scheduledTime"], asked["by"]) == (to, "customer")
    assert not {to, tomorrow(market, 12)} & starts(market)
    market.check()
    for caller, step in ((WAYAN, "accept"), (WAYAN, "decline"), (AYU, "withdraw")):
        assert market.command(caller, booking_id, f"proposal/{step}").body["code"] == "invalid_transition"
    assert market.command(AYU, booking_id, "proposal", {"scheduledTime": tomorrow(market, 18)}).status == 409

    moved = market.command(AYU, booking_id, "proposal/accept").body["booking"]
    assert (moved["scheduledTime"], moved["endsAt"], moved["proposal"]) == (to, tomorrow(market, 17), None)
    record = market.row("commission_records", bookingId=booking_id)
    assert parse_utc(str(record["paymentDeadline"])) - parse_utc(str(due)) == timedelta(hours=4)
    assert tomorrow(market, 12) in starts(market)
    assert to not in starts(market)
    market.check()


def test_a_proposal_may_overlap_the_present_time_and_frees_its_own_when_it_is_declined(market: Market) -> None:
    booking_id = agreed(market)
    near = tomorrow(market, 12, 30)
    assert market.command(AYU, booking_id, "proposal", {"scheduledTime": near}).status == 200
    assert market.command(WAYAN, booking_id, "proposal/decline").body["booking"]["proposal"] is None
    assert tomorrow(market, 13, 30) in starts(market)
    market.check()


@pytest.mark.parametrize("is_swept", [True, False])
def test_an_unanswered_proposal_ends_by_the_clock_swept_or_not(market: Market, is_swept: bool) -> None:  # noqa: FBT001
    booking_id = agreed(market)
    to = tomorrow(market, 16)
    market.command(AYU, booking_id, "proposal", {"scheduledTime": to})
    market.wait(minutes=15)
    if is_swept:
        assert market.invoke("sweep_visits", {})["done"] == 1
    assert booking(market, booking_id)["proposal"] is None
    assert to in starts(market)
    assert market.command(WAYAN, booking_id, "proposal/accept").body["code"] == "invalid_transition"
    market.check()


def test_a_cancelled_visit_frees_the_proposed_time_as_well(market: Market) -> None:
    booking_id = agreed(market)
    market.command(WAYAN, booking_id, "proposal", {"scheduledTime": tomorrow(market, 16)})
    assert market.command(WAYAN, booking_id, "cancel").status == 200
    assert {tomorrow(market, 12), tomorrow(market, 16)} <= starts(market)
    market.check()


def test_a_pending_visit_is_moved_by_its_customer_and_its_deadline_starts_anew(market: Market) -> None:
    booking_id = market.book(bookingType="scheduled", scheduledTime=tomorrow(market, 12))
    other = market.book(
        MADE, customerWhatsApp="+6281234567899", bookingType="scheduled", scheduledTime=tomorrow(market, 16)
    )
    market.wait(minutes=10)
    taken = market.command(WAYAN, booking_id, "reschedule", {"scheduledTime": tomorrow(market, 16)})
    assert taken.body["code"] == "slot_taken"
    moved = market.command(WAYAN, booking_id, "reschedule", {"scheduledTime": tomorrow(market, 18)}).body["booking"]
    assert moved["responseDeadline"] == format_utc(market.now + timedelta(minutes=15))
    assert tomorrow(market, 12) in starts(market)
    market.check()
    market.wait(minutes=10)
    assert booking(market, other, MADE)["status"] == "expired"
    assert market.command(AYU, booking_id, "accept").status == 200
    assert market.command(WAYAN, booking_id, "reschedule", {"scheduledTime": tomorrow(market, 16)}).status == 409
    back = market.command(ADMIN, booking_id, "reschedule", {"scheduledTime": tomorrow(market, 16)}).body["booking"]
    assert back["scheduledTime"] == tomorrow(market, 16)
    market.check()


def test_a_visit_that_nobody_closes_completes_itself_an_hour_after_its_planned_end(market: Market) -> None:
    booking_id = confirmed(market)
    market.wait(minutes=119)
    assert market.invoke("sweep_visits", {})["done"] == 0
    market.wait(minutes=1)
    assert market.invoke("sweep_visits", {})["done"] == 1
    assert booking(market, booking_id)["completedBy"] == "system"
    assert market.invoke("sweep_visits", {})["done"] == 0
    market.check()
