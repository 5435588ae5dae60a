"""Revenue and statements are sums of the records, however they are cut."""

from collections.abc import Sequence
from copy import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.model import Booking, Source, visits
from marketplace.booking.repository import booking_record
from marketplace.catalogue.place.market_days import day_of, stretch_of_days, stretch_of_month
from marketplace.commission.ledger.model import PostingReason, postings_of
from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_record
from marketplace.commission.revenue.model import Revenue, revenue_of
from marketplace.commission.statement import Statement, statement_of
from marketplace.commission.states import PaymentStatus
from marketplace.commission.sums import Sums
from tests.money_rows import ADMIN, AYU, NOON, confirmed_booking, owed, pending_booking

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def revenue(*pairs: tuple[Booking, Commission | None]) -> Revenue:
    return revenue_of(
        FIRST,
        LAST,
        [booking_record(booking) for booking, _ in pairs],
        [commission_record(record) for _, record in pairs if record is not None],
    )


def paired(booking: Booking) -> tuple[Booking, Commission]:
    return booking, owed(booking)


@st.composite
def ledgers(draw: st.DrawFn) -> list[tuple[Booking, Commission | None]]:
    """Draw bookings of the months around November with their records, some cancelled, some lost, some tests."""
    pairs: list[tuple[Booking, Commission | None]] = []
    for number in range(draw(st.integers(0, 12))):
        at = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 45 * 24 * 60)))
        booking = confirmed_booking(
            f"b-{number}",
            at=at,
            price=draw(st.integers(0, 10**7)),
            source=draw(st.sampled_from(list(Source))),
            therapist_id=draw(st.sampled_from(["t-ayu", "t-budi"])),
            is_test=draw(st.booleans()) and draw(st.booleans()),
        )
        record: Commission | None = owed(booking)
        fate = draw(st.sampled_from(["stands", "cancelled", "lost", "paid", "waived"]))
        later = at + timedelta(days=draw(st.integers(0, 20)))
        if fate == "cancelled":
            booking = visits.cancel(booking, by=ADMIN, now=later)
            record = owed(booking).reverse(by=ADMIN, now=later, reason=None)
        elif fate == "lost":
            record = None
        elif fate == "paid":
            record = owed(booking).submit_proof(attachment_id="a-1", by=AYU, now=later).approve(by=ADMIN, now=later)
        elif fate == "waived":
            record = owed(booking).waive(by=ADMIN, now=later, reason="goodwill", confirmed=True)
        pairs.append((booking, record))
    return pairs


@given(ledgers())
def test_revenue_is_the_sum_of_the_records_however_it_is_cut(pairs: list[tuple[Booking, Commission | None]]) -> None:
    found = revenue(*pairs)
    counted = [
        (booking, record)
        for booking, record in pairs
        if not booking.is_test
        and booking.confirmed_at is not None
        and FIRST <= day_of(booking.confirmed_at) <= LAST
        and (record is None or record.payment_status is not PaymentStatus.REVERSED)
    ]

    assert found.total == Sums(
        bookings=len(counted),
        amount=sum(booking.price for booking, _ in counted),
        commission=sum(record.commission_amount for _, record in counted if record),
    )
    for cut in (found.by_source, found.by_day, found.by_therapist):
        assert sum(cut.values(), Sums()) == found.total
    assert set(found.by_source) == set(Source)
    assert set(found.missing) == {booking.booking_id for booking, record in counted if record is None}
    assert found.wrong_amount == ()


def statement(month: str, records: Sequence[Commission]) -> Statement:
    postings = sorted(
        (posting for record in records for posting in postings_of(record)), key=lambda each: each.entry_id
    )
    return statement_of("t-ayu", month, records, postings)


def test_a_day_is_jakartas() -> None:
    before = confirmed_booking("b-before", at=datetime(2026, 10, 31, 16, 59, tzinfo=UTC))
    first = confirmed_booking("b-first", at=datetime(2026, 10, 31, 17, 0, tzinfo=UTC))
    last = confirmed_booking("b-last", at=datetime(2026, 11, 30, 16, 59, tzinfo=UTC))
    after = confirmed_booking("b-after", at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))

    found = revenue(paired(before), paired(first), paired(last), paired(after))

    assert found.total.bookings == 2
    assert found.by_day[FIRST].bookings == found.by_day[LAST].bookings == 1
    assert len(found.by_day) == 30


def test_what_is_wrong_is_named() -> None:
    wrong = confirmed_booking("b-wrong")
    found = revenue(
        (confirmed_booking("b-lost"), None),
        (wrong, replace(owed(wrong), commission_amount=1)),
        paired(confirmed_booking("b-right")),
        (pending_booking("b-offered"), None),
    )

    assert (found.missing, found.wrong_amount) == (("b-lost",), ("b-wrong",))
    assert found.total == Sums(bookings=3, amount=1_050_000, commission=105_001)


def test_the_shares_are_shown_by_where_the_debt_stands() -> None:
    cancelled = visits.cancel(confirmed_booking("b-cancelled"), by=ADMIN, now=NOON)
    found = revenue(
        paired(confirmed_booking("b-pending")),
        (cancelled, owed(cancelled).reverse(by=ADMIN, now=NOON, reason=None)),
    )

    assert found.commission_by_status == {
        **dict.fromkeys(PaymentStatus, 0),
        PaymentStatus.PENDING: 105_000,
        PaymentStatus.REVERSED: 105_000,
    }


@given(ledgers())
def test_a_month_closes_with_what_the_next_one_opens_with(pairs: list[tuple[Booking, Commission | None]]) -> None:
    records = [record for _, record in pairs if record is not None]
    months = ["2026-10", "2026-11", "2026-12", "2027-01"]
    statements = [statement(month, records) for month in months]

    assert statements[0].opening_balance == 0
    for month, following in pairwise(statements):
        assert month.closing_balance == following.opening_balance
    for each in statements:
        by_kind = each.by_kind
        credited = sum(by_kind.values()) - by_kind[PostingReason.COMMISSION]
        assert each.closing_balance == each.opening_balance + by_kind[PostingReason.COMMISSION] - credited
    standing = {PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.PROOF_SUBMITTED}
    assert statements[-1].closing_balance == sum(
        record.commission_amount for record in records if record.payment_status in standing and not record.is_test
    )


def test_a_reversal_after_the_payment_leaves_a_credit() -> None:
    record = owed(confirmed_booking("b-1")).submit_proof(attachment_id="a-1", by=AYU, now=NOON)
    taken_back = record.approve(by=ADMIN, now=NOON).reverse(by=ADMIN, now=NOON, reason=None)

    assert statement("2026-11", [taken_back]).closing_balance == -105_000


def test_a_reversal_after_a_waiver_takes_nothing_back_twice() -> None:
    waived = owed(confirmed_booking("b-1")).waive(by=ADMIN, now=NOON, reason="goodwill", confirmed=True)
    taken_back = waived.reverse(by=ADMIN, now=NOON, reason=None)

    assert statement("2026-11", [taken_back]).closing_balance == 0


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_every_instant_of_a_day_is_of_that_day_and_its_month(day: date) -> None:
    begins, ends = stretch_of_days(day, day)
    month_begins, month_ends = stretch_of_month(f"{day:%Y-%m}")

    assert ends - begins == timedelta(days=1)
    assert day_of(begins) == day == day_of(ends - timedelta(milliseconds=1))
    assert month_begins <= begins < ends <= month_ends
