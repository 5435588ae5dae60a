"""Payments by QRIS whose provider is trouble: lost calls, wrong amounts, and what a person makes of the money."""

import base64
import io
import zipfile
from datetime import timedelta
from typing import Any, Final

import pytest

from marketplace.catalogue.place.market_days import day_of
from marketplace.payment.model import LOOKS
from marketplace.payment.provider import Received
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import parse_utc
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market

SUPPORT = Caller(user_id="a-support", role=Role.ADMIN, signed_in_at=2_000_000_000, duties=frozenset())
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHY = {"reason": "the bank says so"}


def owed(market: Market, customer: Caller = WAYAN, therapist: Caller = AYU) -> dict[str, Any]:
    """Let a therapist accept a visit; return its commission."""
    number = f"+62812{len(market.rows('bookings')):07d}"
    booking_id = market.book(customer, therapist, customerWhatsApp=number)
    answer = market.command(therapist, booking_id, "accept")
    assert answer.status == 200, answer
    market.wait(minutes=90)
    return dict(answer.body["commission"])


def asked(market: Market, commission: dict[str, Any], therapist: Caller = AYU) -> dict[str, Any]:
    return market.expect(201, therapist, "POST", f"/commissions/{commission['bookingId']}/payments")


def paid(market: Market, payment: dict[str, Any], amount: int, received: str = "in-1") -> None:
    """Let money come in that nobody tells of."""
    code = f"qr-{payment['paymentId']}"
    market.provider.paid.setdefault(code, []).append(
        Received(received_id=received, payment_id=payment["paymentId"], amount=amount)
    )


def state(market: Market, commission: dict[str, Any]) -> tuple[str, int]:
    row = market.row("commission_records", bookingId=commission["bookingId"])
    return row["paymentStatus"], row["commissionAmount"]


def looked(market: Market) -> int:
    return int(market.invoke("take_payments", {})["found"])


def resolve(market: Market, payment: dict[str, Any], action: str, **more: str) -> tuple[int, dict[str, Any]]:
    path = f"/admin/payments/{payment['paymentId']}/resolve"
    answer = market.call(ADMIN, "POST", path, {**WHY, "action": action, **more})
    return answer.status, answer.body


def in_list(market: Market, **query: str) -> list[str]:
    page = market.expect(200, ADMIN, "GET", "/admin/payments", query=query)
    return [item["paymentId"] for item in page["items"]]


