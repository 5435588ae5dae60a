"""Invariants of how visits end: what each leaves in the books, one offer at a time, no more visits than beds."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from marketplace.booking.fees import outcome
from marketplace.booking.model import Booking, BookingEvent, BookingStatus
from marketplace.catalogue.policy.model import Policy
from marketplace.commission.judging import is_reversed, share_agreed
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.life import OFFERS, audit_logs_of_bookings
from marketplace.operations.invariants.rows import END_OF_TIME, by_key, grouped, rows, text, whole
from marketplace.platform.dynamodb.lenient_rows import instant
from marketplace.platform.dynamodb.records import MalformedRecord, from_record
from marketplace.platform.record import Record

_ENDED_AFTER_YES: Final = frozenset({BookingStatus.CANCELLED.value, BookingStatus.NO_SHOW.value})
_ENDS_OFFER: Final = frozenset(
    event.value
    for event in (
        BookingEvent.CONFIRMED,
        BookingEvent.DECLINED,
        BookingEvent.EXPIRED,
        BookingEvent.CANCELLED,
    )
)
_TAKES_PLACE: Final = frozenset({BookingStatus.CONFIRMED.value, BookingStatus.COMPLETED.value})


def each_end_leaves_its_commission(tables: Tables) -> list[Violation]:
    """Check I27: at its end a visit owes a share of its price, of the fee that its own policy asks, or nothing.

    Fees are judged of the policies that are given; what a dispute changed is the ledger's affair.
    """
    found: list[Violation] = []
    read = [_parsed(Policy, row) for row in rows(tables, "policies")]
    policies = {each.version: each for each in read if each is not None}
    records = by_key(tables, "commission_records", "bookingId")
    for row in rows(tables, "bookings"):
        if row.get("isTest"):
            continue
        record = records.get(text(row, "bookingId"))
        complaint = _wrong_fee(row, policies) or _wrong_share(row, record)
        if complaint:
            found.append(Violation("I27", text(row, "bookingId"), complaint))
    return found


def one_offer_is_open_at_a_time(tables: Tables) -> list[Violation]:
    """Check I29: an offer is made when the one before has ended, but by an admin, and accepted at most once."""
    found: list[Violation] = []
    for booking_id, trail in audit_logs_of_bookings(tables).items():
        is_open, is_taken = False, False
        for entry in trail:
            action, version = text(entry, "action"), whole(entry, "version")
            if action in OFFERS:
                if is_open and action != BookingEvent.REASSIGNED.value and not _had_run_out(entry):
                    found.append(Violation("I29", booking_id, f"version {version} offers it a second time at once"))
                is_open, is_taken = True, False
            elif action == BookingEvent.CONFIRMED.value:
                if is_taken or not is_open:
                    found.append(Violation("I29", booking_id, f"version {version} accepts what nobody was offered"))
                is_open, is_taken = False, True
            elif action in _ENDS_OFFER:
                is_open = False
    return found


def no_more_visits_than_beds(tables: Tables) -> list[Violation]:
    """Check I30: of one therapist or place no more agreed visits, without buffers, take place at once than beds."""
    if "therapists" not in tables:
        return []
    beds = {text(row, "therapistId"): max(1, whole(row, "beds")) for row in rows(tables, "therapists")}
    return [
        Violation("I30", booking_id, f"more visits than beds at {therapist_id}")
        for therapist_id, bookings in grouped(tables, "bookings", "therapistId").items()
        for booking_id in _crowding(bookings, beds.get(therapist_id, 1))
    ]


CHECKS: Final[Mapping[str, Check]] = {
    "I27": each_end_leaves_its_commission,
    "I29": one_offer_is_open_at_a_time,
    "I30": no_more_visits_than_beds,
}
"""Every invariant of this module, by its number."""


def _had_run_out(entry: Row) -> bool:
    """Say whether the offer before had passed its deadline, which nobody had written down yet."""
    before = entry.get("before")
    return isinstance(before, Mapping) and text(before, "responseDeadline") <= text(entry, "at")


def _parsed[T: Record](kind: type[T], row: Row) -> T | None:
    """Return a row that has the form of its kind; of others speaks I23."""
    try:
        return from_record(kind, row)
    except MalformedRecord:
        return None


def _wrong_fee(row: Row, policies: Mapping[int, Policy]) -> str | None:
    policy = policies.get(whole(row, "policyVersion"))
    if policy is None or text(row, "status") not in _ENDED_AFTER_YES or row.get("confirmedAt") is None:
        return None
    booking = _parsed(Booking, row)
    due = None if booking is None else outcome(booking, policy).fee
    if due is None or due == max(0, whole(row, "cancellationFee")):
        return None
    return f"its fee is {row.get('cancellationFee')}, its policy asks {due}"


def _wrong_share(row: Row, record: Row | None) -> str | None:
    if text(row, "status") == BookingStatus.COMPLETED.value and record is None:
        return "it was finished and owes nothing"
    if record is None or record.get("resolvedAt") is not None or row.get("confirmedAt") is None:
        return None
    owed, rate = whole(record, "commissionAmount"), whole(record, "commissionRateBps")
    is_owed = text(row, "status") in _TAKES_PLACE or (
        text(row, "status") in _ENDED_AFTER_YES and whole(row, "cancellationFee") > 0
    )
    if is_owed and (is_reversed(record) or owed != share_agreed(row, rate)):
        return "its commission is not the share of its price or fee"
    if not is_owed and not is_reversed(record):
        return "its commission stands though nothing is owed"
    return None


def _crowding(bookings: list[Row], beds: int) -> Iterator[str]:
    """Yield the visits that begin while as many others as there are beds are going on."""
    lasting: list[datetime] = []
    visits = [(start, row) for row in bookings if (start := _start_of(row)) is not None]
    for start, row in sorted(visits, key=lambda pair: pair[0]):
        lasting = [end for end in lasting if end > start]
        if len(lasting) >= beds:
            yield text(row, "bookingId")
        lasting.append(start + timedelta(minutes=max(1, min(whole(row, "duration"), 24 * 60))))


def _start_of(row: Row) -> datetime | None:
    if text(row, "status") != BookingStatus.CONFIRMED.value:
        return None
    start = instant(row, "scheduledTime") or instant(row, "confirmedAt")
    return None if start is None or start >= END_OF_TIME - timedelta(days=1) else start
