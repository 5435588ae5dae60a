"""GET /admin/health, and every minute by itself: the seven checks, made just now over real rows.

The minutely run counts the broken links it finds, on which an alarm waits, and those of each check that finds any;
the first of each it names in the log.
"""

import time
from typing import Any, Final

from marketplace import bootstrap
from marketplace.operations.health.findings import Check, Verdict
from marketplace.operations.health.model import CHECKS
from marketplace.operations.health.responses import Health, health_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.caller import ADMINS, OPERATIONS
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import (
    Category,
    Severity,
    count,
    report,
)

api = Api(Category.STORAGE, tag="Administration")

PAYMENTS: Final = "payment_tracking"
_CATEGORIES: Final = {PAYMENTS: Category.PAYMENT, "customer_therapist_connection": Category.CHAT}


@api.get(
    "/admin/health", roles=ADMINS, duties=OPERATIONS, response=Health, summary="Check the seven flows on real rows, now"
)
def read_health(_: Request) -> Health:
    """Return the seven checks in their order."""
    return check_health()


def check_health() -> Health:
    """Make the seven checks, one after another."""
    now, started = utc_now(), time.monotonic()
    health_rows = bootstrap.health_rows()
    bookings = health_rows.sample(now)
    results: list[tuple[Check, int, Verdict, int]] = []
    for check in CHECKS:
        verdict = health_rows.judge(check, bookings, now)
        if check.check_id == PAYMENTS:
            verdict = Verdict(faults=[*verdict.faults, *health_rows.orphans(now)])
        finished = time.monotonic()
        checked = sum(check.concerns(booking, now) for booking in bookings)
        results.append((check, checked, verdict, int((finished - started) * 1000)))
        started = finished
    return health_view(results)


@triggered(Category.STORAGE)
def check_by_schedule(_: Event) -> dict[str, Any]:
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
    return api.answer(event, context) if "httpMethod" in event else check_by_schedule(event, context)
