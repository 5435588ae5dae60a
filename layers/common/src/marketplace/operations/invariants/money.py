"""Invariants of money: every confirmed booking has its one right commission, and the sums agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from marketplace.booking.model import BookingStatus, Source
from marketplace.catalogue.discount import FundedBy
from marketplace.commission.model import PAYMENT_STEPS, PaidBy, PaymentStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.platform.money import BASIS_POINTS, share_less_discount, share_of

_STANDING: Final = frozenset({BookingStatus.CONFIRMED.value, BookingStatus.COMPLETED.value})
_FALLEN_THROUGH: Final = frozenset({BookingStatus.CANCELLED.value, BookingStatus.NO_SHOW.value})
_REVERSED: Final = PaymentStatus.REVERSED.value
_SOURCES: Final = frozenset(source.value for source in Source)
_STATUSES: Final = frozenset(status.value for status in PaymentStatus)
_WITH_PROOF: Final = frozenset({PaymentStatus.PROOF_SUBMITTED.value, PaymentStatus.PAID.value})
_WITHOUT_PROOF: Final = frozenset({PaidBy.QRIS.value, PaidBy.CREDITS.value})
_COMMISSION_STEP: Final = "commission_"
_ERASED: Final = "commission_erased"
"""Of such an entry nothing but the customer\'s reason has changed."""


def each_confirmed_booking_has_one_commission(tables: Tables) -> list[Violation]:
    """Check I1: a booking was ever confirmed exactly if it has one record, reversed exactly if it was cancelled."""
    found: list[Violation] = []
    records = Counter(_key(record) for record in tables.get("commission_records", ()))
    bookings = _by_key(tables.get("bookings", ()))
    for booking_id, booking in bookings.items():
        if ever_confirmed(booking) and not records[booking_id]:
            found.append(Violation("I1", booking_id, "the confirmed booking has no commission record"))
    found += [
        Violation("I1", booking_id, f"the booking has {number} commission records")
        for booking_id, number in records.items()
        if number > 1
    ]
    for record in tables.get("commission_records", ()):
        complaint = _unfounded(record, bookings.get(_key(record)))
        if complaint:
            found.append(Violation("I1", _key(record), complaint))
    return found


def amounts_follow_from_prices(tables: Tables) -> list[Violation]:
    """Check I2: price and rate are the booking's, and the amount is their product, rounded half up."""
    found: list[Violation] = []
    for booking, record in _pairs(tables):
        price, rate = amount_agreed(booking), _whole(booking, "commissionRateBps")
        if rate is None and "commissionRateBps" not in booking:
            rate = _rate_in(record)
        found += [Violation("I2", _key(record), complaint) for complaint in _wrong_money(booking, record, price, rate)]
    return found


def records_say_what_their_bookings_say(tables: Tables) -> list[Violation]:
    """Check I3: a record names the therapist, source and instant of its booking's confirmation."""
    found: list[Violation] = []
    for booking, record in _pairs(tables):
        therapist = booking.get("confirmedTherapistId") or booking.get("therapistId")
        if record.get("therapistId") != therapist:
            found.append(Violation("I3", _key(record), "the record names another therapist"))
        if record.get("source") != booking.get("source"):
            found.append(Violation("I3", _key(record), "the record names another source"))
        confirmed_at = booking.get("confirmedAt")
        if confirmed_at is not None and _instant(record.get("bookingDate")) != _instant(confirmed_at):
            found.append(Violation("I3", _key(record), "the record has another date"))
    return found


def sums_agree_however_they_are_grouped(tables: Tables) -> list[Violation]:
    """Check I11: every source is one of the six, ``mode`` repeats ``bookingType``, and three sums agree.

    The prices of bookings that stand and the amounts of records that are not reversed are the same by
    source, by therapist and by month. Test bookings are in neither.
    """
    found: list[Violation] = []
    for booking in tables.get("bookings", ()):
        if _word(booking, "source") not in _SOURCES:
            found.append(Violation("I11", _key(booking), "the source is none of the six"))
        if "mode" in booking and booking["mode"] != booking.get("bookingType"):
            found.append(Violation("I11", _key(booking), "the mode differs from the booking's type"))
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
            amounts[str(of_record(record))] += _whole(record, "bookingAmount") or 0
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
        found += [Violation("I19", _key(record), complaint) for complaint in complaints]
    for entry in tables.get("history", ()):
        action = str(entry.get("action", ""))
        if not action.startswith(_COMMISSION_STEP) or action == _ERASED or entry.get("fromStatus") is None:
            continue
        before, after = str(entry["fromStatus"]), str(entry.get("toStatus"))
        if before in _STATUSES and after != before and after not in PAYMENT_STEPS[PaymentStatus(before)]:
            found.append(Violation("I19", str(entry.get("entityId")), f"the payment went from {before} to {after}"))
    return found


def money_is_conserved(tables: Tables) -> list[Violation]:
    """Check I25: all records together, reversed ones included, hold what all ever-confirmed bookings owed.

    What disputes took away is the only thing that is missing.
    """
    records = _by_key(tables.get("commission_records", ()))
    owed = sum(
        _owed_for(booking, records.get(_key(booking), {}))
        for booking in tables.get("bookings", ())
        if ever_confirmed(booking)
    )
    recorded = sum(_whole(record, "commissionAmount") or 0 for record in tables.get("commission_records", ()))
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


def ever_confirmed(booking: Row) -> bool:
    """Say whether a stored booking was accepted at some time, whatever became of it."""
    status = _word(booking, "status")
    return status in _STANDING or (status in _FALLEN_THROUGH and booking.get("confirmedAt") is not None)


