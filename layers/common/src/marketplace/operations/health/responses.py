"""What is said of the health of the marketplace."""

from collections.abc import Iterable
from typing import Literal, TypedDict, cast

from marketplace.operations.health.findings import Check, Verdict


class HealthError(TypedDict):
    """Where a check found something broken."""

    table: str
    query: str
    key: str
    message: str
    """Names the booking."""


class HealthCheck(TypedDict):
    """One of the seven checks."""

    id: Literal[
        "customer_therapist_connection",
        "chat_window_booking",
        "scheduled_booking",
        "book_now",
        "admin_data_flow",
        "notification_delivery",
        "payment_tracking",
    ]
    title: str
    status: Literal["green", "red"]
    latencyMs: int
    checked: int
    """How many rows were looked at."""
    broken: int
    """How many of them are broken; changes that are late count as one."""
    lagSeconds: int | None
    """How late the oldest of several changes is that are on their way, also while the check is green."""
    error: HealthError | None


class Health(TypedDict):
    """The seven checks, made just now, in their fixed order."""

    status: Literal["green", "red"]
    checks: list[HealthCheck]


def health_view(results: Iterable[tuple[Check, int, Verdict, int]]) -> Health:
    """Return the checks with how many rows each looked at, what it found, and the milliseconds it took."""
    checks = [_health_check(*result) for result in results]
    return {"status": "red" if any(check["status"] == "red" for check in checks) else "green", "checks": checks}


def _health_check(check: Check, checked: int, verdict: Verdict, latency: int) -> HealthCheck:
    faults = verdict.faults
    first = faults[0] if faults else None
    shown = {
        "id": check.check_id,
        "title": check.title,
        "status": "red" if faults else "green",
        "latencyMs": latency,
        "checked": checked,
        "broken": len(faults),
        "lagSeconds": None if verdict.lag is None else int(verdict.lag.total_seconds()),
        "error": None
        if first is None
        else {"table": first.table, "query": first.query, "key": first.key, "message": first.message},
    }
    return cast("HealthCheck", shown)
