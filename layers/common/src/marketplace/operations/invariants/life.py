"""Invariants of a booking's life: its states, its audit log through them, and its deadline."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from marketplace.booking.model import STAYING, TRANSITIONS, BookingEvent, BookingStatus
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.rows import grouped, read_at, rows, text, whole
from marketplace.platform.dynamodb.lenient_rows import instant

ANSWERS: Final = frozenset(
    event.value for event in (BookingEvent.CONFIRMED, BookingEvent.DECLINED, BookingEvent.EXPIRED)
)
OFFERS: Final = frozenset(
    event.value for event in (BookingEvent.CREATED, BookingEvent.REASSIGNED, BookingEvent.REDISPATCHED)
)
PUBLISHED_WITHIN: Final = timedelta(seconds=120)
"""How long the audit log may lag behind a booking."""
PENDING_AT_MOST: Final = timedelta(hours=24)
_STATUSES: Final = frozenset(status.value for status in BookingStatus)
_STAYING: Final = frozenset(event.value for event in STAYING)
_EVENTS: Final = frozenset(event.value for event in BookingEvent)


def lives_follow_the_graph(tables: Tables) -> list[Violation]:
    """Check I4: states are known, and the audit log walks the graph, one step a version, to the present state."""
    found: list[Violation] = []
    audit_logs, now = audit_logs_of_bookings(tables), read_at(tables)
    for booking in rows(tables, "bookings"):
        booking_id = text(booking, "bookingId")
        if text(booking, "status") not in _STATUSES:
            found.append(Violation("I4", booking_id, "the status is none of those there are"))
        if "history" not in tables:
            continue
        audit_log = audit_logs.get(booking_id, [])
        updated_at = instant(booking, "updatedAt")
        is_settled = updated_at is not None and now > updated_at + PUBLISHED_WITHIN
        found += [Violation("I4", booking_id, complaint) for complaint in _wrong_walk(booking, audit_log, is_settled)]
    return found


def offers_get_one_answer(tables: Tables) -> list[Violation]:
    """Check I5: an offer is confirmed, declined or expired at most once, and no booking is two of them."""
    found: list[Violation] = []
    for booking_id, audit_log in audit_logs_of_bookings(tables).items():
        answers = 0
        for entry in audit_log:
            action = text(entry, "action")
            answers = 0 if action in OFFERS else answers + (action in ANSWERS)
            if action in ANSWERS and answers > 1:
                found.append(Violation("I5", booking_id, f"version {whole(entry, 'version')} answers a second time"))
    for booking in rows(tables, "bookings"):
        stamps = [name for name in ("confirmedAt", "declinedAt", "expiredAt") if booking.get(name) is not None]
        if len(stamps) > 1:
            found.append(Violation("I5", text(booking, "bookingId"), f"it has both {stamps[0]} and {stamps[1]}"))
    return found


def deadlines_divide(tables: Tables) -> list[Violation]:
    """Check I6: confirmed strictly before the deadline, expired not before it; no deadline after the visit's start."""
    return [
        Violation("I6", text(booking, "bookingId"), complaint)
        for booking in rows(tables, "bookings")
        for complaint in _wrong_times(booking)
    ]


def nothing_stays_pending(tables: Tables) -> list[Violation]:
    """Check I7: no booking is pending a day after its deadline."""
    now = read_at(tables)
    return [
        Violation("I7", text(booking, "bookingId"), f"it is still pending long after {booking.get('responseDeadline')}")
        for booking in rows(tables, "bookings")
        if booking.get("status") == BookingStatus.PENDING.value
        and (deadline := instant(booking, "responseDeadline")) is not None
        and now > deadline + PENDING_AT_MOST
    ]


CHECKS: Final[Mapping[str, Check]] = {
    "I4": lives_follow_the_graph,
    "I5": offers_get_one_answer,
    "I6": deadlines_divide,
    "I7": nothing_stays_pending,
}
"""Every invariant of this module, by its number."""


def audit_logs_of_bookings(tables: Tables) -> dict[str, list[Row]]:
    """Return the entries of each booking's own steps, in the order of its versions."""
    return {
        booking_id: sorted(
            (entry for entry in entries if text(entry, "action") in _EVENTS), key=lambda entry: whole(entry, "version")
        )
        for booking_id, entries in grouped(tables, "history", "entityId").items()
    }


def _wrong_walk(booking: Row, audit_log: Sequence[Row], is_settled: bool) -> Iterator[str]:  # noqa: FBT001 - a fact
    before: str | None = None
    for expected, entry in enumerate(audit_log, start=1):
        after = text(entry, "toStatus")
        if whole(entry, "version") != expected:
            yield f"the audit log has version {whole(entry, 'version')} in place {expected}"
            return
        if entry.get("fromStatus") != before:
            yield f"version {expected} does not begin where the one before ended"
        allowed = {BookingStatus.PENDING} if before is None else TRANSITIONS.get(BookingStatus(before), frozenset())
        if before is None and text(entry, "action") == BookingEvent.IMPORTED.value:
            allowed = set(BookingStatus)
        stays = after == before and text(entry, "action") in _STAYING
        if after not in allowed and not stays:
            yield f"version {expected} goes from {before} to {after}"
            return
        before = after
    version = whole(booking, "version")
    if len(audit_log) > version or (is_settled and len(audit_log) != version):
        yield f"the audit log has {len(audit_log)} steps, the booking version {version}"
    elif len(audit_log) == version and before != booking.get("status"):
        yield f"the audit log ends as {before}, the booking is {booking.get('status')}"


def _wrong_times(booking: Row) -> Iterator[str]:
    deadline = instant(booking, "responseDeadline")
    if deadline is None:
        yield "it has no deadline"
        return
    expired_at, confirmed_at = instant(booking, "expiredAt"), instant(booking, "confirmedAt")
    if booking.get("status") == BookingStatus.EXPIRED.value and (expired_at is None or expired_at < deadline):
        yield "it expired before its deadline"
    if confirmed_at is not None and confirmed_at >= deadline:
        yield "it was confirmed after its deadline"
    offered_at, start = instant(booking, "offeredAt"), instant(booking, "scheduledTime")
    if offered_at is not None and deadline < offered_at:
        yield "its deadline lies before its offer"
    if start is not None and deadline > start and confirmed_at is None:  # a confirmed visit may have moved since
        yield "its deadline lies after its start"
