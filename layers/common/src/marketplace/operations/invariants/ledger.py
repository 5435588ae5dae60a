"""Invariants of the ledger: it balances, and agrees with what bookings, records and payments alone give."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from marketplace.commission.ledger.model import BESIDE_RECORDS, Account
from marketplace.commission.states import PaymentStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import rows, text, whole

_ACCOUNTS: Final = frozenset(account.value for account in Account)
_SETTLED: Final = frozenset({PaymentStatus.PAID.value, PaymentStatus.WAIVED.value, PaymentStatus.REVERSED.value})
_LEFT_OF_REVERSED: Final = frozenset({Account.CLEARING.value, Account.CREDITS.value})
"""Where money that was paid for a visit stands after it was called off."""
_CREDITS: Final = "credits#"

type Balances = Mapping[str, int]


def the_ledger_balances_and_agrees(tables: Tables) -> list[Violation]:
    """Check I26: every posting balances, and the accounts stand where records and payments say, by themselves.

    A booking's receivable is what its record leaves to be paid, its clearing what was paid for it, and its revenue the
    negative of the commission that stands; a therapist's credits are what they can use. Where a booking was offered
    anew after its therapist fell away, the record is that of its last acceptance, and of the postings before nothing
    is left but money that became a credit.
    """
    if "ledger_entries" not in tables:
        return []
    found: list[Violation] = []
    by_booking = defaultdict[str, dict[str, int]](lambda: dict.fromkeys(_ACCOUNTS, 0))
    formerly = defaultdict[str, dict[str, int]](lambda: dict.fromkeys(_ACCOUNTS, 0))
    by_therapist = defaultdict[str, int](int)
    records = {text(record, "bookingId"): record for record in rows(tables, "commission_records")}
    for entry in rows(tables, "ledger_entries"):
        changes = list(_changes(entry))
        is_known = all(account in _ACCOUNTS for account, _ in changes)
        if not changes or not is_known or sum(change for _, change in changes) != 0:
            found.append(Violation("I26", text(entry, "entryId"), "the posting does not balance"))
            continue
        for account, change in changes:
            by_therapist[text(entry, "therapistId")] -= change if account == Account.CREDITS.value else 0
            if entry.get("reason") not in BESIDE_RECORDS:
                booking_id = text(entry, "bookingId")
                sums = formerly if _is_of_before(entry, records.get(booking_id)) else by_booking
                sums[booking_id][account] += change
    found += [
        Violation("I26", booking_id, f"{account} still stands at {sums[account]} of a former acceptance")
        for booking_id, sums in formerly.items()
        for account in sorted(_ACCOUNTS - _LEFT_OF_REVERSED)
        if sums[account]
    ]
    for booking_id in records.keys() | by_booking.keys():
        record = records.get(booking_id)
        if record is not None and record.get("isTest") is True:
            continue
        expected = _expected(record) if record is not None else {}
        found += [
            Violation("I26", booking_id, f"{account} stands at {by_booking[booking_id][account]}, not at {amount}")
            for account, amount in expected.items()
            if by_booking[booking_id][account] != amount
        ]
    if "claims" in tables:
        usable = {
            text(claim, "claimKey").removeprefix(_CREDITS): _usable(claim)
            for claim in rows(tables, "claims")
            if text(claim, "claimKey").startswith(_CREDITS)
        }
        found += [
            Violation("I26", therapist, f"{usable.get(therapist, 0)} can be used, {by_therapist[therapist]} was given")
            for therapist in sorted(usable.keys() | by_therapist.keys())
            if usable.get(therapist, 0) != by_therapist[therapist]
        ]
    return found


def _is_of_before(entry: Row, record: Row | None) -> bool:
    """Say whether a posting is of an acceptance before the one that a booking's record stands for.

    At the instant of that acceptance only whose posting it is tells them apart: another therapist's is of before.
    """
    if record is None:
        return False
    at, accepted_at = text(entry, "at"), text(record, "bookingDate")
    return at < accepted_at or (at == accepted_at and text(entry, "therapistId") != text(record, "therapistId"))


def _usable(claim: Row) -> int:
    """Return what a therapist can use; it is negative where what was taken back had been used."""
    available = claim.get("available")
    return available if type(available) is int else 0


def _expected(record: Row) -> Balances:
    """Return where the accounts of a booking must stand by its record's amounts and state alone."""
    status, amount = text(record, "paymentStatus"), max(0, whole(record, "commissionAmount"))
    used = max(0, whole(record, "creditUsed"))
    is_paid = record.get("paidAt") is not None
    paid = record["paidAmount"] if type(record.get("paidAmount")) is int else amount if is_paid else 0
    receivable = 0 if status in _SETTLED else amount - used
    match status:
        case PaymentStatus.REVERSED.value:
            revenue = 0
        case PaymentStatus.WAIVED.value:
            revenue = -min(amount, used + paid)
        case _:
            revenue = -amount
    if status not in _SETTLED and receivable < 0:
        receivable = 0
    funded = 0 if status == PaymentStatus.REVERSED.value else max(0, whole(record, "discountFunded"))
    return {
        Account.RECEIVABLE.value: receivable,
        Account.CLEARING.value: paid,
        Account.DISCOUNTS.value: funded,
        Account.REVENUE.value: revenue - funded,
        Account.CREDITS.value: -(receivable + paid + revenue),
    }


def _changes(entry: Row) -> Iterator[tuple[str, int]]:
    lines = entry.get("lines")
    for line in lines if isinstance(lines, list | tuple) else ():
        if not isinstance(line, Mapping):
            yield "", 1
            continue
        debit, credit = line.get("debit"), line.get("credit")
        if type(debit) is not int or type(credit) is not int or debit < 0 or credit < 0:
            yield "", 1
        else:
            yield str(line.get("account")), debit - credit


CHECKS: Final[Mapping[str, Check]] = {"I26": the_ledger_balances_and_agrees}
"""Every invariant of this module, by its number."""
