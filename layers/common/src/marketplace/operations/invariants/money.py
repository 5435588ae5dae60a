"""Invariants of money: every confirmed booking has its one right commission, and the sums agree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marketplace.booking.model import BookingStatus, Source
from marketplace.commission.judging import (
    amount_agreed,
    amounts_follow_from_prices,
    by_key,
    each_confirmed_booking_has_one_commission,
    ever_confirmed,
    key_of,
    owes,
    records_say_what_their_bookings_say,
    share_agreed,
    waits_anew,
)
from marketplace.commission.states import PAYMENT_STEPS, PaidBy, PaymentStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.platform.dynamodb.lenient_rows import instant_of, text, whole

_STANDING: Final = frozenset({BookingStatus.CONFIRMED.value, BookingStatus.COMPLETED.value})
_FALLEN_THROUGH: Final = frozenset({BookingStatus.CANCELLED.value, BookingStatus.NO_SHOW.value})
_REVERSED: Final = PaymentStatus.REVERSED.value
_SOURCES: Final = frozenset(source.value for source in Source)
_STATUSES: Final = frozenset(status.value for status in PaymentStatus)
_WITH_PROOF: Final = frozenset({PaymentStatus.PROOF_SUBMITTED.value, PaymentStatus.PAID.value})
_WITHOUT_PROOF: Final = frozenset({PaidBy.QRIS.value, PaidBy.CREDITS.value, PaidBy.IMPORTED.value})
_COMMISSION_STEP: Final = "commission_"
_ERASED: Final = "commission_erased"
"""Of such an entry nothing but the customer\'s reason has changed."""


def sums_agree_however_they_are_grouped(tables: Tables) -> list[Violation]:
    """Check I11: every source is one of the six, ``mode`` repeats ``bookingType``, and three sums agree.

    The prices of bookings that stand and the amounts of records that are not reversed are the same by
    source, by therapist and by month. Test bookings are in neither.
    """
    found: list[Violation] = []
    for booking in tables.get("bookings", ()):
        if text(booking, "source") not in _SOURCES:
            found.append(Violation("I11", key_of(booking), "the source is none of the six"))
        if "mode" in booking and booking["mode"] != booking.get("bookingType"):
            found.append(Violation("I11", key_of(booking), "the mode differs from the booking's type"))
    groups: Mapping[str, tuple[Any, Any]] = {
        "source": (lambda row: row.get("source"), lambda row: row.get("source")),
        "therapist": (
            lambda row: row.get("confirmedTherapistId") or row.get("therapistId"),
            lambda row: row.get("therapistId"),
        ),
        "month": (lambda row: str(row.get("confirmedAt"))[:7], lambda row: str(row.get("bookingDate"))[:7]),
    }
    standing = [row for row in _real(tables, "bookings") if ever_confirmed(row) and owes(row)]
    owed = [row for row in _real(tables, "commission_records") if row.get("paymentStatus") != _REVERSED]
    for name, (of_booking, of_record) in groups.items():
        prices, amounts = defaultdict[str, int](int), defaultdict[str, int](int)
        for booking in standing:
            prices[str(of_booking(booking))] += amount_agreed(booking) or 0
        for record in owed:
            amounts[str(of_record(record))] += whole(record, "bookingAmount") or 0
        found += [
            Violation("I11", f"{name}:{group}", f"bookings sum to {prices[group]}, records to {amounts[group]}")
            for group in sorted(prices.keys() | amounts.keys())
            if prices[group] != amounts[group]
        ]
    return found