def test_a_payment_whose_call_was_lost_is_found(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    paid(market, payment, payment["amount"])
    assert looked(market) == 0, "nobody asks before it is time"
    market.wait(minutes=4)

    assert looked(market) == 1

    assert state(market, commission)[0] == "paid"
    market.wait(days=2)
    assert looked(market) == 0
    assert "lookAt" not in market.row("payments", paymentId=payment["paymentId"])
    market.check()


def test_an_unpaid_payment_is_asked_about_a_few_times_and_then_left_alone(market: Market) -> None:
    payment = asked(market, owed(market))
    for _ in LOOKS:
        market.now = market.now + timedelta(hours=5)
        looked(market)
    market.wait(days=1)
    looked(market)

    row = market.row("payments", paymentId=payment["paymentId"])
    assert "lookAt" not in row
    assert "toLookAt" not in row
    market.check()


def test_a_provider_that_is_down_is_asked_again(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    paid(market, payment, payment["amount"])
    market.wait(minutes=4)
    market.provider.is_up = False
    assert looked(market) == 0

    market.provider.is_up = True

    assert looked(market) == 1
    assert state(market, commission)[0] == "paid"


def test_money_for_another_amount_is_applied_by_a_person_as_far_as_it_goes(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    paid(market, payment, 10_000)
    market.wait(minutes=4)
    looked(market)
    assert in_list(market) == in_list(market, status="unmatched") == [payment["paymentId"]]

    status, answer = resolve(market, payment, "apply")

    assert (status, answer["payment"]["status"], answer["payment"]["appliedAmount"]) == (200, "resolved", 10_000)
    row = market.row("commission_records", bookingId=commission["bookingId"])
    assert (row["paymentStatus"], row["creditUsed"]) == ("pending", 10_000)
    assert in_list(market, status="unmatched") == []
    assert resolve(market, payment, "apply")[0] == 409
    again = asked(market, commission)
    assert again["amount"] == payment["amount"] - 10_000
    market.check()


def test_too_much_settles_the_commission_and_the_rest_stays_for_a_person(market: Market) -> None:
    one, two = owed(market), owed(market, MADE)
    payment = asked(market, one)
    paid(market, payment, payment["amount"] + 5_000)
    market.wait(minutes=4)
    looked(market)
    assert state(market, one)[0] == "pending"

    assert resolve(market, payment, "apply")[0] == 200

    assert state(market, one)[0] == "paid"
    assert in_list(market, status="unmatched") == [payment["paymentId"]], "5.000 are left"
    assert resolve(market, payment, "apply", bookingId=two["bookingId"])[0] == 200
    assert market.row("commission_records", bookingId=two["bookingId"])["creditUsed"] == 5_000
    market.check()


def test_what_is_sent_back_leaves_the_books(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    paid(market, payment, 7_000)
    market.wait(minutes=4)
    looked(market)

    status, answer = resolve(market, payment, "refund")

    assert (status, answer["payment"]["refundedAmount"]) == (200, 7_000)
    lines = [line for entry in market.rows("ledger_entries") for line in entry["lines"]]
    assert sum(line["debit"] - line["credit"] for line in lines if line["account"] == "clearing") == 0
    assert sum(line["debit"] - line["credit"] for line in lines if line["account"] == "credits") == 0
    (told,) = market.expect(200, ADMIN, "GET", f"/admin/history/{payment['paymentId']}")["items"]
    assert (told["action"], told["actor"], told["reason"]) == ("payment_refund", ADMIN.user_id, WHY["reason"])
    market.check()


def test_what_the_next_commission_has_used_is_not_given_away_again(market: Market) -> None:
    payment = asked(market, owed(market))
    paid(market, payment, 7_000)
    market.wait(minutes=4)
    looked(market)
    assert owed(market, MADE)["creditUsed"] == 7_000

    assert [resolve(market, payment, action)[0] for action in ("refund", "apply")] == [409, 409]
    assert resolve(market, payment, "keep")[0] == 200
    assert in_list(market, status="unmatched") == []
    market.check()


def test_money_is_not_applied_to_somebody_else_s_commission(market: Market) -> None:
    payment, other = asked(market, owed(market)), owed(market, MADE, BUDI)
    paid(market, payment, 7_000)
    market.wait(minutes=4)
    looked(market)

    status, problem = resolve(market, payment, "apply", bookingId=other["bookingId"])

    assert (status, problem["errors"][0]["path"]) == (422, "bookingId")
    assert resolve(market, payment, "refund", bookingId=other["bookingId"])[0] == 422
    path = f"/admin/payments/{payment['paymentId']}/resolve"
    assert market.call(SUPPORT, "POST", path, {**WHY, "action": "keep"}).status == 403
    market.check()


def test_a_second_payment_of_a_paid_code_waits_for_a_person(market: Market) -> None:
    commission = owed(market)
    payment = asked(market, commission)
    paid(market, payment, payment["amount"], "in-1")
    paid(market, payment, payment["amount"], "in-2")
    market.wait(minutes=4)

    assert looked(market) == 2

    assert state(market, commission)[0] == "paid"
    assert in_list(market, status="unmatched") == [payment["paymentId"]]
    market.check()


def test_a_month_is_exported_as_tables_a_file_and_a_workbook(market: Market) -> None:
    commission = owed(market)
    month = day_of(parse_utc(commission["bookingDate"])).isoformat()[:7]
    books = market.expect(200, ADMIN, "GET", "/admin/exports", query={"month": month})
    tables = {table["name"]: table for table in books["tables"]}
    debits, credits_ = (
        sum(row[tables["ledger"]["columns"].index(side)] for row in tables["ledger"]["rows"])
        for side in ("debit", "credit")
    )
    assert debits == credits_ == commission["commissionAmount"]
    assert [row[:2] for row in tables["therapists"]["rows"]] == [["t-ayu", commission["therapistName"]]]

    csv = market.call(ADMIN, "GET", "/admin/exports", query={"month": month, "format": "csv", "table": "commissions"})
    assert csv.text.splitlines()[0].startswith("confirmedAt,bookingId,")
    assert commission["bookingId"] in csv.text
    as_book = {"month": month, "format": "xlsx"}
    xlsx = market.call(ADMIN, "GET", "/admin/exports", query=as_book, accept=f"{XLSX}, */*")
    assert xlsx.status == 200
    sheets = zipfile.ZipFile(io.BytesIO(base64.b64decode(xlsx.text))).namelist()
    assert sum(name.startswith("xl/worksheets/sheet") for name in sheets) == 7
    assert xlsx.headers["Content-Disposition"] == f'attachment; filename="{month}-books.xlsx"'


@pytest.mark.parametrize("accept", [None, "*/*", "text/html, */*", f"text/csv, {XLSX}"])
def test_a_workbook_is_refused_rather_than_sent_as_text(market: Market, accept: str | None) -> None:
    query = {"month": "2026-11", "format": "xlsx"}
    refused = market.call(ADMIN, "GET", "/admin/exports", query=query, accept=accept)
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "format")
    assert XLSX in refused.body["errors"][0]["message"]


@pytest.mark.parametrize(("accept", "is_pdf"), [("application/pdf", True), ("text/html, application/pdf", False)])
def test_a_paper_is_json_unless_pdf_is_what_is_asked_for_first(market: Market, accept: str, is_pdf: bool) -> None:  # noqa: FBT001 - a parameter
    booking_id = owed(market)["bookingId"]
    assert market.command(AYU, booking_id, "complete").status == 200
    receipt = market.call(WAYAN, "GET", f"/bookings/{booking_id}/receipt", accept=accept)
    assert receipt.headers["Content-Type"] == ("application/pdf" if is_pdf else "application/json")
