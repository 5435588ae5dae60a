"""What is said of money: commissions, statements, revenue."""

from collections.abc import Iterator
from typing import TypedDict

from marketplace.booking.model import Source
from marketplace.booking.responses.booking import BookingView
from marketplace.catalogue.policy.model import Policy
from marketplace.catalogue.policy.responses import ShownCommissionAccount, commission_account_view
from marketplace.commission.ledger.lists import LedgerLine
from marketplace.commission.ledger.model import Account, PostingReason
from marketplace.commission.model import Commission
from marketplace.commission.revenue.model import Revenue
from marketplace.commission.statement import OUTSTANDING, Statement
from marketplace.commission.states import DisputeOutcome, PaidBy, PaymentStatus
from marketplace.commission.sums import Sums
from marketplace.platform.api.responses import Day, Time
from marketplace.platform.clock import format_utc, format_utc_or_none
from marketplace.platform.money import CURRENCY
from marketplace.platform.text.csv_text import csv_text


class CommissionView(TypedDict):
    """The platform's share of a confirmed booking, owed by the therapist."""

    bookingId: str
    chatRoomId: str
    therapistId: str
    therapistName: str
    bookingDate: Time
    """When the booking was confirmed."""
    serviceDate: Time
    """When the visit is due."""
    bookingAmount: int
    commissionRate: float
    """0.3 for 30 %."""
    commissionAmount: int
    currency: str
    paymentStatus: PaymentStatus
    paymentDeadline: Time
    source: Source
    proofAttachmentId: str | None
    proofSubmittedAt: Time | None
    paidAt: Time | None
    paidBy: PaidBy | None
    paymentId: str | None
    """The payment that settled it, where one did."""
    creditUsed: int
    """What of it the therapist's credits settled."""
    amountDue: int
    """What is still to be paid."""
    disputedAt: Time | None
    """Since when its therapist disputes it; null as soon as that is resolved."""
    disputeReason: str | None
    disputeOutcome: DisputeOutcome | None
    """How the last dispute ended."""
    resolvedAt: Time | None
    resolvedAmount: int | None
    """What a dispute made of the amount, where it did."""
    overdueAt: Time | None
    waivedAt: Time | None
    reversedAt: Time | None
    reason: str | None
    """Why its latest step was taken, where that needs one."""
    updatedAt: Time
    version: int
    isTest: bool


class AcceptedBooking(TypedDict):
    """A confirmed booking and the commission that it owes."""

    booking: BookingView
    commission: CommissionView


class ChangedCommission(TypedDict):
    """A commission after a step."""

    commission: CommissionView


class LedgerLineView(TypedDict):
    """One amount in one account; lines of one posting balance."""

    entryId: str
    postingId: str
    account: Account
    debit: int
    credit: int
    bookingId: str
    therapistId: str
    at: Time
    reason: PostingReason


class StatementTotals(TypedDict):
    """Sums over a statement; reversed commissions are in ``byStatus`` alone."""

    bookings: int
    bookingAmount: int
    commissionAmount: int
    outstanding: int
    """What is still owed: pending, overdue, or with a proof that is not judged yet."""
    byStatus: dict[PaymentStatus, int]
    """Commission in rupiah by payment status, zeros included."""


class PostingView(TypedDict):
    """One movement of a therapist's balance: a charge adds to what is owed, a credit takes away from it."""

    at: Time
    kind: PostingReason
    bookingId: str
    charge: int
    credit: int
    balance: int
    """What is owed after it."""


class StatementView(TypedDict):
    """The commissions of the bookings that a therapist confirmed in one month, and what moved their balance in it."""

    therapistId: str
    therapistName: str
    month: str
    """``YYYY-MM`` in Asia/Jakarta."""
    currency: str
    openingBalance: int
    """What was owed when the month began; negative where the marketplace owes the therapist."""
    closingBalance: int
    """What was owed at its end: the opening balance of the next month."""
    posted: dict[PostingReason, int]
    """By how much the debt moved in the month by kind, in rupiah, zeros included."""
    postings: list[PostingView]
    """Everything that moved the balance in the month, oldest first."""
    items: list[CommissionView]
    totals: StatementTotals
    commissionAccount: ShownCommissionAccount | None
    """Where to pay what is owed."""


class SumsView(TypedDict):
    """Confirmed bookings, what customers pay for them, and the platform's share."""

    bookings: int
    amount: int
    commission: int


class TherapistSums(SumsView):
    """The sums of one therapist."""

    therapistName: str


RevenueView = TypedDict(
    "RevenueView",
    {
        "from": Day,
        "to": Day,
        "currency": str,
        "bookings": int,
        "amount": int,
        "commission": int,
        "bySource": dict[Source, SumsView],
        "byDay": dict[str, SumsView],
        "byTherapist": dict[str, TherapistSums],
        "commissionByStatus": dict[PaymentStatus, int],
        "missing": list[str],
        "wrongAmount": list[str],
    },
)
RevenueView.__doc__ = """Bookings accepted in a period of dates (Asia/Jakarta, both included), reversed ones left out.

``missing`` and ``wrongAmount`` are booking ids; all six sources appear; ``byDay`` is by date, ``byTherapist`` by id.
"""


