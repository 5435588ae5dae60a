"""Bookings of the original, and the commissions that they owed, as records of this system."""

import hashlib
import json
from copy import replace
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import (
    Booking,
    BookingEvent,
    BookingStatus,
    BookingType,
    Source,
)
from marketplace.catalogue.place.location import Location
from marketplace.catalogue.therapist.model import DURATIONS, Therapist
from marketplace.commission.model import Commission
from marketplace.commission.states import PaidBy, PaymentStatus
from marketplace.platform import identifiers
from marketplace.platform.caller import SYSTEM, Role
from marketplace.platform.money import BASIS_POINTS
from tools.ops.original.attributes import (
    Document,
    UnfitError,
    amount,
    flag,
    given_text,
    identifier,
    instant,
    line,
    meanings,
    nested,
    number,
    one_of,
    rate,
    whole,
)

UNKNOWN_CUSTOMER: Final = "Customer"
ANSWER_WITHIN: Final = timedelta(minutes=15)
DEFAULT_RATE: Final = 3_000
PLACE_KEPT_FOR: Final = timedelta(days=30)
"""Where a visit was is erased so long after it; of older ones it is not brought in at all."""
_LONGEST_NAME: Final = 255
_LONGEST_ROOM: Final = 50
_LONGEST_ADDRESS: Final = 500
_STATUSES: Final = meanings(
    [
        ("pending waiting requested new", BookingStatus.PENDING),
        ("confirmed accepted active in_progress on_the_way", BookingStatus.CONFIRMED),
        ("declined rejected", BookingStatus.DECLINED),
        ("expired timeout timed_out", BookingStatus.EXPIRED),
        ("cancelled canceled", BookingStatus.CANCELLED),
        ("completed done finished", BookingStatus.COMPLETED),
        ("no_show", BookingStatus.NO_SHOW),
    ]
)
_TYPES: Final = meanings(
    [("immediate book_now now instant", BookingType.IMMEDIATE), ("scheduled schedule", BookingType.SCHEDULED)]
)
_SOURCES: Final = meanings(
    [
        ("booking_button book_now booking_flow button", Source.BOOKING_BUTTON),
        ("chat_window chat", Source.CHAT_WINDOW),
        ("menu_slider menu", Source.MENU_SLIDER),
        ("scheduled schedule", Source.SCHEDULED),
        ("price_slider price", Source.PRICE_SLIDER),
        ("direct api", Source.DIRECT),
    ]
)
_PAYMENTS: Final = meanings(
    [
        ("pending unpaid due", PaymentStatus.PENDING),
        ("proof_submitted submitted awaiting_verification", PaymentStatus.PROOF_SUBMITTED),
        ("paid verified settled approved", PaymentStatus.PAID),
        ("overdue late", PaymentStatus.OVERDUE),
        ("waived", PaymentStatus.WAIVED),
        ("reversed cancelled canceled refunded", PaymentStatus.REVERSED),
    ]
)
_FALLEN_THROUGH: Final = frozenset({BookingStatus.CANCELLED, BookingStatus.NO_SHOW})
_OWING: Final = frozenset({BookingStatus.CONFIRMED, BookingStatus.COMPLETED})


@final
class Owed(Struct, frozen=True, kw_only=True):
    """What the original's record of a commission says."""

    rate: int | None
    amount: int | None
    booked: int | None
    status: PaymentStatus
    confirmed_at: datetime | None
    deadline: datetime | None
    settled_at: datetime | None
    reason: str | None


