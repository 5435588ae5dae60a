"""Calls of the provider of payments that come late, twice, out of order, for another amount, or from somebody else."""

from typing import Any

import pytest

from marketplace.identity.connections import ADMINS
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market
from tests.faults.paying import told
from tests.faults.test_payments import asked, in_list, looked, owed, resolve, state
from tests.faults.test_rows import settled


def credits_of(market: Market, therapist: str = "t-ayu") -> int:
    """Return what the ledger says the marketplace owes a therapist."""
    lines = [line for row in market.rows("ledger_entries") if row["therapistId"] == therapist for line in row["lines"]]
    return sum(int(line["credit"] - line["debit"]) for line in lines if line["account"] == "credits")


def money_in(market: Market) -> int:
    """Return what the ledger says has come in."""
    lines = [line for row in market.rows("ledger_entries") for line in row["lines"]]
    return sum(int(line["debit"] - line["credit"]) for line in lines if line["account"] == "clearing")


def kinds(market: Market, user: str) -> list[str]:
    """Return of what somebody was told."""
    return [str(row["kind"]) for row in market.rows("notifications") if row["userId"] == user]


def seen(market: Market, payment: dict[str, Any]) -> str:
    """Return a payment's status as its therapist sees it."""
    return str(market.expect(200, AYU, "GET", f"/payments/{payment['paymentId']}")["status"])


def test_a_call_that_comes_again_and_again_settles_once_and_is_told_once(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)

    answers = []
    for _ in range(4):
        market.wait(minutes=1)
        answers.append(told(market, payment["paymentId"], "in-1", payment["amount"]))

    assert answers == [200] * 4
    assert (state(market, commission)[0], seen(market, payment)) == ("paid", "paid")
    assert (money_in(market), credits_of(market)) == (payment["amount"], 0)
    assert kinds(market, "t-ayu").count("commission_paid") == 1
    assert in_list(market, status="unmatched") == []
    market.check()


def test_a_call_that_comes_days_late_settles_a_debt_that_is_overdue_by_then(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    market.wait(days=9)
    market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True})
    assert (state(market, commission)[0], seen(market, payment)) == ("overdue", "expired")

    assert told(market, payment["paymentId"], "in-1", payment["amount"]) == 200

    assert (state(market, commission)[0], seen(market, payment)) == ("paid", "paid")
    assert credits_of(market) == 0
    market.check()


