"""The seven checks of health: what must stand beside a stored booking, and what is wrong where it does not.

A check judges rows as they are stored, not as they should be: whatever is missing or of the wrong form is a
finding, never a failure. It names the rows that it wants to see (:class:`Link`) and judges what was found
there, so that reading stays elsewhere. Rules: contract, section 6; design notes of each check are with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from marketplace.booking.model import BookingStatus, BookingType, Source
from marketplace.commission.judging import amount_agreed, ever_confirmed, owes, share_agreed, waits_anew
from marketplace.commission.states import PaymentStatus
from marketplace.operations.health.findings import (
    Check,
    Fault,
    Found,
    Link,
    Row,
    Verdict,
    fault_beside,
    fault_in,
    text_in,
)
from marketplace.platform.dynamodb.lenient_rows import instant
from marketplace.platform.money import BASIS_POINTS

SETTLED_AFTER: Final = timedelta(seconds=60)
"""Younger rows are not judged: what follows them may still be on its way."""

NOTICES_KEPT_FOR: Final = timedelta(days=80)
"""Older offers are not judged: their notifications are about to be forgotten, or are."""
TALK_KEPT_FOR: Final = timedelta(days=50)
"""Older chats are not judged: a message is kept for sixty days at least, and may be gone after that."""
FEWEST_WAITING: Final = 3
"""So many changes that have not arrived may be a queue; fewer are each a broken link."""
LONGEST_LAG: Final = timedelta(minutes=5)
"""A queue that moves and is no longer than this is a busy hour, not a fault."""
_OPENING: Final = ((1, "welcome"), (2, "booking details"), (3, "waiting for the therapist"))
_LIVE: Final = frozenset({BookingStatus.PENDING.value, BookingStatus.CONFIRMED.value})
_SOURCES: Final = frozenset(source.value for source in Source)
_STATUSES: Final = frozenset(status.value for status in BookingStatus)
_PAYMENT_STATUSES: Final = frozenset(status.value for status in PaymentStatus)


# Customer and therapist -------------------------------------------------------------------------------


def _room_link(booking: Row) -> tuple[Link, ...]:
    return (Link(table="chat_rooms", key={"conversationId": text_in(booking, "chatRoomId") or "-"}),)


def _judge_room(booking: Row, links: tuple[Link, ...], found: Found) -> Fault | None:
    """Every booking has its one room, which points back, has both in it, and is open while the booking lives."""
    if not text_in(booking, "chatRoomId"):
        return fault_in(booking, "names no room")
    link, room = links[0], found[0]
    if room is None:
        return fault_beside(booking, link, "has no room")
    for attribute in ("bookingId", "customerId", "therapistId"):
        if not text_in(booking, attribute) or room.get(attribute) != booking[attribute]:
            return fault_beside(booking, link, f"has a room with another {attribute}")
    if text_in(booking, "status") in _LIVE and room.get("status") != "active":
        return fault_beside(booking, link, "is live and its room is not active")
    return None


# Bookings from the chat window ------------------------------------------------------------------------


def _chat_window_links(booking: Row) -> tuple[Link, ...]:
    created = Link(table="history", key=_history_key(booking, text_in(booking, "offeredAt"), 1))
    if booking.get("source") != Source.CHAT_WINDOW.value:
        return (created,)
    room_id = text_in(booking, "chatRoomId") or "-"
    opening = (
        Link(table="chat_messages", key={"conversationId": room_id, "sequence": sequence}) for sequence, _ in _OPENING
    )
    return (created, *opening)


def _judge_chat_window(booking: Row, links: tuple[Link, ...], found: Found) -> Fault | None:
    """Every booking says where it came from, as it did at first; one from the chat window opens its chat."""
    source = booking.get("source")
    if text_in(booking, "source") not in _SOURCES:
        return fault_in(booking, "has no source" if source is None else "has an unknown source")
    made = found[0].get("after") if found[0] else None
    at_first = made.get("source", source) if isinstance(made, Mapping) else source
    if source != at_first and Source.CHAT_WINDOW.value in {source, at_first}:
        return fault_in(booking, "has another source than it was made with")
    if not isinstance(booking.get("chatWindowOpen"), bool):
        return fault_in(booking, "does not say whether its chat window is open")
    for link, message, (sequence, said) in zip(links[1:], found[1:], _OPENING, strict=False):
        if message is None:
            return fault_beside(
                booking, link, f"comes from the chat window and its chat has no message {sequence} ({said})"
            )
    return None


def _talk_is_kept(booking: Row, now: datetime) -> bool:
    created_at = instant(booking, "createdAt")
    return not _is_imported(booking) and (created_at is None or created_at > now - TALK_KEPT_FOR)


def _is_imported(booking: Row) -> bool:
    """Say whether a booking began in another system, which opened its chat and told its parties."""
    return booking.get("importedAt") is not None


# Scheduled and immediate bookings ---------------------------------------------------------------------


def kind_of(booking: Row) -> BookingType:
    """Return what a booking is by two of three signs: its type, its mode, and whether it has an agreed time.

    So a booking with one of them wrong is found among its own kind.
    """
    scheduled = (
        booking.get("bookingType") == BookingType.SCHEDULED.value,
        booking.get("mode") == BookingType.SCHEDULED.value,
        booking.get("scheduledTime") is not None,
    )
    return BookingType.SCHEDULED if sum(scheduled) * 2 > len(scheduled) else BookingType.IMMEDIATE


def _judge_kind(booking: Row, _links: tuple[Link, ...], _found: Found) -> Fault | None:
    """Type and mode agree, the agreed time is there exactly for a scheduled one, and the answer has a deadline."""
    kind = kind_of(booking)
    for attribute in ("bookingType", "mode"):
        if booking.get(attribute) != kind.value:
            return fault_in(booking, f"is {kind.value} and its {attribute} says otherwise")
    if kind is BookingType.SCHEDULED and instant(booking, "scheduledTime") is None:
        return fault_in(booking, "is scheduled and has no readable scheduledTime")
    if kind is BookingType.IMMEDIATE and booking.get("scheduledTime") is not None:
        return fault_in(booking, "is immediate and has a scheduledTime")
    if instant(booking, "responseDeadline") is None:
        return fault_in(booking, "has no readable responseDeadline")
    return None


# What admins see --------------------------------------------------------------------------------------


def _is_settled(booking: Row, now: datetime) -> bool:
    changed_at = instant(booking, "createdAt" if booking.get("version") == 1 else "updatedAt")
    return changed_at is None or changed_at <= now - SETTLED_AFTER


def _history_link(booking: Row) -> tuple[Link, ...]:
    version = booking.get("version")
    return (
        Link(
            table="history",
            key=_history_key(booking, text_in(booking, "updatedAt"), version if isinstance(version, int) else 0),
            search="",
            matches=lambda entry: "#booking#" in str(entry.get("entryId")) and entry.get("version") == version,
        ),
    )


def _judge_history(booking: Row, links: tuple[Link, ...], found: Found) -> Fault | None:
    """The audit log, written from the stream just before admins are told, has the booking's present version."""
    if found[0] is None:
        return fault_beside(booking, links[0], "has not reached the audit log that admins are told from")
    return None


