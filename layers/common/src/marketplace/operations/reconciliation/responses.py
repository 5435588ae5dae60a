"""What is said of audits."""

from typing import TypedDict

from marketplace.booking.model import Source
from marketplace.commission.responses import SumsView, sums_view
from marketplace.commission.sums import by_every_source
from marketplace.operations.reconciliation.model import Audit
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc


class AuditView(TypedDict):
    """What an audit of the commissions found; the three lists hold booking ids."""

    auditId: str
    startedAt: Time
    finishedAt: Time | None
    """Null while it is under way; the same key again, or the next scheduled run, carries it on."""
    full: bool
    auditedBookings: int
    missing: list[str]
    """Confirmed, and without a record."""
    wrongAmount: list[str]
    """The record differs from its booking in amount, price, rate, therapist, source or date."""
    orphaned: list[str]
    """A record that no booking owes: unknown, never confirmed, or cancelled and not reversed."""
    malformed: list[str]
    """Rows that cannot be read, found by a full audit."""
    overdueMarked: int
    bySource: dict[Source, SumsView]


def audit_view(audit: Audit) -> AuditView:
    """Return a run of the audit."""
    return {
        "auditId": audit.audit_id,
        "startedAt": format_utc(audit.started_at),
        "finishedAt": format_utc(audit.finished_at) if audit.finished_at else None,
        "full": audit.full,
        "auditedBookings": audit.audited_bookings,
        "missing": list(audit.missing),
        "wrongAmount": list(audit.wrong_amount),
        "orphaned": list(audit.orphaned),
        "malformed": list(audit.malformed),
        "overdueMarked": audit.overdue_marked,
        "bySource": {source: sums_view(sums) for source, sums in by_every_source(audit.by_source).items()},
    }