def payments_move_along_their_graph(tables: Tables) -> list[Violation]:
    """Check I19: payment states, their steps in the history, their instants and their proofs fit together.

    No record may still be pending whose deadline had passed when the last finished audit began, since
    every audit marks what is overdue.
    """
    found: list[Violation] = []
    audited_at = max(
        (str(run["startedAt"]) for run in tables.get("audit_runs", ()) if run.get("finishedAt")), default=""
    )
    proofs = (
        {str(row.get("attachmentId")) for row in tables["attachments"] if row.get("kind") == "proof"}
        if "attachments" in tables
        else None
    )
    for record in tables.get("commission_records", ()):
        complaints = _wrong_state(record, audited_at, proofs)
        found += [Violation("I19", key_of(record), complaint) for complaint in complaints]
    offered_anew = {key_of(row) for row in tables.get("bookings", ()) if row.get("redispatchedAt") is not None}
    for entry in tables.get("history", ()):
        action = str(entry.get("action", ""))
        if not action.startswith(_COMMISSION_STEP) or action == _ERASED or entry.get("fromStatus") is None:
            continue
        before, after = str(entry["fromStatus"]), str(entry.get("toStatus"))
        is_step = before not in _STATUSES or after == before or after in PAYMENT_STEPS[PaymentStatus(before)]
        begins_anew = before == _REVERSED and str(entry.get("entityId")) in offered_anew
        if not is_step and not begins_anew:
            found.append(Violation("I19", str(entry.get("entityId")), f"the payment went from {before} to {after}"))
    return found


def money_is_conserved(tables: Tables) -> list[Violation]:
    """Check I25: all records together, reversed ones included, hold what all ever-confirmed bookings owed.

    What disputes took away is the only thing that is missing.
    """
    records = by_key(tables.get("commission_records", ()))
    owed = sum(
        _owed_for(booking, records.get(key_of(booking), {}))
        for booking in tables.get("bookings", ())
        if ever_confirmed(booking)
    )
    bookings = by_key(tables.get("bookings", ()))
    recorded = sum(
        whole(record, "commissionAmount") or 0
        for record in tables.get("commission_records", ())
        if not waits_anew(bookings.get(key_of(record), {}), record)
    )
    if owed == recorded:
        return []
    return [Violation("I25", "total", f"bookings owe {owed}, records hold {recorded}")]


CHECKS: Final[Mapping[str, Check]] = {
    "I1": each_confirmed_booking_has_one_commission,
    "I2": amounts_follow_from_prices,
    "I3": records_say_what_their_bookings_say,
    "I11": sums_agree_however_they_are_grouped,
    "I19": payments_move_along_their_graph,
    "I25": money_is_conserved,
}
"""Every invariant of this module, by its number."""


def _owed_for(booking: Row, record: Row) -> int:
    resolved = whole(record, "resolvedAmount")
    share = share_agreed(booking, whole(booking, "commissionRateBps") or 0) or 0
    return share if resolved is None else min(share, resolved)


_STAMPS: Final = {
    PaymentStatus.PROOF_SUBMITTED.value: "proofSubmittedAt",
    PaymentStatus.PAID.value: "paidAt",
    PaymentStatus.OVERDUE.value: "overdueAt",
    PaymentStatus.WAIVED.value: "waivedAt",
    PaymentStatus.REVERSED.value: "reversedAt",
}
"""When each state but the first was entered."""


def _wrong_state(record: Row, audited_at: str, proofs: set[str] | None) -> Iterator[str]:
    status = text(record, "paymentStatus")
    if status not in _STATUSES:
        yield "the payment status is none of the six"
        return
    stamp = _STAMPS.get(status)
    if stamp and instant_of(record.get(stamp)) is None:
        yield f"{stamp} is missing in state {status}"
    deadline, overdue_at = instant_of(record.get("paymentDeadline")), instant_of(record.get("overdueAt"))
    if status == PaymentStatus.OVERDUE and deadline and overdue_at and overdue_at <= deadline:
        yield "it was called overdue before its deadline"
    last_audit = instant_of(audited_at)
    is_late = status == PaymentStatus.PENDING and deadline and last_audit and deadline < last_audit
    if is_late and not record.get("isTest") and record.get("disputedAt") is None:
        yield "it is pending though its deadline had passed when the last audit began"
    proof = text(record, "proofAttachmentId")
    needs_proof = status in _WITH_PROOF and record.get("paidBy") not in _WITHOUT_PROOF
    if needs_proof and (not proof or (proofs is not None and proof not in proofs)):
        yield f"state {status} needs a proof"


def _real(tables: Tables, table: str) -> list[Row]:
    return [row for row in tables.get(table, ()) if not row.get("isTest")]
