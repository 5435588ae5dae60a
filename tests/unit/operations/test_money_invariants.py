"""Each invariant of money sees its planted violation, and nothing in books that are right."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.model import Booking, Source, visits
from marketplace.booking.repository import booking_record
from marketplace.commission import disputes
from marketplace.commission.judging import judge
from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_record
from marketplace.commission.states import PAYMENT_STEPS, SETTLED, PaidBy, PaymentStatus
from marketplace.operations.invariants import Tables, Violation
from marketplace.operations.invariants.money import CHECKS
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.audit_log import row_hash
from marketplace.platform.money import share_of
from tests.money_rows import ADMIN, AYU, NOON, confirmed_booking, owed, pending_booking

type Books = dict[str, list[Item]]


def books(*bookings: Booking, without: str = "") -> Books:
    """Return tables that are right: each booking, and the record that it owes."""
    return {
        "bookings": [booking_record(booking) for booking in bookings],
        "commission_records": [
            commission_record(record_of(booking))
            for booking in bookings
            if booking.confirmed_at is not None and booking.booking_id != without
        ],
        "history": [],
        "audit_runs": [],
    }


def record_of(booking: Booking) -> Commission:
    record = owed(booking)
    if booking.cancelled_at is None:
        return record
    return record.reverse(by=ADMIN, now=booking.cancelled_at, reason=None)


def right_books() -> Books:
    later = NOON + timedelta(hours=1)
    return books(
        pending_booking("b-offered"),
        confirmed_booking("b-confirmed"),
        visits.complete(confirmed_booking("b-completed", source=Source.SCHEDULED), by=AYU, now=later),
        visits.cancel(confirmed_booking("b-cancelled", price=250_005), by=ADMIN, now=later),
        visits.cancel(pending_booking("b-withdrawn"), by=ADMIN, now=NOON),
    )


def all_violations(tables: Tables) -> list[Violation]:
    return [violation for check in CHECKS.values() for violation in check(tables)]


def test_books_that_are_right_break_no_invariant() -> None:
    assert all_violations(right_books()) == []


def test_empty_tables_break_no_invariant() -> None:
    assert all_violations({}) == []


def _lose_record(tables: Books) -> str:
    tables["commission_records"].pop(0)
    return "b-confirmed"


def _double_record(tables: Books) -> str:
    tables["commission_records"].append({**tables["commission_records"][0]})
    return "b-confirmed"


def _record_for_an_offer(tables: Books) -> str:
    tables["commission_records"].append(commission_record(owed(confirmed_booking("b-offered"))))
    return "b-offered"


def _record_without_booking(tables: Books) -> str:
    tables["commission_records"].append(commission_record(owed(confirmed_booking("b-unknown"))))
    return "b-unknown"


def _cancelled_without_reversal(tables: Books) -> str:
    tables["commission_records"][2]["paymentStatus"] = "pending"
    return "b-cancelled"


def _reversed_though_it_stands(tables: Books) -> str:
    tables["commission_records"][0].update(paymentStatus="reversed", reversedAt="2026-11-22T13:00:00.000Z")
    return "b-confirmed"


def _changed(position: int, **changes: Any) -> Callable[[Books], str]:  # noqa: ANN401 - stored values
    def plant(tables: Books) -> str:
        record = tables["commission_records"][position]
        record.update(changes)
        return str(record["bookingId"])

    return plant


def _booking_changed(**changes: Any) -> Callable[[Books], str]:  # noqa: ANN401 - stored values
    def plant(tables: Books) -> str:
        tables["bookings"][1].update(changes)
        return "b-confirmed"

    return plant


def _step_out_of_the_graph(tables: Books) -> str:
    tables["history"].append(
        {"entityId": "b-confirmed", "action": "commission_paid", "fromStatus": "waived", "toStatus": "paid"}
    )
    return "b-confirmed"


def _pending_past_an_audit(tables: Books) -> str:
    tables["audit_runs"].append({"startedAt": "2026-12-22T12:00:00.000Z", "finishedAt": "2026-12-22T12:00:01.000Z"})
    return "b-confirmed"


@pytest.mark.parametrize(
    ("invariant", "plant"),
    [
        ("I1", _lose_record),
        ("I1", _double_record),
        ("I1", _record_for_an_offer),
        ("I1", _record_without_booking),
        ("I1", _cancelled_without_reversal),
        ("I1", _reversed_though_it_stands),
        ("I2", _changed(0, commissionAmount=104_999)),
        ("I2", _changed(0, commissionAmount="105000")),
        ("I2", _changed(0, commissionRate=0.25)),
        ("I2", _changed(0, commissionRateBps=2_500)),
        ("I2", _changed(0, bookingAmount=1)),
        ("I2", _booking_changed(price=-1)),
        ("I2", _booking_changed(price="350000")),
        ("I3", _changed(0, therapistId="t-budi")),
        ("I3", _changed(0, source="menuSlider")),
        ("I3", _changed(0, bookingDate="2026-11-21T12:00:00.000Z")),
        ("I11", _booking_changed(source="billboard")),
        ("I11", _booking_changed(mode="scheduled")),
        ("I19", _changed(0, paymentStatus="settled")),
        ("I19", _changed(0, paymentStatus="paid", paidAt="2026-11-23T12:00:00.000Z")),
        ("I19", _changed(0, paymentStatus="waived")),
        ("I19", _changed(0, paymentStatus="overdue", overdueAt="2026-11-23T12:00:00.000Z")),
        ("I19", _step_out_of_the_graph),
        ("I19", _pending_past_an_audit),
    ],
)
def test_an_invariant_sees_its_planted_violation(invariant: str, plant: Callable[[Books], str]) -> None:
    tables = right_books()
    key = plant(tables)

    assert key in {violation.key for violation in CHECKS[invariant](tables)}


@pytest.mark.parametrize("attribute", ["source", "therapistId", "bookingDate"])
def test_sums_that_differ_by_a_group_are_seen(attribute: str) -> None:
    tables = right_books()
    tables["commission_records"][0][attribute] = "2026-10-22T12:00:00.000Z" if attribute == "bookingDate" else "other"

    assert len(CHECKS["I11"](tables)) == 2


def test_money_that_leaked_is_seen() -> None:
    tables = right_books()
    tables["commission_records"][2]["commissionAmount"] += 1

    (violation,) = CHECKS["I25"](tables)
    assert violation.key == "total"


def test_a_proof_that_was_never_uploaded_is_seen() -> None:
    tables = right_books()
    tables["attachments"] = [
        {"attachmentId": "a-proof", "kind": "proof"},
        {"attachmentId": "a-other", "kind": "message"},
    ]
    paid = {"paymentStatus": "paid", "paidAt": "2026-11-23T12:00:00.000Z"}
    tables["commission_records"][0].update(paid, proofAttachmentId="a-proof")
    tables["commission_records"][1].update(paid, proofAttachmentId="a-other")

    assert [violation.key for violation in CHECKS["I19"](tables)] == ["b-completed"]


JUNK = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())


@given(st.data())
def test_no_row_of_any_form_makes_a_check_fail(data: st.DataObject) -> None:
    tables = right_books()
    table = data.draw(st.sampled_from(["bookings", "commission_records"]))
    row = data.draw(st.sampled_from(tables[table]))
    for name in data.draw(st.lists(st.sampled_from(sorted(row)))):
        row[name] = data.draw(JUNK)
    for name in data.draw(st.lists(st.sampled_from(sorted(row)))):
        row.pop(name, None)

    all_violations(tables)
    judge(tables["bookings"], tables["commission_records"])


@given(price=st.integers(0, 10**7), rate=st.integers(0, 10_000))
def test_the_share_and_the_rest_are_the_price(price: int, rate: int) -> None:
    share = share_of(price, rate)

    assert 0 <= share <= price
    assert abs(share * 10_000 - price * rate) <= 5_000


@given(st.lists(st.sampled_from(list(PaymentStatus)), max_size=8))
def test_no_payment_leaves_its_graph(wanted: list[PaymentStatus]) -> None:  # noqa: C901, PLR0912 - a branch for each state
    record = owed(confirmed_booking("b-1"))
    for number, status in enumerate(wanted):
        if status not in PAYMENT_STEPS[record.payment_status]:
            continue
        later = record.payment_deadline + timedelta(days=number + 1)
        match status:
            case PaymentStatus.PROOF_SUBMITTED:
                record = record.submit_proof(attachment_id="a-1", by=AYU, now=later)
            case PaymentStatus.PAID if record.payment_status is PaymentStatus.PROOF_SUBMITTED:
                record = record.approve(by=ADMIN, now=later)
            case PaymentStatus.PAID:
                record = record.pay("pay-1", now=later)
            case PaymentStatus.OVERDUE if record.payment_status is PaymentStatus.PENDING:
                if not record.is_disputed:
                    record = record.mark_overdue(now=later)
            case PaymentStatus.PENDING if record.payment_status is PaymentStatus.OVERDUE:
                record = disputes.dispute(record, by=AYU, now=later, reason="not held")
            case PaymentStatus.PENDING | PaymentStatus.OVERDUE if record.payment_status in SETTLED:
                if record.paid_by is not PaidBy.QRIS:
                    record = record.revoke(by=ADMIN, now=later, reason="called back", confirmed=True)
            case PaymentStatus.PENDING | PaymentStatus.OVERDUE:
                record = record.reject(by=ADMIN, now=later, reason="not legible")
            case PaymentStatus.WAIVED:
                record = record.waive(by=ADMIN, now=later, reason="goodwill", confirmed=True)
            case PaymentStatus.REVERSED:
                record = record.reverse(by=ADMIN, now=later, reason=None)

    assert CHECKS["I19"]({"commission_records": [commission_record(record)]}) == []
    assert record.commission_amount == owed(confirmed_booking("b-1")).commission_amount


def test_the_same_booking_always_owes_the_same_record() -> None:
    booking = confirmed_booking("b-1")
    completed = visits.complete(booking, by=ADMIN, now=NOON + timedelta(hours=2))

    assert owed(completed) == owed(booking)
    assert owed(replace(booking, actor_id="a-admin")) == owed(booking)


def test_what_is_no_step_of_a_payment_breaks_no_trail() -> None:
    row = commission_record(owed(confirmed_booking("b-1")))

    assert row_hash({**row, "announcedProofId": "a-1", "remindedOf": "commission_due"}) == row_hash(
        {**row, "announcedProofId": None, "remindedOf": None}
    )
