"""GET /admin/health, and every minute by itself: the seven checks, made just now over real rows.

The minutely run counts the broken links it finds, on which an alarm waits, and those of each check that finds any;
the first of each it names in the log.
"""

import time
from typing import Any, Final

from marketplace import bootstrap
from marketplace.operations.health.model import CHECKS, Check, Verdict
from marketplace.operations.views import health_view
from marketplace.platform.api import responses as answers
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import (
    Category,
    Severity,
    begin_invocation,
    count,
    finish_invocation,
    report,
)
from marketplace.platform.resilience import keep_invocation_deadline

rest = Rest(Category.STORAGE)

PAYMENTS: Final = "payment_tracking"
_CATEGORIES: Final = {PAYMENTS: Category.PAYMENT, "customer_therapist_connection": Category.CHAT}


@rest.get("/admin/health")
def get_health(call: Call) -> dict[str, Any]:
    """Return the seven checks in their order."""
    del call
    return {**check_health()}


def check_health() -> answers.Health:
    """Make the seven checks, one after another."""
    now, started = utc_now(), time.monotonic()
    vitals = bootstrap.vitals()
    bookings = vitals.sample(now)
    results: list[tuple[Check, int, Verdict, int]] = []
    for check in CHECKS:
        verdict = vitals.judge(check, bookings, now)
        if check.check_id == PAYMENTS:
            verdict = Verdict(faults=[*verdict.faults, *vitals.orphans(now)])
        finished = time.monotonic()
        checked = sum(check.concerns(booking, now) for booking in bookings)
        results.append((check, checked, verdict, int((finished - started) * 1000)))
        started = finished
    return health_view(results)


def check_by_schedule() -> dict[str, Any]:
    """Make the checks and tell the alarms."""
    health = check_health()
    for check in health["checks"]:
        if check["broken"]:
            count(broken_metric(check["id"]), check["broken"])
        if check["error"] is not None:
            report(
                "health check is red",
                category=_CATEGORIES.get(check["id"], Category.BOOKING),
                severity=Severity.ERROR,
                code=f"health_{check['id']}",
                broken=check["broken"],
                table=check["error"]["table"],
                key=check["error"]["key"],
            )
    count("BrokenLinks", sum(check["broken"] for check in health["checks"]))
    return {"status": health["status"]}


def broken_metric(check_id: str) -> str:
    """Return the metric that counts what a check finds broken: ``BrokenBookNow`` of ``book_now``."""
    return "Broken" + "".join(word.capitalize() for word in check_id.split("_"))


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or the schedule."""
    if "httpMethod" in event:
        return rest.answer(event, context)
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(context.aws_request_id)
    try:
        return check_by_schedule()
    finally:
        finish_invocation()
