"""Every confirmed booking has its one right commission: audited hourly, weekly in full, and on demand.

The hourly run goes over what was confirmed since the last one, what the last run named, and what the streams
have noted as doubtful since: changes that no command makes, and cancellations. It leaves out the latest minute,
so its cost follows what has changed. A run on demand goes over everything that was ever confirmed, the weekly one over
every row there is. A run that was cut off is carried on from where it was saved.
"""

import hashlib
import time
from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from marketplace import bootstrap
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.notification.repository import StoredNotice
from marketplace.operations.reconciliation.audit_pass import stretches_of
from marketplace.operations.reconciliation.model import GRACE, Audit, AuditScope
from marketplace.operations.reconciliation.queries import AuditsQuery
from marketplace.operations.reconciliation.responses import AuditView, audit_view
from marketplace.operations.requests import NewAudit, RepairCommission
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, Role
from marketplace.platform.clock import utc_now, written
from marketplace.platform.dynamodb.records import readable
from marketplace.platform.observability import (
    Category,
    Severity,
    count,
    logger,
    report,
)
from marketplace.platform.refusals import InvalidTransition, NotFound
from marketplace.platform.resilience import seconds_left

GATEWAY_SECONDS: Final = 22.0
"""What a run may take while somebody waits; the gateway gives up after 29."""
STOP_WITH_SECONDS_LEFT: Final = 15.0
CARRIED_ON_FOR: Final = timedelta(days=2)
_PLENTY: Final = 1_000.0
_NAMED_IN_NOTICE: Final = 5

api = Api(Category.PAYMENT, tag="Administration")


@api.get(
    "/admin/audits", roles=ADMINS, query=AuditsQuery, response=Page[AuditView], summary="List past audits, newest first"
)
def list_audits(request: Request, query: AuditsQuery) -> Page[AuditView]:
    """Return a page of past audits, newest first."""
    cursors = bootstrap.cursors()
    page = bootstrap.audits().find_page(limit=query.limit, start=cursors.open("audits", query.cursor, request.now))
    return {
        "items": [audit_view(audit) for audit in readable(Audit, page.items, key="auditId")],
        "nextCursor": cursors.close("audits", page.next_key),
    }


@api.post(
    "/admin/audits",
    roles=ADMINS,
    body=NewAudit,
    response=AuditView,
    status=HTTPStatus.CREATED,
    idempotent=True,
    summary="Audit the commissions now",
)
def run_audit(request: Request, body: NewAudit) -> AuditView:
    """Audit every booking that was confirmed before now; a repeat of the same request carries its run on."""
    started, now, caller, key = time.monotonic(), request.now, request.caller, request.idempotency_key
    audits, audit_id = bootstrap.audits(), _audit_id(now)
    if key is not None:
        request_hash = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        audit_id = audits.named_by_request(identifiers.derived("audit", caller.user_id, key), audit_id, request_hash)
    audit = audits.find(audit_id) if key is not None else None
    if audit is None:
        audit = Audit(
            audit_id=audit_id,
            started_at=now,
            full=body.full,
            scope=AuditScope.WHOLE_TABLES if body.full else AuditScope.CONFIRMED,
            until=now,
        )
        audits.add(audit)
    if audit.finished_at is None:
        audit = _carried_on(audit, lambda: seconds_left(GATEWAY_SECONDS - (time.monotonic() - started)))
    return {**audit_view(audit)}


