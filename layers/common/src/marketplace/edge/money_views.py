"""Audits and sums of money in wire names; the shapes are those of ``edge.answers``."""

from marketplace.clock import written
from marketplace.domain.commission_audit import Audit
from marketplace.domain.sums import Sums, by_every_source
from marketplace.edge import answers


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
