"""Revenue of a period: bookings accepted in it whose commission is not reversed, summed in every way that is shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import final

from msgspec import Struct

from marketplace.booking.model import BookingStatus, Source
from marketplace.catalogue.place.market_days import day_of, days_between, stretch_of_days
from marketplace.commission.judging import ever_confirmed, is_reversed, judge
from marketplace.commission.states import PaymentStatus
from marketplace.commission.sums import Sums, by_every_source
from marketplace.platform.dynamodb.invariants import Row
from marketplace.platform.dynamodb.lenient_rows import instant_of


@final
class Revenue(Struct, frozen=True, kw_only=True):
    """The sums of a period of market days, both included; money in rupiah."""

    first: date
    last: date
    total: Sums
    by_source: Mapping[Source, Sums]
    by_day: Mapping[date, Sums]
    by_therapist: Mapping[str, Sums]
    therapist_names: Mapping[str, str]
    commission_by_status: Mapping[PaymentStatus, int]
    """Commissions of the period by where the debt stands now, reversed ones included."""
    missing: tuple[str, ...]
    wrong_amount: tuple[str, ...]


def revenue_of(first: date, last: date, bookings: Sequence[Row], records: Sequence[Row]) -> Revenue:
    """Sum up stored bookings and the records of just these; what was not accepted in the period is left out.

    The share of a booking is what its record says, nothing while the record is missing, so that the sums
    are always those of the records. Test bookings count nowhere.
    """
    begins, ends = stretch_of_days(first, last)
    by_booking = {str(record["bookingId"]): record for record in records if record.get("isTest") is not True}
    accepted = [
        (booking, confirmed_at)
        for booking in bookings
        if booking.get("isTest") is not True
        and ever_confirmed(booking)
        and (confirmed_at := instant_of(booking.get("confirmedAt"))) is not None
        and begins <= confirmed_at < ends
    ]
    by_source, by_therapist = defaultdict[str, Sums](Sums), defaultdict[str, Sums](Sums)
    by_day = dict.fromkeys(days_between(first, last), Sums())
    by_status = dict.fromkeys(PaymentStatus, 0)
    names: dict[str, str] = {}
    total = Sums()
    for booking, confirmed_at in accepted:
        record = by_booking.get(str(booking["bookingId"]))
        if record is not None and record.get("paymentStatus") in by_status:
            by_status[PaymentStatus(record["paymentStatus"])] += _rupiah(record.get("commissionAmount"))
        if not _counts(booking, record):
            continue
        sums = Sums(
            bookings=1,
            amount=_rupiah(booking.get("price")),
            commission=_rupiah(record.get("commissionAmount")) if record else 0,
        )
        therapist = str(booking.get("confirmedTherapistId") or booking.get("therapistId"))
        names[therapist] = str((record or booking).get("therapistName") or names.get(therapist, therapist))
        total += sums
        by_source[str(booking.get("source"))] += sums
        by_therapist[therapist] += sums
        by_day[day_of(confirmed_at)] += sums
    findings = judge([booking for booking, _ in accepted], _records_of(accepted, by_booking))
    return Revenue(
        first=first,
        last=last,
        total=total,
        by_source=by_every_source(by_source),
        by_day=by_day,
        by_therapist=by_therapist,
        therapist_names=names,
        commission_by_status=by_status,
        missing=tuple(sorted(findings.missing)),
        wrong_amount=tuple(sorted(findings.wrong_amount)),
    )


def _records_of(accepted: Sequence[tuple[Row, datetime]], by_booking: Mapping[str, Row]) -> list[Row]:
    keys = [str(booking["bookingId"]) for booking, _ in accepted]
    return [by_booking[key] for key in keys if key in by_booking]


def _counts(booking: Row, record: Row | None) -> bool:
    """Say whether a commission stands: by its record, or by its booking while there is none."""
    if record is not None:
        return not is_reversed(record)
    return booking.get("status") not in {BookingStatus.CANCELLED.value, BookingStatus.NO_SHOW.value}


def _rupiah(value: object) -> int:
    return value if type(value) is int else 0
