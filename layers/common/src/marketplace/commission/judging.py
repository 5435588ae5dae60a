"""The one judge of commissions: what a stored record must be by its stored booking, and what is wrong where it is not.

The audits, the invariants and the revenue ask it alike. It takes rows of any form: what it cannot read it reports.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import BookingStatus
from marketplace.catalogue.discount.model import FundedBy
from marketplace.commission.states import PaymentStatus
from marketplace.platform.dynamodb.invariants import Row, Tables, Violation
from marketplace.platform.dynamodb.lenient_rows import instant, instant_of, text, whole
from marketplace.platform.money import BASIS_POINTS, share_less_discount, share_of

_STANDING: Final = frozenset({BookingStatus.CONFIRMED.value, BookingStatus.COMPLETED.value})
_FALLEN_THROUGH: Final = frozenset({BookingStatus.CANCELLED.value, BookingStatus.NO_SHOW.value})
_REVERSED: Final = PaymentStatus.REVERSED.value


@final
class Findings(Struct, frozen=True, kw_only=True):
    """Booking ids by what is wrong with their commission."""

    missing: frozenset[str] = frozenset()
    wrong_amount: frozenset[str] = frozenset()
    """Amount, rate, price, therapist, source, date, or a reversal that must not be."""
    orphaned: frozenset[str] = frozenset()
    """Records without a booking that owes them."""

    @property
    def keys(self) -> frozenset[str]:
        """Every booking that is named."""
        return self.missing | self.wrong_amount | self.orphaned

    def __or__(self, other: "Findings") -> "Findings":
        """Return both together."""
        return Findings(
            missing=self.missing | other.missing,
            wrong_amount=self.wrong_amount | other.wrong_amount,
            orphaned=self.orphaned | other.orphaned,
        )


def judge(bookings: Sequence[Row], records: Sequence[Row]) -> Findings:
    """Return what is wrong between bookings and the records of just these bookings; test bookings never count."""
    tests = {str(row.get("bookingId")) for row in (*bookings, *records) if row.get("isTest") is True}
    tables: Tables = {
        "bookings": [row for row in bookings if str(row.get("bookingId")) not in tests],
        "commission_records": [row for row in records if str(row.get("bookingId")) not in tests],
    }
    broken = {
        violation.key
        for check in (
            each_confirmed_booking_has_one_commission,
            amounts_follow_from_prices,
            records_say_what_their_bookings_say,
        )
        for violation in check(tables)
    }
    recorded = {str(row.get("bookingId")) for row in tables["commission_records"]}
    owing = {str(row.get("bookingId")) for row in tables["bookings"] if ever_confirmed(row) and owes(row)}
    return Findings(
        missing=frozenset(broken - recorded),
        wrong_amount=frozenset(broken & recorded & owing),
        orphaned=frozenset((broken & recorded) - owing),
    )


def each_confirmed_booking_has_one_commission(tables: Tables) -> list[Violation]:
    """Check I1: a booking was ever confirmed exactly if it has one record, reversed exactly if it was cancelled."""
    found: list[Violation] = []
    records = Counter(key_of(record) for record in tables.get("commission_records", ()))
    bookings = by_key(tables.get("bookings", ()))
    for booking_id, booking in bookings.items():
        if ever_confirmed(booking) and not records[booking_id]:
            found.append(Violation("I1", booking_id, "the confirmed booking has no commission record"))
    found += [
        Violation("I1", booking_id, f"the booking has {number} commission records")
        for booking_id, number in records.items()
        if number > 1
    ]
    for record in tables.get("commission_records", ()):
        complaint = _unfounded(record, bookings.get(key_of(record)))
        if complaint:
            found.append(Violation("I1", key_of(record), complaint))
    return found


def amounts_follow_from_prices(tables: Tables) -> list[Violation]:
    """Check I2: price and rate are the booking's, and the amount is their product, rounded half up."""
    found: list[Violation] = []
    for booking, record in _pairs(tables):
        price, rate = amount_agreed(booking), whole(booking, "commissionRateBps")
        if rate is None and "commissionRateBps" not in booking:
            rate = _rate_in(record)
        found += [
            Violation("I2", key_of(record), complaint) for complaint in _wrong_money(booking, record, price, rate)
        ]
    return found


