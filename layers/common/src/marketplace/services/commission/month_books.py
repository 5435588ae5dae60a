"""A month of the books as tables for a bookkeeper: ledger, commissions, payments, and revenue in every grouping."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from marketplace.booking.model import Source
from marketplace.commission.ledger.model import Account, Posting, sums_of
from marketplace.commission.model import Commission
from marketplace.commission.papers.tables import Cell, Table
from marketplace.commission.revenue.model import Revenue
from marketplace.commission.sums import Sums
from marketplace.payment.model import Payment
from marketplace.platform.clock import format_utc, format_utc_or_none

_SUMS: Final = ("bookings", "amount", "commission")


def month_books(
    postings: Sequence[Posting], commissions: Sequence[Commission], payments: Sequence[Payment], revenue: Revenue
) -> list[Table]:
    """Return the tables of a month: what was posted in it, confirmed in it, asked to be paid and earned in it."""
    postings = sorted(postings, key=lambda posting: posting.entry_id)
    return [
        _summary(postings, revenue),
        Table(
            name="ledger",
            columns=("at", "postingId", "therapistId", "bookingId", "reason", "account", "debit", "credit"),
            rows=list(_lines(postings)),
        ),
        Table(name="commissions", columns=_COMMISSION, rows=[_commission_row(each) for each in commissions]),
        Table(name="payments", columns=_PAYMENT, rows=[_payment_row(each) for each in payments]),
        Table(
            name="therapists",
            columns=("therapistId", "therapistName", *_SUMS),
            rows=[
                (therapist, revenue.therapist_names.get(therapist, therapist), *_sums_row(sums))
                for therapist, sums in sorted(revenue.by_therapist.items())
            ],
        ),
        Table(name="sources", columns=("source", *_SUMS), rows=_grouped(revenue.by_source)),
        Table(
            name="days",
            columns=("day", *_SUMS),
            rows=_grouped({day.isoformat(): sums for day, sums in revenue.by_day.items()}),
        ),
    ]


def _summary(postings: Sequence[Posting], revenue: Revenue) -> Table:
    moved = sums_of(postings)
    return Table(
        name="summary",
        columns=("what", "rupiah"),
        rows=[
            ("bookings", revenue.total.bookings),
            ("amount", revenue.total.amount),
            ("commission", revenue.total.commission),
            *((f"change of {account.value}", moved[account]) for account in Account),
            *((f"commission {status.value}", amount) for status, amount in revenue.commission_by_status.items()),
        ],
    )


def _lines(postings: Sequence[Posting]) -> Iterator[Sequence[Cell]]:
    for posting in postings:
        for line in posting.lines:
            yield (
                format_utc(posting.at),
                posting.entry_id,
                posting.therapist_id,
                posting.booking_id,
                posting.reason.value,
                line.account.value,
                line.debit,
                line.credit,
            )


_COMMISSION: Final = (
    "confirmedAt",
    "bookingId",
    "therapistId",
    "therapistName",
    "source",
    "bookingAmount",
    "rateBps",
    "commissionAmount",
    "discountFunded",
    "creditUsed",
    "amountDue",
    "paymentStatus",
    "paidBy",
    "paidAt",
    "paymentDeadline",
)


def _commission_row(commission: Commission) -> Sequence[Cell]:
    return (
        format_utc(commission.booking_date),
        commission.booking_id,
        commission.therapist_id,
        commission.therapist_name,
        commission.source.value,
        commission.booking_amount,
        commission.commission_rate_bps,
        commission.commission_amount,
        commission.discount_funded,
        commission.credit_used,
        commission.amount_due,
        commission.payment_status.value,
        commission.paid_by.value if commission.paid_by else None,
        format_utc_or_none(commission.paid_at),
        format_utc(commission.payment_deadline),
    )


_PAYMENT: Final = (
    "createdAt",
    "paymentId",
    "therapistId",
    "bookingId",
    "provider",
    "providerReference",
    "amount",
    "receivedAmount",
    "unmatchedAmount",
    "appliedAmount",
    "refundedAmount",
    "status",
    "paidAt",
)


def _payment_row(payment: Payment) -> Sequence[Cell]:
    return (
        format_utc(payment.created_at),
        payment.payment_id,
        payment.therapist_id,
        payment.booking_id,
        payment.provider,
        payment.provider_reference,
        payment.amount,
        payment.received_amount,
        payment.unmatched_amount,
        payment.applied_amount,
        payment.refunded_amount,
        payment.status.value,
        format_utc_or_none(payment.paid_at),
    )


def _sums_row(sums: Sums) -> Sequence[Cell]:
    return (sums.bookings, sums.amount, sums.commission)


def _grouped(groups: Mapping[Source, Sums] | Mapping[str, Sums]) -> list[Sequence[Cell]]:
    return [(str(group), *_sums_row(sums)) for group, sums in groups.items()]
