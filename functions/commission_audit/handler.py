"""Every confirmed booking has its one right commission: audited hourly, weekly in full, and on demand.

The hourly run goes over what was confirmed since the last one, what the last run named, and what the streams
have noted as doubtful since: changes that no command makes, and cancellations. It leaves out the latest minute,
so its cost follows what has changed. A run on demand goes over everything that was ever confirmed, the weekly one over
every row there is. A run that was cut off is carried on from where it was saved.
"""

import hashlib
import time
from http import HTTPStatus
from typing import Any, Final

from marketplace import bootstrap
from marketplace.commission.responses import ChangedCommission, commission_view
from marketplace.operations.reconciliation.model import Audit
from marketplace.operations.reconciliation.queries import AuditsQuery
from marketplace.operations.reconciliation.responses import AuditView, audit_view
from marketplace.operations.requests import NewAudit, RepairCommission
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OPERATIONS
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.refusals import InvalidTransition, NotFound
from marketplace.platform.resilience import seconds_left
from marketplace.platform.runtime.observability import Category, count_any, logger

GATEWAY_SECONDS: Final = 22.0
"""What a run may take while somebody waits; the gateway gives up after 29."""
STOP_WITH_SECONDS_LEFT: Final = 15.0
_PLENTY: Final = 1_000.0

api = Api(Category.PAYMENT, tag="Administration")


@api.get(
    "/admin/audits",
    roles=ADMINS,
    duties=OPERATIONS,
    query=AuditsQuery,
    response=Page[AuditView],
    summary="List past audits, newest first",
)
def list_audits(request: Request, query: AuditsQuery) -> Page[AuditView]:
    """Return a page of past audits, newest first."""
    cursors = bootstrap.cursors()
    page = bootstrap.audits().find_page(limit=query.limit, start=cursors.open("audits", query.cursor, request.now))
    return {
        "items": [audit_view(audit) for audit in readable_records(Audit, page.items, key="auditId")],
        "nextCursor": cursors.close("audits", page.next_key),
    }


@api.post(
    "/admin/audits",
    roles=ADMINS,
    duties=OPERATIONS,
    body=NewAudit,
    response=AuditView,
    status=HTTPStatus.CREATED,
    idempotent=True,
    summary="Audit the commissions now",
)
def run_audit(request: Request, body: NewAudit) -> AuditView:
    """Audit every booking that was confirmed before now; a repeat of the same request carries its run on."""
    started, key = time.monotonic(), request.idempotency_key
    audit = bootstrap.audit_runs().on_demand(
        None if key is None else identifiers.derived("audit", request.caller.user_id, key),
        hashlib.sha256(body.model_dump_json().encode()).hexdigest(),
        full=body.full,
        now=request.now,
        seconds_left=lambda: seconds_left(GATEWAY_SECONDS - (time.monotonic() - started)),
    )
    return audit_view(audit)


@api.post(
    "/admin/audits/repair",
    roles=ADMINS,
    duties=OPERATIONS,
    body=RepairCommission,
    response=ChangedCommission,
    refusals=(NotFound, InvalidTransition),
    summary="Make the missing commission of a booking",
)
def repair_commission(request: Request, body: RepairCommission) -> ChangedCommission:
    """Bring a lost commission record back as the audit log last knew it; one that is there is answered as it is."""
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
    done = bootstrap.audit_runs().on_schedule(full=event.get("full") is True, now=now, seconds_left=_time_left)
    count_any("PaymentReminders", bootstrap.commission_commands().remind(now))
    return {"auditId": done.audit_id, "finished": done.finished_at is not None, "findings": len(done.findings)}


def _time_left() -> float:
    return seconds_left(_PLENTY) - STOP_WITH_SECONDS_LEFT
