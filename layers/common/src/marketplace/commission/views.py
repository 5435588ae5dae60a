"""Audits, revenue and statements in wire names; the shapes are those of ``edge.answers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marketplace.booking.views import commission_view
from marketplace.commission.statement import OUTSTANDING, Statement
from marketplace.commission.sums import Sums, by_every_source
from marketplace.platform.clock import written
from marketplace.platform.csv_text import csv_text
from marketplace.platform.money import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marketplace.commission.revenue import Revenue
    from marketplace.operations.reconciliation.model import Audit
    from marketplace.platform.api import responses as answers


def audit_view(audit: Audit) -> answers.Audit:
    """Return a run of the audit."""
    return {
        "auditId": audit.audit_id,
        "startedAt": written(audit.started_at),
        "finishedAt": written(audit.finished_at) if audit.finished_at else None,
        "full": audit.full,
        "auditedBookings": audit.audited_bookings,
        "missing": list(audit.missing),
        "wrongAmount": list(audit.wrong_amount),
        "orphaned": list(audit.orphaned),
        "malformed": list(audit.malformed),
        "overdueMarked": audit.overdue_marked,
        "bySource": {source: sums_view(sums) for source, sums in by_every_source(audit.by_source).items()},
    }


def sums_view(sums: Sums) -> answers.Sums:
    """Return sums over bookings."""
    return {"bookings": sums.bookings, "amount": sums.amount, "commission": sums.commission}


def revenue_view(revenue: Revenue) -> answers.Revenue:
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


def statement_view(statement: Statement, therapist_name: str) -> answers.Statement:
    """Return a therapist's statement."""
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
            "outstanding": sum(amount for status, amount in by_status.items() if status in OUTSTANDING),
            "byStatus": dict(by_status),
        },
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


def _postings_view(statement: Statement) -> Iterator[answers.Posting]:
    balance = statement.opening_balance
    for posting in statement.postings:
        balance += posting.change
        yield {
            "at": written(posting.at),
            "kind": posting.kind,
            "bookingId": posting.booking_id,
            "charge": posting.charge,
            "credit": posting.credit,
            "balance": balance,
        }