def waiting(missing: Iterable[Row], arrived: Iterable[Row], *, is_moving: bool, now: datetime) -> list[Row]:
    """Return which bookings' changes are on their way and not lost, the oldest first.

    Changes arrive in their order but for a few side by side. So what is newer than all that has ``arrived`` waits; and
    while the queue ``is_moving``, so does everything that is not very late.
    """
    newest = max((at for booking in arrived if (at := instant(booking, "updatedAt"))), default=None)
    queue = [
        (at, booking)
        for booking in missing
        if (at := instant(booking, "updatedAt"))
        and (newest is None or at >= newest or (is_moving and now - at <= LONGEST_LAG))
    ]
    queue.sort(key=lambda pair: pair[0])
    return [booking for _, booking in queue] if len(queue) >= FEWEST_WAITING else []


def judge_lag(check: Check, queue: Sequence[Row], *, is_moving: bool, now: datetime) -> Verdict:
    """Judge changes that are on their way, the oldest first: late is one fault, however many are."""
    oldest = queue[0]
    lag = now - (instant(oldest, "updatedAt") or now)
    if is_moving and lag <= LONGEST_LAG:
        return Verdict(faults=(), lag=lag)
    moves = "" if is_moving else " and stands still"
    seconds = int(lag.total_seconds())
    what = (
        f"and {len(queue) - 1} more wait for the audit log that admins are told from, which is {seconds} s late{moves}"
    )
    return Verdict(faults=(fault_beside(oldest, check.links(oldest)[0], what),), lag=lag)


def _history_key(booking: Row, at: str, version: int) -> Mapping[str, str | int]:
    return {"entityId": text_in(booking, "bookingId"), "entryId": f"{at or '-'}#booking#{version:06d}"}


# Notifications ----------------------------------------------------------------------------------------


def _notice_links(booking: Row) -> tuple[Link, ...]:
    offer = _notice_link(booking, text_in(booking, "therapistId"), text_in(booking, "offeredAt"), 1)
    if booking.get("status") != BookingStatus.CONFIRMED.value:
        return (offer,)
    return offer, _notice_link(booking, text_in(booking, "customerId"), text_in(booking, "confirmedAt"), 2)


def _notice_link(booking: Row, user_id: str, at: str, version: int) -> Link:
    booking_id = text_in(booking, "bookingId")
    beginning = f"n-{at.translate(_NO_PUNCTUATION)}-{booking_id.removeprefix('b-')}-"
    return Link(
        table="notifications",
        key={"userId": user_id or "-", "notificationId": f"{beginning}{version}"},
        search=beginning,
        matches=lambda notice: notice.get("bookingId") == booking_id,
    )


def _notices_are_kept(booking: Row, now: datetime) -> bool:
    offered_at = instant(booking, "offeredAt")
    return not _is_imported(booking) and (offered_at is None or offered_at > now - NOTICES_KEPT_FOR)


