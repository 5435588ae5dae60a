"""Invariants of messages to people who are not looking: offers are made known while they stand, and never after."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from marketplace.booking.model.booking import STAND_IN_PREFIX
from marketplace.notification.delivery import DeliveryStatus, Subject
from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.life import PUBLISHED_WITHIN
from marketplace.operations.invariants.rows import by_key, read_at, rows, text
from marketplace.platform.dynamodb.lenient_rows import instant, instant_of
from marketplace.services.notification.reach_planning import LADDER

SENDING_TAKES: Final = timedelta(seconds=30)
"""From the last look at an offer to the note that it was sent: a provider may take its time between."""
_KEPT_AT_LEAST: Final = timedelta(days=29)
_STEPS: Final = frozenset(channel.value for channel, _ in LADDER)
_OUTCOMES: Final = frozenset(status.value for status in DeliveryStatus) - {DeliveryStatus.QUEUED.value}
_ENDS: Final = ("responseDeadline", "confirmedAt", "declinedAt", "expiredAt", "cancelledAt")


def offers_are_made_known_while_they_stand(tables: Tables) -> list[Violation]:
    """Check I33: offers have deliveries that fit their life, none sent after its end, and each has one outcome."""
    if "deliveries" not in tables:
        return []
    now, bookings = read_at(tables), by_key(tables, "bookings", "bookingId")
    found: list[Violation] = []
    told = defaultdict[tuple[str, str], set[str]](set)
    for delivery in rows(tables, "deliveries"):
        found += _wrong_outcome(delivery)
        if text(delivery, "event") == Subject.OFFER.value:
            offered_at = _offered_at(delivery)
            told[text(delivery, "bookingId"), offered_at].add(text(delivery, "channel"))
            booking = bookings.get(text(delivery, "bookingId"))
            if booking is not None and text(booking, "offeredAt") == offered_at:
                found += _sent_too_late(delivery, booking)
    for booking_id, booking in bookings.items():
        if _must_be_known(booking, now) and not told[booking_id, text(booking, "offeredAt")] >= _STEPS:
            found.append(Violation("I33", booking_id, "its offer has no deliveries, or not one for each step"))
    return found


def _wrong_outcome(delivery: Row) -> list[Violation]:
    status, is_due = text(delivery, "status"), delivery.get("dueShard") is not None
    if (status in _OUTCOMES and not is_due) or (status == DeliveryStatus.QUEUED.value and is_due):
        return []
    return [Violation("I33", text(delivery, "deliveryId"), f"it is {status} and due, or neither")]


def _sent_too_late(delivery: Row, booking: Row) -> list[Violation]:
    if text(delivery, "status") != DeliveryStatus.SENT.value:
        return []
    sent_at = instant(delivery, "updatedAt")
    ends = [end for name in _ENDS if (end := instant(booking, name)) is not None]
    if sent_at is None or not ends or sent_at <= min(ends) + SENDING_TAKES:
        return []
    return [Violation("I33", text(delivery, "deliveryId"), "it was sent after the end of its offer")]


def _must_be_known(booking: Row, now: datetime) -> bool:
    """Say whether a booking's offer must have deliveries: one of this release, no test, not imported, not forgotten.

    What its therapist has confirmed at once was never an offer: it is confirmed at the instant at which it was made.
    """
    offered_at = instant(booking, "offeredAt")
    return (
        offered_at is not None
        and PUBLISHED_WITHIN < now - offered_at < _KEPT_AT_LEAST
        and instant(booking, "confirmedAt") != offered_at
        and "customerLanguage" in booking
        and not booking.get("isTest")
        and booking.get("importedAt") is None
        and not text(booking, "customerWhatsApp").startswith(STAND_IN_PREFIX)
    )


def _offered_at(delivery: Row) -> str:
    parameters = delivery.get("parameters")
    offered_at = parameters.get("offeredAt") if isinstance(parameters, Mapping) else None
    return str(offered_at) if instant_of(offered_at) is not None else ""


CHECKS: Final[Mapping[str, Check]] = {"I33": offers_are_made_known_while_they_stand}