def commission_view(commission: Commission) -> CommissionView:
    """Return a commission record."""
    return {
        "bookingId": commission.booking_id,
        "chatRoomId": commission.chat_room_id,
        "therapistId": commission.therapist_id,
        "therapistName": commission.therapist_name,
        "bookingDate": format_utc(commission.booking_date),
        "serviceDate": format_utc(commission.service_date),
        "bookingAmount": commission.booking_amount,
        "commissionRate": commission.commission_rate,
        "commissionAmount": commission.commission_amount,
        "currency": commission.currency,
        "paymentStatus": commission.payment_status,
        "paymentDeadline": format_utc(commission.payment_deadline),
        "source": commission.source,
        "proofAttachmentId": commission.proof_attachment_id,
        "proofSubmittedAt": format_utc_or_none(commission.proof_submitted_at),
        "paidAt": format_utc_or_none(commission.paid_at),
        "paidBy": commission.paid_by,
        "paymentId": commission.payment_id,
        "creditUsed": commission.credit_used,
        "amountDue": commission.amount_due,
        "disputedAt": format_utc_or_none(commission.disputed_at),
        "disputeReason": commission.dispute_reason,
        "disputeOutcome": commission.dispute_outcome,
        "resolvedAt": format_utc_or_none(commission.resolved_at),
        "resolvedAmount": commission.resolved_amount,
        "overdueAt": format_utc_or_none(commission.overdue_at),
        "waivedAt": format_utc_or_none(commission.waived_at),
        "reversedAt": format_utc_or_none(commission.reversed_at),
        "reason": commission.reason,
        "updatedAt": format_utc(commission.updated_at),
        "version": commission.version,
        "isTest": commission.is_test,
    }


def sums_view(sums: Sums) -> SumsView:
    """Return sums over bookings."""
    return {"bookings": sums.bookings, "amount": sums.amount, "commission": sums.commission}


def revenue_view(revenue: Revenue) -> RevenueView:
    """Return the revenue of a period."""
    return {
        "from": revenue.first.isoformat(),
        "to": revenue.last.isoformat(),
        "currency": CURRENCY,
        **sums_view(revenue.total),
        "bySource": {source: sums_view(sums) for source, sums in revenue.by_source.items()},
        "byDay": {day.isoformat(): sums_view(sums) for day, sums in revenue.by_day.items()},
        "byTherapist": {
            therapist: {**sums_view(sums), "therapistName": revenue.therapist_names[therapist]}
            for therapist, sums in sorted(revenue.by_therapist.items())
        },
        "commissionByStatus": dict(revenue.commission_by_status),
        "missing": list(revenue.missing),
        "wrongAmount": list(revenue.wrong_amount),
    }


def ledger_line_view(listed: LedgerLine) -> LedgerLineView:
    """Return a line of a posting."""
    posting, line = listed.posting, listed.posting.lines[listed.number]
    return {
        "entryId": f"{posting.entry_id}#{listed.number + 1}",
        "postingId": posting.entry_id,
        "account": line.account,
        "debit": line.debit,
        "credit": line.credit,
        "bookingId": posting.booking_id,
        "therapistId": posting.therapist_id,
        "at": format_utc(posting.at),
        "reason": posting.reason,
    }


def statement_view(statement: Statement, therapist_name: str, policy: Policy) -> StatementView:
    """Return a therapist's statement, with the account of the policy in force."""
    standing, by_status = statement.standing, statement.by_status
    return {
        "therapistId": statement.therapist_id,
        "therapistName": therapist_name,
        "month": statement.month,
        "currency": CURRENCY,
        "openingBalance": statement.opening_balance,
        "closingBalance": statement.closing_balance,
        "posted": dict(statement.by_kind),
        "postings": list(_postings_view(statement)),
        "items": [commission_view(commission) for commission in statement.commissions],
        "totals": {
            "bookings": standing.bookings,
            "bookingAmount": standing.amount,
            "commissionAmount": standing.commission,
            "outstanding": sum(each.amount_due for each in statement.commissions if each.payment_status in OUTSTANDING),
            "byStatus": dict(by_status),
        },
        "commissionAccount": commission_account_view(policy),
    }


def statement_csv(statement: Statement) -> str:
    """Return a statement as a ledger for a spreadsheet: the opening balance, every posting, the closing balance."""
    return csv_text(
        ("at", "kind", "bookingId", "charge", "credit", "balance"),
        [
            ("", "opening_balance", "", "", "", statement.opening_balance),
            *(tuple(posting.values()) for posting in _postings_view(statement)),
            ("", "closing_balance", "", "", "", statement.closing_balance),
        ],
    )


def _postings_view(statement: Statement) -> Iterator[PostingView]:
    balance = statement.opening_balance
    for posting in statement.postings:
        balance += posting.change
        yield {
            "at": format_utc(posting.at),
            "kind": posting.reason,
            "bookingId": posting.booking_id,
            "charge": posting.charge,
            "credit": posting.credit,
            "balance": balance,
        }