def owes(booking: Row) -> bool:
    """Say whether a stored booking that was ever confirmed owes a commission: on its price, or on a fee."""
    return _word(booking, "status") in _STANDING or bool(_whole(booking, "cancellationFee"))


def amount_agreed(booking: Row) -> int | None:
    """Return the amount that a record stands on: the fee, where there is one, else the price, even of one reversed."""
    if _word(booking, "status") in _FALLEN_THROUGH and (fee := _whole(booking, "cancellationFee")):
        return fee
    return _whole(booking, "price")


def share_agreed(booking: Row, basis_points: int) -> int | None:
    """Return the commission that a booking's amount comes to at a rate, less a discount that the marketplace bears."""
    price = amount_agreed(booking)
    list_price, discount = _whole(booking, "listPrice"), _whole(booking, "discount")
    is_fee = _word(booking, "status") in _FALLEN_THROUGH and bool(_whole(booking, "cancellationFee"))
    bears_discount = _word(booking, "discountFundedBy") == FundedBy.PLATFORM.value and not is_fee
    if bears_discount and list_price is not None and discount is not None:
        return share_less_discount(list_price, discount, basis_points)
    return None if price is None else share_of(price, basis_points)


def is_reversed(record: Row) -> bool:
    """Say whether a stored record has been taken back."""
    return record.get("paymentStatus") == _REVERSED


def _unfounded(record: Row, booking: Row | None) -> str | None:
    if booking is None:
        return "the record has no booking"
    if not ever_confirmed(booking):
        return "the record's booking was never confirmed"
    stands = owes(booking)
    if stands and is_reversed(record):
        return "the record is reversed though its booking stands"
    if not stands and not is_reversed(record):
        return "the record is not reversed though its booking was cancelled"
    return None


def _wrong_money(booking: Row, record: Row, price: int | None, rate: int | None) -> Iterator[str]:
    amount = _whole(record, "commissionAmount")
    if price is None or price < 0:
        yield "the booking's price is not a whole amount"
        return
    if rate is None or not 0 <= rate <= BASIS_POINTS:
        yield "the booking's rate is not in basis points"
        return
    if _whole(record, "bookingAmount") != price:
        yield f"the record has another price than {price}"
    if _rate_in(record) != rate or record.get("commissionRateBps", rate) != rate:
        yield f"the record has another rate than {rate} basis points"
    owed, resolved = share_agreed(booking, rate) or 0, _whole(record, "resolvedAmount")
    if resolved is not None and resolved < 0:
        yield f"a dispute made another amount of it than up to {owed}"
    elif amount != (expected := owed if resolved is None else min(owed, resolved)):
        yield f"the amount is not {expected}"


def _owed_for(booking: Row, record: Row) -> int:
    resolved = _whole(record, "resolvedAmount")
    share = share_agreed(booking, _whole(booking, "commissionRateBps") or 0) or 0
    return share if resolved is None else min(share, resolved)


def _rate_in(record: Row) -> int | None:
    """Return the rate that the wire sees, in basis points, if it is a whole number of them."""
    rate = record.get("commissionRate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        return None
    points = rate * BASIS_POINTS
    return round(points) if abs(points - round(points)) < 1e-6 else None  # noqa: PLR2004 - far below one basis point


_STAMPS: Final = {
    PaymentStatus.PROOF_SUBMITTED.value: "proofSubmittedAt",
    PaymentStatus.PAID.value: "paidAt",
    PaymentStatus.OVERDUE.value: "overdueAt",
    PaymentStatus.WAIVED.value: "waivedAt",
    PaymentStatus.REVERSED.value: "reversedAt",
}
"""When each state but the first was entered."""


def _wrong_state(record: Row, audited_at: str, proofs: set[str] | None) -> Iterator[str]:
    status = _word(record, "paymentStatus")
    if status not in _STATUSES:
        yield "the payment status is none of the six"
        return
    stamp = _STAMPS.get(status)
    if stamp and _instant(record.get(stamp)) is None:
        yield f"{stamp} is missing in state {status}"
    deadline, overdue_at = _instant(record.get("paymentDeadline")), _instant(record.get("overdueAt"))
    if status == PaymentStatus.OVERDUE and deadline and overdue_at and overdue_at <= deadline:
        yield "it was called overdue before its deadline"
    last_audit = _instant(audited_at)
    is_late = status == PaymentStatus.PENDING and deadline and last_audit and deadline < last_audit
    if is_late and not record.get("isTest") and record.get("disputedAt") is None:
        yield "it is pending though its deadline had passed when the last audit began"
    proof = _word(record, "proofAttachmentId")
    needs_proof = status in _WITH_PROOF and record.get("paidBy") not in _WITHOUT_PROOF
    if needs_proof and (not proof or (proofs is not None and proof not in proofs)):
        yield f"state {status} needs a proof"


def _pairs(tables: Tables) -> Iterator[tuple[Row, Row]]:
    bookings = _by_key(tables.get("bookings", ()))
    for record in tables.get("commission_records", ()):
        booking = bookings.get(_key(record))
        if booking is not None and ever_confirmed(booking):
            yield booking, record


def _by_key(rows: Any) -> dict[str, Row]:  # noqa: ANN401 - a sequence of rows, or the empty default
    return {_key(row): row for row in rows}


def _real(tables: Tables, table: str) -> list[Row]:
    return [row for row in tables.get(table, ()) if not row.get("isTest")]


def _key(row: Row) -> str:
    return str(row.get("bookingId"))


def _word(row: Row, name: str) -> str:
    """Return a text of a row, an empty one where there is something else."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _whole(row: Row, name: str) -> int | None:
    value = row.get(name)
    return value if type(value) is int else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None