def owed_in(document: Document) -> Owed:
    """Return what a document of ``commission_records.json`` says.

    Raises:
        UnfitError: it cannot be read.
    """
    status = one_of(given_text(document, "paymentStatus", "status"), _PAYMENTS, "paymentStatus")
    return Owed(
        rate=rate(document, "commissionRate", "rate"),
        amount=amount(document, "commissionAmount", "commission"),
        booked=amount(document, "bookingAmount", "amount", "price"),
        status=status or PaymentStatus.PENDING,
        confirmed_at=instant(document, "bookingDate", "acceptedAt", "$createdAt"),
        deadline=instant(document, "paymentDeadline", "deadline", "dueDate"),
        settled_at=instant(document, "paidAt", "paidDate", "verifiedAt", "waivedAt", "$updatedAt"),
        reason=line(given_text(document, "reason", "notes"), 1_000, "reason", lines=True),
    )


def booking_of(document: Document, therapist: Therapist, owed: Owed | None, now: datetime) -> Booking:
    """Return the booking of a document as it stands here: what is over by now is over.

    Raises:
        UnfitError: something that it cannot do without is missing or makes no sense.
    """
    status = one_of(given_text(document, "status"), _STATUSES, "status")
    if status is None:
        raise UnfitError(why="status is missing")
    created_at = instant(document, "createdAt", "$createdAt")
    if created_at is None or created_at > now:
        raise UnfitError(why="createdAt is missing" if created_at is None else "createdAt lies in the future")
    duration = whole(document, "duration", "serviceDuration", "minutes")
    if duration not in DURATIONS:
        raise UnfitError(why="duration must be 60, 90 or 120 minutes")
    price = amount(document, "price", "totalPrice", "bookingAmount")
    if price is None:
        raise UnfitError(why="price is missing")
    booking_id = booking_id_of(document)
    scheduled_at = instant(document, "scheduledTime", "scheduledAt", "scheduledFor", "bookingTime")
    kind = one_of(given_text(document, "bookingType", "mode"), _TYPES, "bookingType")
    kind = kind or (BookingType.SCHEDULED if scheduled_at else BookingType.IMMEDIATE)
    if kind is BookingType.SCHEDULED and (scheduled_at is None or scheduled_at < created_at):
        raise UnfitError(
            why="scheduledTime is missing" if scheduled_at is None else "scheduledTime is before createdAt"
        )
    scheduled_at = scheduled_at if kind is BookingType.SCHEDULED else None
    whats_app = number(document, "customerWhatsApp", "whatsApp", "userWhatsApp", "customerPhone", "phone")
    if whats_app is None:
        raise UnfitError(why="customerWhatsApp is missing")
    discount = amount(document, "discount", "discountAmount") or 0
    deadline = instant(document, "responseDeadline", "expiresAt") or created_at + ANSWER_WITHIN
    deadline = max(min(deadline, scheduled_at or deadline), created_at)
    room_number = line(given_text(document, "roomNumber", "room"), _LONGEST_ROOM, "roomNumber")
    latitude, longitude, address = _place_of(document)
    booking = Booking(
        booking_id=booking_id,
        therapist_id=therapist.therapist_id,
        therapist_name=therapist.name,
        therapist_type=therapist.therapist_type,
        customer_id="c-" + identifiers.derived("imported customer", whats_app),
        customer_name=line(given_text(document, "customerName", "userName", "name"), _LONGEST_NAME, "customerName")
        or UNKNOWN_CUSTOMER,
        customer_whats_app=whats_app,
        duration=duration,
        list_price=price + discount,
        price=price,
        discount=discount,
        commission_rate_bps=owed.rate if owed and owed.rate is not None else DEFAULT_RATE,
        status=status,
        created_at=created_at,
        updated_at=now,
        response_deadline=deadline,
        booking_type=kind,
        source=_source_of(document, kind),
        chat_room_id=identifiers.room_id(booking_id),
        buffer_minutes=therapist.buffer_minutes,
        time_zone=therapist.time_zone,
        offered_at=created_at,
        scheduled_time=scheduled_at,
        location=Location(address=address, latitude=latitude, longitude=longitude)
        if address or latitude is not None
        else None,
        hotel_villa_name=line(given_text(document, "hotelVillaName", "hotelName"), _LONGEST_NAME, "hotelVillaName"),
        room_number=room_number,
        service_name=line(given_text(document, "serviceName", "service"), _LONGEST_NAME, "serviceName"),
        is_test=False,
        event=BookingEvent.IMPORTED,
        actor_id=SYSTEM.user_id,
        actor_role=Role.SYSTEM,
        request_hash=hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest(),
        imported_at=now,
    )
    stands = _as_it_stands(booking, document, owed, now)
    over_at = stands.planned_end or stands.response_deadline
    if stands.status is not BookingStatus.CONFIRMED and over_at < now - PLACE_KEPT_FOR:
        stands = replace(stands, location=None, room_number=None)
    return stands