@api.post(
    "/admin/audits/repair",
    roles=ADMINS,
    body=RepairCommission,
    response=ChangedCommission,
    refusals=(NotFound, InvalidTransition),
    summary="Make the missing commission of a booking",
)
def repair_commission(request: Request, body: RepairCommission) -> ChangedCommission:
    """Bring a lost commission record back as the trail last knew it; one that is there is answered as it is."""
    now, caller = request.now, request.caller
    booking_id = body.booking_id
    logger().append_keys(booking_id=booking_id)

    commission = bootstrap.commission_commands().repair(booking_id, by=caller, now=now)

    return {"commission": commission_view(commission)}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or run on schedule."""
    return api.answer(event, context) if "httpMethod" in event else run_on_schedule(event, context)


@triggered(Category.PAYMENT)
def run_on_schedule(event: Event) -> dict[str, Any]:
    """Carry on what was cut off, then audit what is new, or everything when the event says ``full``."""
    now = utc_now()
    for audit in bootstrap.audits().find_latest():
        if audit.finished_at is None and now - audit.started_at < CARRIED_ON_FOR:
            _carried_on(audit, _time_left)
    done = _run_full(now) if event.get("full") is True else _run_since_watermark(now)
    count("PaymentReminders", bootstrap.commission_commands().remind(now))
    return {"auditId": done.audit_id, "finished": done.finished_at is not None, "findings": len(done.findings)}


def _run_full(now: datetime) -> Audit:
    audit = Audit(audit_id=_audit_id(now), started_at=now, full=True, scope=AuditScope.WHOLE_TABLES, until=now - GRACE)
    bootstrap.audits().add(audit)
    return _carried_on(audit, _time_left)


def _run_since_watermark(now: datetime) -> Audit:
    watermark = bootstrap.audits().watermark()
    audit = Audit(
        audit_id=_audit_id(now),
        started_at=now,
        full=False,
        scope=AuditScope.SINCE_WATERMARK if watermark else AuditScope.CONFIRMED,
        since=watermark.confirmed_until if watermark else None,
        until=now - GRACE,
    )
    bootstrap.audits().add(audit)
    return _carried_on(audit, _time_left)


def _carried_on(audit: Audit, time_left: Callable[[], float]) -> Audit:
    """Return the run carried on, to its end if the time allows; its findings are judged once more at the end."""
    audits, audit_pass = bootstrap.audits(), bootstrap.audit_pass()
    logger().append_keys(audit_id=audit.audit_id)
    carried = audit_pass.carry_on(audit, seconds_left=time_left)
    if carried is None or carried.stretch < len(stretches_of(carried)):
        logger().info("audit is not finished yet")
        return audits.find(audit.audit_id) or audit

    now = utc_now()
    former = next((run for run in audits.find_latest() if run.finished_at is not None), None)
    doubts = audits.doubts()
    named = carried.findings | (former.findings if former else frozenset()) | doubts.keys()
    found = audit_pass.judge_again(list(named))
    done = replace(
        carried,
        missing=tuple(sorted(found.missing)),
        wrong_amount=tuple(sorted(found.wrong_amount)),
        orphaned=tuple(sorted(found.orphaned)),
        overdue_marked=carried.overdue_marked + bootstrap.commission_commands().mark_overdue(now),
        finished_at=utc_now(),
    )
    saved = audits.save(done)
    if saved is None:
        return audits.find(audit.audit_id) or done
    audits.settle_doubts(doubts)
    audits.advance_watermark(min(saved.until, saved.started_at - GRACE))
    _say(saved)
    return saved


def _say(audit: Audit) -> None:
    """Raise the alarm and tell the admins, if a commission is not right."""
    found = sorted(audit.findings)
    count("CommissionFindings", len(found))
    count("BookingsAudited", audit.audited_bookings)
    logger().info("audit finished", extra={"audited": audit.audited_bookings, "findings": len(found)})
    if not found:
        return
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
    named = ", ".join(found[:_NAMED_IN_NOTICE]) + (" …" if len(found) > _NAMED_IN_NOTICE else "")
    bootstrap.delivery().notify_admins(
        StoredNotice(
            user_id="admins",
            notification_id=f"n-{audit.audit_id}",
            role=Role.ADMIN,
            kind="commission_findings",
            booking_id=found[0],
            conversation_id=identifiers.room_id(found[0]),
            created_at=audit.finished_at or audit.started_at,
            parameters={"number": len(found), "bookingIds": named},
        )
    )


def _audit_id(now: datetime) -> str:
    """Return an id that sorts by time: ``a-20261122T081500000Z-k3f9…``."""
    moment = written(now).translate(str.maketrans("", "", "-:."))
    return f"a-{moment}-{identifiers.fresh()[:8]}"


def _time_left() -> float:
    return seconds_left(_PLENTY) - STOP_WITH_SECONDS_LEFT
