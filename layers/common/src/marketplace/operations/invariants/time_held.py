"""Invariants of therapists' time: nobody is in two places, and the day sheets say so."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from marketplace.booking.calendar.model import PROPOSED, Hold
from marketplace.booking.model import BookingStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import (
    END_OF_TIME,
    by_key,
    grouped,
    holds_time,
    mapping,
    read_at,
    rows,
    text,
    whole,
)
from marketplace.platform.dynamodb.lenient_rows import instant

_LONGEST_VISIT: Final = timedelta(hours=12)


def nobody_is_in_two_places(tables: Tables) -> list[Violation]:
    """Check I8: no more live bookings of one therapist overlap, buffers included, than there are beds."""
    found: list[Violation] = []
    now = read_at(tables)
    beds = (
        {text(row, "therapistId"): whole(row, "beds") for row in rows(tables, "therapists")}
        if "therapists" in tables
        else {}
    )
    for therapist_id, bookings in grouped(tables, "bookings", "therapistId").items():
        held = [(hold, booking) for booking in bookings if (hold := hold_of(booking, now)) is not None]
        held.sort(key=lambda pair: (pair[0].starts_at, pair[0].ends_at))
        at_once = max(1, beds.get(therapist_id, 1))
        standing: list[Hold] = []
        for other, _ in held:
            standing = [hold for hold in standing if hold.ends_at > other.starts_at]
            if len(standing) >= at_once:
                found.append(Violation("I8", other.booking_id, f"it overlaps {standing[-1].booking_id}"))
            standing.append(other)
    return found


def day_sheets_name_the_live_bookings(tables: Tables) -> list[Violation]:
    """Check I9: every live booking is held on each of its days, and every hold names a booking that may have it."""
    if "calendar" not in tables:
        return []
    found: list[Violation] = []
    now, bookings = read_at(tables), by_key(tables, "bookings", "bookingId")
    sheets = {(text(row, "therapistId"), text(row, "day")): mapping(row, "holds") for row in rows(tables, "calendar")}
    for booking_id, booking in bookings.items():
        hold = hold_of(booking, now)
        if hold is None:
            continue
        for day in hold.days:
            sheet = sheets.get((text(booking, "therapistId"), day.isoformat()), {})
            complaint = _wrong_hold(sheet.get(booking_id), hold, booking)
            if complaint:
                found.append(Violation("I9", booking_id, f"{complaint} on {day}"))
    for (therapist_id, written_day), holds in sheets.items():
        for booking_id, stored in holds.items():
            named = bookings.get(booking_id.removesuffix(PROPOSED))
            until = instant(stored, "heldUntil")
            is_over_proposal = booking_id.endswith(PROPOSED) and until is not None and now >= until
            complaint = None if is_over_proposal else _unfounded_hold(stored, named, therapist_id, now)
            if complaint:
                found.append(Violation("I9", booking_id, f"{complaint} on {written_day} of {therapist_id}"))
    return found


def open_proposals_hold_both_times(tables: Tables) -> list[Violation]:
    """Check I28: of an open proposal the new time is held beside the old, and a closed one holds nothing more."""
    if "calendar" not in tables:
        return []
    found: list[Violation] = []
    now, bookings = read_at(tables), by_key(tables, "bookings", "bookingId")
    held: dict[str, list[Row]] = {}
    for sheet in rows(tables, "calendar"):
        for key, stored in mapping(sheet, "holds").items():
            if key.endswith(PROPOSED) and isinstance(stored, Mapping):
                held.setdefault(key.removesuffix(PROPOSED), []).append(stored)
    for booking_id, booking in bookings.items():
        proposal, holds = booking.get("proposal"), held.get(booking_id, [])
        proposal = proposal if isinstance(proposal, Mapping) else {}
        expires_at = instant(proposal, "expiresAt")
        is_confirmed = booking.get("status") == BookingStatus.CONFIRMED.value
        if is_confirmed and expires_at is not None and now < expires_at:
            if {instant(stored, "startsAt") for stored in holds} != {instant(proposal, "scheduledTime")}:
                found.append(Violation("I28", booking_id, "the proposed time is not held"))
        elif any((until := instant(stored, "heldUntil")) is None or now < until for stored in holds):
            found.append(Violation("I28", booking_id, "a proposal that is closed still holds its time"))
    return found


CHECKS: Final[Mapping[str, Check]] = {
    "I8": nobody_is_in_two_places,
    "I9": day_sheets_name_the_live_bookings,
    "I28": open_proposals_hold_both_times,
}
"""Every invariant of this module, by its number."""


def hold_of(booking: Row, now: datetime) -> Hold | None:
    """Return the time that a stored booking keeps, if it is live and can be read."""
    if not holds_time(booking, now):
        return None
    is_pending = booking.get("status") == BookingStatus.PENDING.value
    scheduled_at = instant(booking, "scheduledTime")
    starts_at = scheduled_at or instant(booking, "confirmedAt") or instant(booking, "offeredAt")
    latest_start = instant(booking, "responseDeadline") if is_pending and scheduled_at is None else starts_at
    minutes = whole(booking, "duration") + max(0, whole(booking, "bufferMinutes"))
    longest = int(_LONGEST_VISIT.total_seconds() // 60)
    if starts_at is None or latest_start is None or not 0 < minutes <= longest or latest_start > _LAST_START:
        return None
    before = max(0, min(whole(booking, "bufferBeforeMinutes"), longest)) if scheduled_at is not None else 0
    return Hold(
        booking_id=text(booking, "bookingId"),
        starts_at=starts_at - timedelta(minutes=before),
        ends_at=max(starts_at, latest_start) + timedelta(minutes=minutes),
        held_until=instant(booking, "responseDeadline") if is_pending else None,
    )


_LAST_START: Final = END_OF_TIME - _LONGEST_VISIT


def _wrong_hold(stored: Row | None, hold: Hold, booking: Row) -> str | None:
    if stored is None:
        return "its time is not held"
    starts_at, ends_at = instant(stored, "startsAt"), instant(stored, "endsAt")
    if starts_at is None or ends_at is None or starts_at != hold.starts_at:
        return "another time is held"
    if booking.get("status") == BookingStatus.CONFIRMED.value and ends_at != hold.ends_at:
        return "another time is held"
    if booking.get("status") == BookingStatus.CONFIRMED.value and stored.get("heldUntil") is not None:
        return "a confirmed booking is held for a while only"
    return None


def _unfounded_hold(stored: Row, booking: Row | None, therapist_id: str, now: datetime) -> str | None:
    """Return why a hold may not stand; one that counts no more may wait to be tidied away."""
    held_until = instant(stored, "heldUntil")
    is_over = held_until is not None and now >= held_until
    if booking is None:
        return None if is_over else "a hold names no booking"
    if text(booking, "status") not in {BookingStatus.PENDING.value, BookingStatus.CONFIRMED.value}:
        return f"a hold is left of a booking that is {booking.get('status')}"
    if booking.get("therapistId") != therapist_id:
        return "a hold is left with another therapist"
    return None
