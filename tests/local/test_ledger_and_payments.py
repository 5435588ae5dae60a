"""The books of the running system: postings, credits, disputes, and paying by QRIS with a provider that is trouble."""

import io
import secrets
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from marketplace.catalogue.place.market_days import day_of
from marketplace.platform.clock import utc_now
from tests.local.test_money import accepted, eventually, items
from tests.local.visits import a_scheduled_visit, booked, free_starts
from tests.local.world import World, at_once
from tools.local.person import Person, expect


def ledger_of(admin: Person, therapist: Person) -> list[dict[str, Any]]:
    """Return a therapist's lines, after looking whether each posting balances."""
    lines = list(items(admin, "/admin/ledger", therapistId=therapist.user_id))
    for posting in {line["postingId"] for line in lines}:
        assert sum(line["debit"] - line["credit"] for line in lines if line["postingId"] == posting) == 0
    return lines


def balances(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return the debit balance of each account that something stands in."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line["account"]] = sums.get(line["account"], 0) + line["debit"] - line["credit"]
    return {account: amount for account, amount in sums.items() if amount}


def statement(therapist: Person) -> dict[str, Any]:
    month = day_of(utc_now()).isoformat()[:7]
    read: dict[str, Any] = expect(therapist.get("/me/statement", month=month), 200)
    moved = sum(posting["charge"] - posting["credit"] for posting in read["postings"])
    assert read["closingBalance"] == read["openingBalance"] + moved
    return read


def waive(admin: Person, commission: dict[str, Any]) -> dict[str, Any]:
    path = f"/admin/commissions/{commission['bookingId']}/waive"
    waived: dict[str, Any] = expect(admin.post(path, {"reason": "goodwill", "confirm": True}), 200)["commission"]
    return waived


def ask_to_pay(therapist: Person, commission: dict[str, Any]) -> dict[str, Any]:
    payment: dict[str, Any] = expect(therapist.post(f"/commissions/{commission['bookingId']}/payments"), 201)
    return payment


@pytest.fixture
def payer(world: World) -> Iterator[httpx.Client]:
    """Whoever holds the telephone that pays."""
    with httpx.Client(base_url=world.outputs.outbox_url, timeout=30) as client:
        yield client
        client.put("/faults/payments", json={"mode": "ok"})


def pay(payer: httpx.Client, payment: dict[str, Any], **body: int) -> None:
    answered = payer.post(f"/payments/{payment['paymentId']}/pay", json=body or None)
    assert answered.json()["callbackStatus"] == 200, answered.text


def test_every_step_of_a_debt_is_a_balanced_posting_and_the_statement_follows(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    one = accepted(world, therapist)
    amount = one["commissionAmount"]
    assert balances(ledger_of(admin, therapist)) == {"receivable": amount, "revenue": -amount}
    assert statement(therapist)["closingBalance"] == amount

    waive(admin, one)
    assert balances(ledger_of(admin, therapist)) == {}
    path = f"/admin/commissions/{one['bookingId']}/revoke"
    assert admin.post(path, {"reason": "by mistake"}).json()["code"] == "confirmation_required"
    again = expect(admin.post(path, {"reason": "by mistake", "confirm": True}), 200)["commission"]
    assert (again["paymentStatus"], again["waivedAt"]) == ("pending", None)
    assert admin.post(path, {"reason": "by mistake", "confirm": True}).json()["code"] == "invalid_transition"
    assert balances(ledger_of(admin, therapist)) == {"receivable": amount, "revenue": -amount}
    assert {line["reason"] for line in ledger_of(admin, therapist)} == {"commission", "waiver", "revocation"}
    assert statement(therapist)["closingBalance"] == amount


def test_a_dispute_is_opened_once_and_ends_with_what_is_owed(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    commission = accepted(world, therapist)
    booking_id, amount = commission["bookingId"], commission["commissionAmount"]
    path = f"/commissions/{booking_id}/dispute"
    assert world.therapist().post(path, {"reason": "not mine"}).status_code == 404
    disputed = expect(therapist.post(path, {"reason": "half of it"}), 200)["commission"]
    assert disputed["disputedAt"] is not None
    assert therapist.post(path, {"reason": "again"}).json()["code"] == "invalid_transition"

    resolve = f"/admin/commissions/{booking_id}/dispute/resolve"
    for wrong in ({"amount": amount}, {}, {"amount": -1}):
        answer = admin.post(resolve, {"outcome": "reduced", "reason": "half", **wrong})
        assert answer.json()["code"] == "validation_failed"
    resolved = expect(admin.post(resolve, {"outcome": "reduced", "amount": 10_000, "reason": "half"}), 200)[
        "commission"
    ]
    assert (resolved["commissionAmount"], resolved["amountDue"], resolved["paymentStatus"]) == (
        10_000,
        10_000,
        "pending",
    )
    assert admin.post(resolve, {"outcome": "upheld", "reason": "no"}).json()["code"] == "invalid_transition"
    assert balances(ledger_of(admin, therapist)) == {"receivable": 10_000, "revenue": -10_000}
    assert booking_id not in expect(admin.post("/admin/audits", {"full": True}), 201)["wrongAmount"]


def test_what_was_paid_for_a_cancelled_visit_settles_the_next_commission(world: World, payer: httpx.Client) -> None:
    admin, therapist = world.admin(), world.therapist()
    one = accepted(world, therapist)
    pay(payer, ask_to_pay(therapist, one))
    expect(admin.post(f"/bookings/{one['bookingId']}/cancel", {"reason": "flooded"}), 200)
    assert balances(ledger_of(admin, therapist)) == {
        "clearing": one["commissionAmount"],
        "credits": -one["commissionAmount"],
    }
    assert statement(therapist)["closingBalance"] == -one["commissionAmount"]

    two = accepted(world, therapist)

    assert (two["paymentStatus"], two["paidBy"], two["amountDue"]) == ("paid", "credits", 0)
    assert statement(therapist)["closingBalance"] == 0
    assert therapist.post(f"/commissions/{two['bookingId']}/payments").json()["code"] == "invalid_transition"


def test_a_payment_settles_once_however_often_it_is_told(world: World, payer: httpx.Client) -> None:
    admin, therapist = world.admin(), world.therapist()
    commission = accepted(world, therapist)
    assert world.therapist().post(f"/commissions/{commission['bookingId']}/payments").status_code == 404
    payment = ask_to_pay(therapist, commission)
    assert (payment["status"], payment["amount"]) == ("pending", commission["commissionAmount"])
    assert payment["qrString"]
    assert world.therapist().get(f"/payments/{payment['paymentId']}").status_code == 404

    with therapist.connected() as screen:
        at_once([lambda: pay(payer, payment)] * 3)
        screen.wait_for("notification", notification={"kind": "commission_paid"})
    payer.post(f"/payments/{payment['paymentId']}/expire")
    pay(payer, payment)

    assert expect(therapist.get(f"/payments/{payment['paymentId']}"), 200)["status"] == "paid"
    settled = next(items(therapist, "/me/commissions"))
    assert (settled["paymentStatus"], settled["paidBy"]) == ("paid", "qris")
    amount = commission["commissionAmount"]
    assert balances(ledger_of(admin, therapist)) == {"clearing": amount, "revenue": -amount}
    assert statement(therapist)["closingBalance"] == 0


def test_what_expired_and_was_paid_is_paid(world: World, payer: httpx.Client) -> None:
    therapist = world.therapist()
    payment = ask_to_pay(therapist, accepted(world, therapist))
    payer.post(f"/payments/{payment['paymentId']}/expire")

    pay(payer, payment)

    assert next(items(therapist, "/me/commissions"))["paymentStatus"] == "paid"


def test_another_amount_is_kept_and_shown_to_a_person(world: World, payer: httpx.Client) -> None:
    admin, therapist = world.admin(), world.therapist()
    commission = accepted(world, therapist)
    payment = ask_to_pay(therapist, commission)

    pay(payer, payment, amount=1_000)

    assert next(items(therapist, "/me/commissions"))["paymentStatus"] == "pending"
    assert expect(therapist.get(f"/payments/{payment['paymentId']}"), 200)["status"] == "unmatched"
    lines = ledger_of(admin, therapist)
    assert balances(lines)["clearing"] == 1_000
    assert statement(therapist)["closingBalance"] == commission["commissionAmount"] - 1_000
    kinds = [notice["kind"] for notice in items(admin, "/notifications")]
    assert "payment_unmatched" in kinds


def test_a_payment_that_nobody_told_of_is_found(world: World, payer: httpx.Client) -> None:
    therapist = world.therapist()
    payment = ask_to_pay(therapist, accepted(world, therapist))
    assert payer.post(f"/payments/{payment['paymentId']}/pay", json={"lost": True}).json()["callbackStatus"] is None
    assert next(items(therapist, "/me/commissions"))["paymentStatus"] == "pending"
    world.table("payments").update_item(
        Key={"paymentId": payment["paymentId"]},
        UpdateExpression="SET lookAt = :past",
        ExpressionAttributeValues={":past": "2026-01-01T00:00:00.000Z"},
    )

    world.invoke("TakePaymentsFunction")

    assert next(items(therapist, "/me/commissions"))["paymentStatus"] == "paid"


def test_a_call_that_comes_late_settles_nonetheless(world: World, payer: httpx.Client) -> None:
    therapist = world.therapist()
    payment = ask_to_pay(therapist, accepted(world, therapist))
    payer.post(f"/payments/{payment['paymentId']}/pay", json={"afterSeconds": 1})

    eventually(lambda: next(items(therapist, "/me/commissions"))["paymentStatus"] == "paid")


def test_admins_put_money_that_fits_nothing_where_it_belongs(world: World, payer: httpx.Client) -> None:
    admin, therapist = world.demo_user("a-finance"), world.therapist()
    one = accepted(world, therapist)
    later = booked(world.guest(), a_scheduled_visit(therapist.user_id, free_starts(admin, therapist.user_id)[0]))
    two = expect(therapist.post(f"/bookings/{later['bookingId']}/accept"), 200)["commission"]
    payment = ask_to_pay(therapist, one)
    pay(payer, payment, amount=payment["amount"] + 5_000)
    listed = {each["paymentId"]: each for each in items(admin, "/admin/payments", status="unmatched")}
    assert listed[payment["paymentId"]]["unmatchedAmount"] == payment["amount"] + 5_000
    path = f"/admin/payments/{payment['paymentId']}/resolve"
    assert therapist.post(path, {"action": "apply", "reason": "mine"}).status_code == 403

    expect(admin.post(path, {"action": "apply", "reason": "rounded up"}), 200)
    rest = {"action": "apply", "bookingId": two["bookingId"], "reason": "rounded up"}
    done = expect(admin.post(path, rest), 200)["payment"]

    assert (done["status"], done["unmatchedAmount"]) == ("resolved", 0)
    due = {each["bookingId"]: each["amountDue"] for each in items(therapist, "/me/commissions")}
    assert due == {one["bookingId"]: 0, two["bookingId"]: two["commissionAmount"] - 5_000}
    assert admin.post(path, {"action": "refund", "reason": "again"}).json()["code"] == "invalid_transition"
    ledger_of(admin, therapist)


def test_a_month_is_exported_for_the_bookkeeper(world: World) -> None:
    admin, therapist = world.demo_user("a-finance"), world.therapist()
    commission = accepted(world, therapist)
    month = day_of(utc_now()).isoformat()[:7]
    csv = admin.get("/admin/exports", month=month, format="csv", table="commissions")
    assert (csv.status_code, csv.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert commission["bookingId"] in csv.text
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = admin.get_as("/admin/exports", xlsx, month=month, format="xlsx")
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None
    anything = admin.get("/admin/exports", month=month, format="xlsx")
    assert (anything.status_code, anything.json()["code"]) == (422, "validation_failed")
    assert therapist.get("/admin/exports", month=month).status_code == 403
    assert admin.get("/admin/exports").json()["code"] == "validation_failed"


def test_nobody_but_the_provider_tells_of_payments(world: World) -> None:
    stranger = world.stranger()
    for body in (
        {},
        {"event": "qr.payment", "data": {"id": "x", "reference_id": "y", "amount": 1, "status": "SUCCEEDED"}},
    ):
        assert stranger.post("/payment-events/xendit", body).status_code == 401
        assert stranger.post("/payment-events/somebody", body).status_code == 404


@pytest.mark.parametrize("mode", ["fail", "hang"])
def test_a_provider_that_is_down_delays_that_payment_alone(world: World, payer: httpx.Client, mode: str) -> None:
    therapist = world.therapist()
    commission = accepted(world, therapist)
    payer.put("/faults/payments", json={"mode": mode})
    key = secrets.token_hex(8)
    path, began = f"/commissions/{commission['bookingId']}/payments", time.monotonic()
    answer = therapist.post(path, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert time.monotonic() - began < 8
    accepted(world, world.therapist())

    payer.put("/faults/payments", json={"mode": "ok"})
    one, two = (expect(therapist.post(path, headers={"Idempotency-Key": key}), 201) for _ in range(2))

    assert one == two
