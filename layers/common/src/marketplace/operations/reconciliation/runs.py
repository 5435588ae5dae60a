"""Runs of the audit: begun, carried on as far as the time allows, finished once, and told of."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.notification.announcement import Notice
from marketplace.notification.repository import ADMINS_BOX, adding_notice
from marketplace.operations.reconciliation.audit_pass import AuditPass, stretches_of
from marketplace.operations.reconciliation.model import GRACE, Audit, AuditScope
from marketplace.operations.reconciliation.repository import Audits
from marketplace.platform import identifiers
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.runtime.observability import Category, Severity, count_any, logger, report
from marketplace.services.commission.commissions import CommissionCommands

CARRIED_ON_FOR: Final = timedelta(days=2)
_NAMED_IN_NOTICE: Final = 5

type TimeLeft = Callable[[], float]
"""Returns how many seconds a run may still take."""


@final
class AuditRuns:
    """The runs, one at a time or several at once: each row of each is judged by whoever carries it on."""

    def __init__(self, audits: Audits, audit_pass: AuditPass, commissions: CommissionCommands) -> None:
        """Keep runs among ``audits``, judge rows by ``audit_pass``."""
        self._audits = audits
        self._pass = audit_pass
        self._commissions = commissions

    def on_demand(
        self, request_id: str | None, request_hash: str, *, full: bool, now: datetime, seconds_left: TimeLeft
    ) -> Audit:
        """Audit every booking that was confirmed before now; a repeat of the same request carries its run on.

        Args:
            request_id: names the request, if it may be repeated.
            request_hash: of its body.
            full: whether to go over every row there is.
            now: the present.
            seconds_left: what the run may take.

        Raises:
            IdempotencyKeyReused: the request came with another body before.
        """
        audit, audit_id = None, _audit_id(now)
        if request_id is not None:
            audit_id = self._audits.named_by_request(request_id, audit_id, request_hash)
            audit = self._audits.find(audit_id)
        if audit is None:
            scope = AuditScope.WHOLE_TABLES if full else AuditScope.CONFIRMED
            audit = Audit(audit_id=audit_id, started_at=now, full=full, scope=scope, until=now)
            self._audits.add(audit)
        return audit if audit.finished_at is not None else self._carried_on(audit, seconds_left)

    def on_schedule(self, *, full: bool, now: datetime, seconds_left: TimeLeft) -> Audit:
        """Carry on what was cut off, then audit what is new since the last run, or everything."""
        for audit in self._audits.find_latest():
            if audit.finished_at is None and now - audit.started_at < CARRIED_ON_FOR:
                self._carried_on(audit, seconds_left)
        watermark = None if full else self._audits.watermark()
        partial = AuditScope.SINCE_WATERMARK if watermark else AuditScope.CONFIRMED
        audit = Audit(
            audit_id=_audit_id(now),
            started_at=now,
            full=full,
            scope=AuditScope.WHOLE_TABLES if full else partial,
            since=watermark.confirmed_until if watermark else None,
            until=now - GRACE,
        )
        self._audits.add(audit)
        return self._carried_on(audit, seconds_left)

    def _carried_on(self, audit: Audit, seconds_left: TimeLeft) -> Audit:
        """Return the run carried on, to its end if the time allows; its findings are judged once more at the end."""
        logger().append_keys(audit_id=audit.audit_id)
        carried = self._pass.carry_on(audit, seconds_left=seconds_left)
        if carried is None or carried.stretch < len(stretches_of(carried)):
            logger().info("audit is not finished yet")
            return self._audits.find(audit.audit_id) or audit

        now = utc_now()
        former = next((run for run in self._audits.find_latest() if run.finished_at is not None), None)
        dirty = self._audits.dirty()
        named = carried.findings | (former.findings if former else frozenset()) | dirty.keys()
        found = self._pass.judge_again(list(named))
        done = replace(
            carried,
            missing=tuple(sorted(found.missing)),
            wrong_amount=tuple(sorted(found.wrong_amount)),
            orphaned=tuple(sorted(found.orphaned)),
            overdue_marked=carried.overdue_marked + self._commissions.mark_overdue(now),
            finished_at=utc_now(),
        )
        notice = _notice_of(done)
        told = [] if notice is None else [adding_notice(notice, done.finished_at or now, done.version)]
        saved = self._audits.save(done, told)
        if saved is None:
            return self._audits.find(audit.audit_id) or done
        self._audits.mark_clean(dirty)
        self._audits.advance_watermark(min(saved.until, saved.started_at - GRACE))
        _report(saved)
        return saved


def _notice_of(audit: Audit) -> Notice | None:
    """Return what tells the admins that commissions are not right, if any is not."""
    found = sorted(audit.findings)
    if not found:
        return None
    named = ", ".join(found[:_NAMED_IN_NOTICE]) + (" …" if len(found) > _NAMED_IN_NOTICE else "")
    return Notice(
        user_id=ADMINS_BOX,
        role=Role.ADMIN,
        kind="commission_findings",
        booking_id=found[0],
        conversation_id=identifiers.room_id(found[0]),
        parameters={"number": len(found), "bookingIds": named},
    )


def _report(audit: Audit) -> None:
    """Raise the alarm, if a commission is not right."""
    found = sorted(audit.findings)
    count_any("CommissionFindings", len(found))
    count_any("BookingsAudited", audit.audited_bookings)
    logger().info("audit finished", extra={"audited": audit.audited_bookings, "findings": len(found)})
    if found:
        report(
            "commissions are not right",
            category=Category.PAYMENT,
            severity=Severity.CRITICAL,
            code="commission_findings",
            missing=len(audit.missing),
            wrong_amount=len(audit.wrong_amount),
            orphaned=len(audit.orphaned),
            first=found[0],
        )


def _audit_id(now: datetime) -> str:
    """Return an id that sorts by time: ``a-20261122T081500000Z-k3f9…``."""
    moment = format_utc(now).translate(str.maketrans("", "", "-:."))
    return f"a-{moment}-{identifiers.fresh()[:8]}"