def _judge_notices(booking: Row, links: tuple[Link, ...], found: Found) -> Fault | None:
    """The therapist was told of the offer, the customer of its acceptance."""
    for link, notice, whom in zip(links, found, ("therapist of the offer", "customer of the acceptance"), strict=False):
        if notice is None:
            return fault_beside(booking, link, f"has no notification that told the {whom}")
    return None


_NO_PUNCTUATION: Final = str.maketrans("", "", "-:.")


# Payment ----------------------------------------------------------------------------------------------


def _commission_link(booking: Row) -> tuple[Link, ...]:
    return (Link(table="commission_records", key={"bookingId": text_in(booking, "bookingId")}),)


def _judge_commission(booking: Row, links: tuple[Link, ...], found: Found) -> Fault | None:  # noqa: C901, PLR0911 - one return a rule
    """A booking that was confirmed has one right commission, reversed exactly if it was cancelled; others none."""
    link, commission = links[0], found[0]
    status, price = text_in(booking, "status"), booking.get("price")
    if status not in _STATUSES:
        return fault_in(booking, "has an unknown status")
    if not isinstance(price, int) or price < 0:
        return fault_in(booking, "has no readable price")
    if not ever_confirmed(booking):
        return (
            None
            if commission is None or waits_anew(booking, commission)
            else fault_beside(booking, link, "was never confirmed and has a commission")
        )
    if commission is None:
        return fault_beside(booking, link, "was confirmed and has no commission")
    if text_in(commission, "paymentStatus") not in _PAYMENT_STATUSES:
        return fault_beside(booking, link, "has a commission with an unknown paymentStatus")
    is_reversed = commission["paymentStatus"] == PaymentStatus.REVERSED.value
    if is_reversed == owes(booking):
        return fault_beside(booking, link, "and its commission disagree on whether it was cancelled")
    if commission.get("bookingAmount") != amount_agreed(booking):
        return fault_beside(booking, link, "has a commission on another amount than its price")
    if commission.get("commissionAmount") != _owed(booking, commission):
        return fault_beside(booking, link, "has a commission of the wrong amount")
    if (said := _rate_of(commission)) is not None and said != booking.get("commissionRateBps", said):
        return fault_beside(booking, link, "has a commission at another rate than its own")
    if commission.get("source", booking.get("source")) != booking.get("source"):
        return fault_beside(booking, link, "has a commission from another source than its own")
    if commission.get("therapistId") != (booking.get("confirmedTherapistId") or booking.get("therapistId")):
        return fault_beside(booking, link, "has the commission of another therapist")
    return None


def orphaned(commission: Row) -> Fault:
    """Return the fault of a commission whose booking does not exist."""
    return fault_beside(commission, _commission_link(commission)[0], "has a commission and does not exist")


def _owed(booking: Row, commission: Row) -> int | None:
    rate = booking.get("commissionRateBps", commission.get("commissionRateBps"))
    if not isinstance(rate, int):
        rate = _rate_of(commission)
    return share_agreed(booking, rate) if isinstance(rate, int) else None


def _rate_of(commission: Row) -> int | None:
    """Return the rate that a commission says, in basis points; one that is no share is below all of them."""
    share = commission.get("commissionRate")
    if not isinstance(share, int | float):
        return None
    return round(share * BASIS_POINTS) if 0 <= share <= 1 else -1


# The seven --------------------------------------------------------------------------------------------


def _every(_booking: Row, _now: datetime) -> bool:
    return True


def _no_links(_booking: Row) -> tuple[Link, ...]:
    return ()


CHECKS: Final = (
    Check(
        check_id="customer_therapist_connection",
        title="Customers and therapists share a room",
        concerns=_every,
        links=_room_link,
        judge=_judge_room,
    ),
    Check(
        check_id="chat_window_booking",
        title="Bookings from the chat window",
        concerns=_talk_is_kept,
        links=_chat_window_links,
        judge=_judge_chat_window,
    ),
    Check(
        check_id="scheduled_booking",
        title="Scheduled bookings",
        concerns=lambda booking, _: kind_of(booking) is BookingType.SCHEDULED,
        links=_no_links,
        judge=_judge_kind,
    ),
    Check(
        check_id="book_now",
        title="Immediate bookings",
        concerns=lambda booking, _: kind_of(booking) is BookingType.IMMEDIATE,
        links=_no_links,
        judge=_judge_kind,
    ),
    Check(
        check_id="admin_data_flow",
        title="Changes reach the admins",
        concerns=_is_settled,
        links=_history_link,
        judge=_judge_history,
        may_lag=True,
    ),
    Check(
        check_id="notification_delivery",
        title="Offers and acceptances are notified",
        concerns=_notices_are_kept,
        links=_notice_links,
        judge=_judge_notices,
    ),
    Check(
        check_id="payment_tracking",
        title="Commissions of confirmed bookings",
        concerns=_every,
        links=_commission_link,
        judge=_judge_commission,
    ),
)
"""In the order in which they are made and shown."""
