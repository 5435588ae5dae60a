"""A visit at the doors of the functions: steps, start code, fee, no-show, and what the books say after each end."""

from typing import Any, Final

from marketplace import bootstrap
from marketplace.platform.clock import read_instant
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
    bootstrap.booking_commands.cache_clear()


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

    stood_up = market.book(MADE, customerWhatsApp="+6281234567899")
    market.command(AYU, stood_up, "accept")
    market.wait(minutes=50)
    assert market.command(MADE, stood_up, "no-show").body["booking"]["noShowBy"] == "therapist"
    assert market.row("commission_records", bookingId=stood_up)["paymentStatus"] == "reversed"
    market.check()


def test_a_commission_is_due_some_days_after_the_planned_end(market: Market) -> None:
    booking_id = confirmed(market)
    seen, record = booking(market, booking_id), market.row("commission_records", bookingId=booking_id)

    assert (read_instant(str(record["paymentDeadline"])) - read_instant(seen["endsAt"])).days == 7