def records_say_what_their_bookings_say(tables: Tables) -> list[Violation]:
    """Check I3: a record names the therapist, source and instant of its booking's confirmation."""
    found: list[Violation] = []
    for booking, record in _pairs(tables):
        therapist = booking.get("confirmedTherapistId") or booking.get("therapistId")
        if record.get("therapistId") != therapist:
            found.append(Violation("I3", key_of(record), "the record names another therapist"))
        if record.get("source") != booking.get("source"):
            found.append(Violation("I3", key_of(record), "the record names another source"))
        confirmed_at = booking.get("confirmedAt")
        if confirmed_at is not None and instant(record, "bookingDate") != instant_of(confirmed_at):
            found.append(Violation("I3", key_of(record), "the record has another date"))
    return found


def ever_confirmed(booking: Row) -> bool:
    """Say whether a stored booking was accepted at some time, whatever became of it."""
    status = text(booking, "status")
    return status in _STANDING or (status in _FALLEN_THROUGH and booking.get("confirmedAt") is not None)


def waits_anew(booking: Row, record: Row) -> bool:
    """Say whether a record is of a therapist who fell away, and its booking waits for another one's answer."""
    return booking.get("redispatchedAt") is not None and is_reversed(record) and not ever_confirmed(booking)


def owes(booking: Row) -> bool:
    """Say whether a stored booking that was ever confirmed owes a commission: on its price, or on a fee."""
    return text(booking, "status") in _STANDING or bool(whole(booking, "cancellationFee"))


def amount_agreed(booking: Row) -> int | None:
    """Return the amount that a record stands on: the fee, where there is one, else the price, even of one reversed."""
    if text(booking, "status") in _FALLEN_THROUGH and (fee := whole(booking, "cancellationFee")):
        return fee
    return whole(booking, "price")


def share_agreed(booking: Row, basis_points: int) -> int | None:
    """Return the commission that a booking's amount comes to at a rate, less a discount that the marketplace bears."""
    price = amount_agreed(booking)
    list_price, discount = whole(booking, "listPrice"), whole(booking, "discount")
    is_fee = text(booking, "status") in _FALLEN_THROUGH and bool(whole(booking, "cancellationFee"))
    bears_discount = text(booking, "discountFundedBy") == FundedBy.PLATFORM.value and not is_fee
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
        return None if waits_anew(booking, record) else "the record's booking was never confirmed"
    stands = owes(booking)
    if stands and is_reversed(record):
        return "the record is reversed though its booking stands"
    if not stands and not is_reversed(record):
        return "the record is not reversed though its booking was cancelled"
    return None


def _wrong_money(booking: Row, record: Row, price: int | None, rate: int | None) -> Iterator[str]:
    amount = whole(record, "commissionAmount")
    if price is None or price < 0:
        yield "the booking's price is not a whole amount"
        return
    if rate is None or not 0 <= rate <= BASIS_POINTS:
        yield "the booking's rate is not in basis points"
        return
    if whole(record, "bookingAmount") != price:
        yield f"the record has another price than {price}"
    if _rate_in(record) != rate or record.get("commissionRateBps", rate) != rate:
        yield f"the record has another rate than {rate} basis points"
    owed, resolved = share_agreed(booking, rate) or 0, whole(record, "resolvedAmount")
    if resolved is not None and resolved < 0:
        yield f"a dispute made another amount of it than up to {owed}"
    elif amount != (expected := owed if resolved is None else min(owed, resolved)):
        yield f"the amount is not {expected}"


def _rate_in(record: Row) -> int | None:
    """Return the rate that the wire sees, in basis points, if it is a whole number of them."""
    rate = record.get("commissionRate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        return None
    points = rate * BASIS_POINTS
    return round(points) if abs(points - round(points)) < 1e-6 else None  # noqa: PLR2004 - far below one basis point


def _pairs(tables: Tables) -> Iterator[tuple[Row, Row]]:
    bookings = by_key(tables.get("bookings", ()))
    for record in tables.get("commission_records", ()):
        booking = bookings.get(key_of(record))
        if booking is not None and ever_confirmed(booking):
            yield booking, record


def by_key(rows: Any) -> dict[str, Row]:  # noqa: ANN401 - a sequence of rows, or the empty default
    """Return rows by the id of their booking."""
    return {key_of(row): row for row in rows}


def key_of(row: Row) -> str:
    """Return the id of the booking that a row is about."""
    return str(row.get("bookingId"))
