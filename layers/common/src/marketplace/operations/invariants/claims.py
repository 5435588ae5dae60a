"""Invariants of what may exist only once or so often: requests, open bookings of a number, uses of codes."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from marketplace.booking.model import BookingStatus
from marketplace.commission.judging import ever_confirmed
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import awaits_answer, by_key, mapping, names, read_at, rows, text, whole
from marketplace.platform.dynamodb.lenient_rows import instant

_HASH: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_OPEN: Final = "customer#"
_USE: Final = "discount#"


def requests_are_known_by_their_hash(tables: Tables) -> list[Violation]:
    """Check I17: an id stands for one booking, and the booking keeps the hash of the request that made it."""
    found = [
        Violation("I17", booking_id, f"{times} bookings have the same id")
        for booking_id, times in Counter(text(booking, "bookingId") for booking in rows(tables, "bookings")).items()
        if times > 1
    ]
    found += [
        Violation("I17", text(row, key), "the hash of its request is missing")
        for table, key in (("bookings", "bookingId"), ("attachments", "attachmentId"))
        for row in rows(tables, table)
        if not _HASH.fullmatch(text(row, "requestHash"))
    ]
    return found


def nobody_asks_the_same_therapist_twice(tables: Tables) -> list[Violation]:
    """Check I18: one pending booking of a number with a therapist, and the number's claims name what is pending."""
    found: list[Violation] = []
    now, bookings = read_at(tables), by_key(tables, "bookings", "bookingId")
    pending = {booking_id: booking for booking_id, booking in bookings.items() if awaits_answer(booking, now)}
    pairs = defaultdict[tuple[str, str], list[str]](list)
    for booking_id, booking in pending.items():
        pairs[text(booking, "customerWhatsApp"), text(booking, "therapistId")].append(booking_id)
    found += [
        Violation("I18", ids[1], f"the same number asks the same therapist in {ids[0]}")
        for ids in pairs.values()
        if len(ids) > 1
    ]
    if "claims" not in tables:
        return found
    claimed: dict[str, Row] = {}
    for claim in rows(tables, "claims"):
        if text(claim, "claimKey").startswith(_OPEN):
            claimed |= mapping(claim, "requests")
    found += [
        Violation("I18", booking_id, "it is pending and not among its number's open requests")
        for booking_id in sorted(pending.keys() - claimed.keys())
    ]
    for booking_id, request in claimed.items():
        held_until = instant(request, "heldUntil")
        status = bookings.get(booking_id, {}).get("status")
        if status != BookingStatus.PENDING.value and (held_until is None or now < held_until):
            found.append(Violation("I18", booking_id, f"it is {status} and still among its number's open requests"))
    return found


def codes_are_used_as_often_as_allowed(tables: Tables) -> list[Violation]:
    """Check I20: a use belongs to one booking that may have it, and the counters count the uses."""
    if "claims" not in tables:
        return []
    found: list[Violation] = []
    bookings, codes = by_key(tables, "bookings", "bookingId"), by_key(tables, "discount_codes", "discountCode")
    uses, counters = defaultdict[str, set[str]](set), dict[tuple[str, str], int]()
    for claim in rows(tables, "claims"):
        if text(claim, "claimKey").startswith(_USE):
            code, claim_id = text(claim, "claimKey").removeprefix(_USE), text(claim, "claimId")
            if "used" in claim:
                counters[code, claim_id] = whole(claim, "used")
            else:
                uses[code].add(claim_id)
    for booking_id, booking in bookings.items():
        code = text(booking, "discountCode")
        expected = bool(code) and (booking.get("status") == BookingStatus.PENDING.value or ever_confirmed(booking))
        if code and (booking_id in uses[code]) != expected:
            found.append(Violation("I20", booking_id, "its use of a code is missing" if expected else "it keeps a use"))
    for code, used_by in uses.items():
        found += [
            Violation("I20", booking_id, f"a use of {code} names no booking of that code")
            for booking_id in sorted(used_by)
            if bookings.get(booking_id, {}).get("discountCode") != code
        ]
        found += _wrong_counts(
            code, codes.get(code, {}), [bookings[each] for each in used_by if each in bookings], counters
        )
    return found


CHECKS: Final[Mapping[str, Check]] = {
    "I17": requests_are_known_by_their_hash,
    "I18": nobody_asks_the_same_therapist_twice,
    "I20": codes_are_used_as_often_as_allowed,
}
"""Every invariant of this module, by its number."""


def _wrong_counts(
    code: str, stored: Row, used_by: list[Row], counters: Mapping[tuple[str, str], int]
) -> list[Violation]:
    found: list[Violation] = []
    counted = sum("total" in names(booking, "discountCounters") for booking in used_by)
    most = stored.get("maxUses")
    if isinstance(most, int) and len(used_by) > most:
        found.append(Violation("I20", code, f"{len(used_by)} uses of a code that has {most}"))
    if isinstance(most, int) and whole(stored, "used") != counted:
        found.append(Violation("I20", code, f"the code counts {stored.get('used')} uses of {counted}"))
    numbers = Counter(
        text(booking, "customerWhatsApp") for booking in used_by if "customer" in names(booking, "discountCounters")
    )
    for (counted_code, number), count in counters.items():
        if counted_code == code and count != numbers.get(number, 0):
            found.append(Violation("I20", code, f"a number's counter says {count} uses of {numbers.get(number, 0)}"))
    return found