def test_a_code_that_expired_and_is_paid_nevertheless_settles(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    market.wait(minutes=61)
    assert seen(market, payment) == "expired"

    told(market, payment["paymentId"], "in-1", payment["amount"])

    assert (state(market, commission)[0], seen(market, payment)) == ("paid", "paid")
    market.check()


def test_of_two_codes_the_one_told_first_settles_and_the_other_s_money_waits_for_a_person(market: Market) -> None:
    commission = owed(market)
    first = asked(market, commission)
    market.wait(minutes=61)
    second = asked(market, commission)

    told(market, second["paymentId"], "in-2", second["amount"])
    market.wait(seconds=1)
    told(market, first["paymentId"], "in-1", first["amount"])

    assert state(market, commission)[0] == "paid"
    assert (seen(market, second), seen(market, first)) == ("paid", "unmatched")
    assert in_list(market, status="unmatched") == [first["paymentId"]]
    assert (money_in(market), credits_of(market)) == (2 * first["amount"], first["amount"])
    assert kinds(market, ADMINS).count("payment_unmatched") == 1
    market.check()


def test_a_failed_try_told_after_the_payment_takes_nothing_back(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    told(market, payment["paymentId"], "in-2", payment["amount"])

    assert told(market, payment["paymentId"], "in-1", payment["amount"], status="FAILED") == 200

    assert (state(market, commission)[0], seen(market, payment)) == ("paid", "paid")
    assert money_in(market) == payment["amount"]


def test_a_failed_try_settles_nothing_and_the_next_one_does(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    told(market, payment["paymentId"], "in-1", payment["amount"], status="FAILED")
    assert (state(market, commission)[0], money_in(market)) == ("pending", 0)

    told(market, payment["paymentId"], "in-2", payment["amount"])

    assert state(market, commission)[0] == "paid"
    market.check()


@pytest.mark.parametrize("off", [-1, 1, -60_000])
def test_money_for_another_amount_is_kept_for_a_person_and_the_debt_stays(market: Market, off: int) -> None:
    commission = owed(market)
    payment = asked(market, commission)

    told(market, payment["paymentId"], "in-1", payment["amount"] + off)

    assert state(market, commission) == ("pending", payment["amount"])
    assert (money_in(market), credits_of(market)) == (payment["amount"] + off,) * 2
    assert in_list(market, status="unmatched") == [payment["paymentId"]]
    assert "payment_unmatched" in kinds(market, "t-ayu")
    market.wait(seconds=1)
    told(market, payment["paymentId"], "in-2", payment["amount"])
    assert state(market, commission)[0] == "paid", "the right amount settles it still"
    assert credits_of(market) == payment["amount"] + off
    market.check()


@pytest.mark.parametrize("steps", [("waive",), ("proof", "approve"), ("cancel",)])
def test_money_for_what_was_settled_meanwhile_becomes_a_credit(market: Market, steps: tuple[str, ...]) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    settled(market, commission["bookingId"], *steps)
    was, credited = state(market, commission), credits_of(market)

    told(market, payment["paymentId"], "in-1", payment["amount"])

    assert state(market, commission) == was
    assert credits_of(market) == credited + payment["amount"]
    assert in_list(market, status="unmatched") == [payment["paymentId"]]
    market.check()


def test_money_for_a_debt_that_was_reduced_meanwhile_is_more_than_is_due(market: Market) -> None:
    commission = owed(market)
    payment, path = asked(market, commission), f"/commissions/{commission['bookingId']}/dispute"
    market.expect(200, AYU, "POST", path, {"reason": "too much"})
    reduced = {"outcome": "reduced", "amount": 10_000, "reason": "half an hour late"}
    market.wait(minutes=1)
    market.expect(200, ADMIN, "POST", f"/admin{path}/resolve", reduced)
    market.wait(minutes=1)

    told(market, payment["paymentId"], "in-1", payment["amount"])

    assert state(market, commission) == ("pending", 10_000)
    assert resolve(market, payment, "apply")[0] == 200
    assert state(market, commission)[0] == "paid"
    assert credits_of(market) == payment["amount"] - 10_000
    market.check()


def test_a_call_overtakes_the_answer_to_the_request_for_the_code(market: Market) -> None:
    commission = owed(market)
    market.provider.is_up = False
    path = f"/commissions/{commission['bookingId']}/payments"
    assert market.call(AYU, "POST", path, key="once").status == 503, "whether there is a code is unknown"
    (row,) = market.rows("payments")

    assert told(market, row["paymentId"], "in-1", int(row["amount"])) == 200

    assert state(market, commission)[0] == "paid"
    market.provider.is_up = True
    assert market.expect(201, AYU, "POST", path, key="once")["status"] == "paid"
    market.check()


def test_late_money_of_a_therapist_who_fell_away_stays_theirs(market: Market) -> None:
    commission = owed(market)
    payment, booking_id = asked(market, commission), commission["bookingId"]
    no_show = market.command(WAYAN, booking_id, "no-show")
    assert no_show.status == 200, no_show
    market.wait(minutes=1)
    chosen = {"therapistId": "t-budi", "price": no_show.body["booking"]["price"]}
    assert market.command(WAYAN, booking_id, "redispatch", chosen).status == 200
    assert market.command(BUDI, booking_id, "accept").status == 200
    market.wait(minutes=1)

    told(market, payment["paymentId"], "in-1", payment["amount"])

    row = market.row("commission_records", bookingId=booking_id)
    assert (row["therapistId"], row["paymentStatus"]) == ("t-budi", "pending")
    assert (credits_of(market), credits_of(market, "t-budi")) == (payment["amount"], 0)
    assert "payment_unmatched" in kinds(market, "t-ayu")
    assert "payment_unmatched" not in kinds(market, "t-budi")
    assert resolve(market, payment, "apply")[0] == 422, "it is no money of his"
    assert resolve(market, payment, "refund")[0] == 200
    assert (credits_of(market), money_in(market)) == (0, 0)
    market.check()


def test_what_was_paid_by_a_therapist_who_fell_away_is_no_difference_in_the_books(market: Market) -> None:
    commission = owed(market)
    booking_id = commission["bookingId"]
    settled(market, booking_id, "proof", "approve")
    market.command(WAYAN, booking_id, "no-show")
    market.wait(minutes=1)
    market.command(WAYAN, booking_id, "redispatch", {"therapistId": "t-budi", "price": 250_000})
    assert market.command(BUDI, booking_id, "accept").status == 200

    assert (credits_of(market), credits_of(market, "t-budi")) == (commission["commissionAmount"], 0)
    assert market.invoke("prove_books", {})["differences"] == 0
    market.check()


@pytest.mark.parametrize("token", ["", "another", "callback-toke"])
def test_a_forged_call_settles_nothing(market: Market, token: str) -> None:
    commission = owed(market)
    payment = asked(market, commission)

    assert told(market, payment["paymentId"], "in-1", payment["amount"], token=token) == 401

    assert (state(market, commission)[0], money_in(market)) == ("pending", 0)


def test_money_that_nobody_was_asked_for_is_refused_and_reported(market: Market) -> None:
    commission = owed(market, MADE)
    assert told(market, "pay-of-nobody", "in-1", 75_000) == 404
    assert (state(market, commission)[0], money_in(market)) == ("pending", 0)


def test_what_was_found_by_looking_and_is_told_then_counts_once(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    market.provider.paid[f"qr-{payment['paymentId']}"] = [_received(market, payment)]
    market.wait(minutes=4)
    assert looked(market) == 1

    told(market, payment["paymentId"], "in-1", payment["amount"])

    assert state(market, commission)[0] == "paid"
    assert (money_in(market), in_list(market, status="unmatched")) == (payment["amount"], [])
    market.check()


def _received(market: Market, payment: dict[str, Any]) -> Any:
    paid = {"id": "in-1", "reference_id": payment["paymentId"], "amount": payment["amount"], "status": "SUCCEEDED"}
    return market.provider.received({"event": "qr.payment", "data": paid})