def booking_id_of(document: Document) -> str:
    """Return the id of a booking; the original had it as an attribute, as the document's own, or both.

    Raises:
        UnfitError: there is none that can be kept.
    """
    return identifier(document, "bookingId", "$id", "id")


def _agreed(scheduled_at: datetime | None, created_at: datetime) -> datetime:
    if scheduled_at is None:
        raise UnfitError(why="scheduledTime is missing")
    if scheduled_at < created_at:
        raise UnfitError(why="scheduledTime is before createdAt")
    return scheduled_at


def _source_of(document: Document, kind: BookingType) -> Source:
    try:
        named = one_of(given_text(document, "source", "bookingSource"), _SOURCES, "source")
    except UnfitError:
        named = None  # a control that there is no more
    opened = flag(document, "chatWindowOpen")
    return Source.of(named, kind, given_text(document, "serviceId"), chat_window_open=opened)


def _place_of(document: Document) -> tuple[float | None, float | None, str | None]:
    where: Any = nested(document, "location", "address", "customerLocation")
    parts = where if isinstance(where, dict) else document
    address = where if isinstance(where, str) else given_text(parts, "address")
    pair = [
        _degrees(parts, most, *names) for most, *names in ((90, "latitude", "lat"), (180, "longitude", "lng", "lon"))
    ]
    known = all(each is not None for each in pair)
    return (
        pair[0] if known else None,
        pair[1] if known else None,
        line(address, _LONGEST_ADDRESS, "location", lines=True),
    )


def _degrees(parts: Document, most: int, *names: str) -> float | None:
    found = next((parts[name] for name in names if parts.get(name) is not None), None)
    if isinstance(found, bool) or not isinstance(found, int | float) or not -most <= found <= most:
        return None
    return round(float(found), 7)


def _as_it_stands(booking: Booking, document: Document, owed: Owed | None, now: datetime) -> Booking:
    """Return the booking in the state to which time has brought it, with the instants that its state needs."""
    confirmed_at = instant(document, "confirmedAt", "acceptedAt") or (owed.confirmed_at if owed else None)
    last = instant(document, "updatedAt", "$updatedAt") or booking.response_deadline
    last = min(max(last, booking.created_at), now)
    if booking.status is BookingStatus.PENDING:
        if booking.response_deadline > now:
            raise UnfitError(why="it still waits for an answer: import it once it has one, or its deadline has passed")
        return replace(booking, status=BookingStatus.EXPIRED, expired_at=booking.response_deadline)
    if booking.status in _OWING or (booking.status in _FALLEN_THROUGH and confirmed_at is not None):
        booking = _confirmed(booking, confirmed_at or min(last, booking.response_deadline), now)
        if booking.status is BookingStatus.CONFIRMED and booking.ends_at is not None and booking.ends_at <= now:
            booking = replace(booking, status=BookingStatus.COMPLETED)
    return _ended(booking, instant(document, "completedAt"), max(last, booking.confirmed_at or last), now)


def _confirmed(booking: Booking, confirmed_at: datetime, now: datetime) -> Booking:
    at = min(max(confirmed_at, booking.created_at), now, booking.scheduled_time or now)
    return replace(
        booking,
        confirmed_at=at,
        confirmed_therapist_id=booking.therapist_id,
        response_deadline=max(booking.response_deadline, at + timedelta(seconds=1)),
        ends_at=(booking.scheduled_time or at) + timedelta(minutes=booking.duration),
    )


def _ended(booking: Booking, completed_at: datetime | None, ended_at: datetime, now: datetime) -> Booking:
    match booking.status:
        case BookingStatus.CONFIRMED:
            hold = booking.hold()
            return replace(booking, held_days=tuple(day.isoformat() for day in hold.days) if hold else ())
        case BookingStatus.COMPLETED:
            over_at = min(completed_at or booking.ends_at or ended_at, now)
            return replace(booking, completed_at=over_at, completed_by=Role.SYSTEM)
        case BookingStatus.EXPIRED:
            return replace(booking, expired_at=booking.response_deadline)
        case BookingStatus.DECLINED:
            return replace(booking, declined_at=min(ended_at, booking.response_deadline))
        case BookingStatus.CANCELLED:
            return replace(booking, cancelled_at=ended_at, cancelled_by=Role.SYSTEM)
        case _:
            if booking.confirmed_at is None:
                raise UnfitError(why="a visit to which nobody came was confirmed before, and nothing says when")
            return replace(booking, no_show_at=ended_at, no_show_by=Role.CUSTOMER)


def commission_of(booking: Booking, owed: Owed | None, now: datetime, *, due_days: int) -> Commission | None:
    """Return the record of a booking that was ever confirmed: as the original had it, or as it follows from it.

    Raises:
        UnfitError: the original's record contradicts its booking.
    """
    if booking.confirmed_at is None:
        if owed is not None:
            raise UnfitError(why="its booking was never confirmed, so it owes nothing")
        return None
    made = replace(
        Commission.owed_for(booking, due_days=due_days),
        updated_at=now,
        actor_id=SYSTEM.user_id,
        actor_role=Role.SYSTEM,
    )
    if booking.status not in _OWING:
        if owed is not None and owed.status is PaymentStatus.PAID:
            raise UnfitError(why="it was paid though its booking was cancelled: settle it by hand")
        return replace(made, payment_status=PaymentStatus.REVERSED, reversed_at=now, paid_amount=0, credit_given=0)
    if owed is None:
        return _late(made, now)
    check_amounts(made, owed)
    if owed.deadline is not None:
        made = replace(made, payment_deadline=owed.deadline)
    settled_at = min(max(owed.settled_at or made.booking_date, made.booking_date), now)
    match owed.status:
        case PaymentStatus.PAID:
            return replace(made, payment_status=PaymentStatus.PAID, paid_at=settled_at, paid_by=PaidBy.IMPORTED)
        case PaymentStatus.WAIVED:
            return replace(made, payment_status=PaymentStatus.WAIVED, waived_at=settled_at, reason=owed.reason)
        case PaymentStatus.REVERSED:
            raise UnfitError(why="it was reversed though its booking stands")
        case _:
            return _late(made, now)  # a proof stays where it was handed in; it is handed in here again


def _late(commission: Commission, now: datetime) -> Commission:
    if now <= commission.payment_deadline:
        return commission
    return replace(commission, payment_status=PaymentStatus.OVERDUE, overdue_at=now)


def check_amounts(made: Commission, owed: Owed) -> None:
    """Refuse a record that is not its rate of its booking's price, to the rupiah that rounding may cost."""
    if owed.booked is not None and owed.booked != made.booking_amount:
        raise UnfitError(why=f"bookingAmount is {owed.booked}, its booking's price {made.booking_amount}")
    if owed.amount is not None and abs(owed.amount - made.commission_amount) > 1:
        share = made.commission_rate_bps / BASIS_POINTS
        raise UnfitError(why=f"commissionAmount is {owed.amount}, not {share:g} of {made.booking_amount}")
