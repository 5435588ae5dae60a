"""What only admins see, in wire names; the shapes are those of ``edge.answers``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from marketplace.platform.clock import read_instant, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marketplace.catalogue.therapist import Therapist
    from marketplace.operations.health.model import Check, Verdict
    from marketplace.platform.api import responses as answers

CONNECTED_AT_MOST: Final = timedelta(hours=2, minutes=5)
"""No connection lasts longer; one that was never seen to close counts as closed after that."""


def health_view(results: Iterable[tuple[Check, int, Verdict, int]]) -> answers.Health:
    """Return the checks with how many rows each looked at, what it found, and the milliseconds it took."""
    checks = [_health_check(*result) for result in results]
    return {"status": "red" if any(check["status"] == "red" for check in checks) else "green", "checks": checks}


def _health_check(check: Check, checked: int, verdict: Verdict, latency: int) -> answers.HealthCheck:
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
    return cast("answers.HealthCheck", shown)


def history_view(entry: Mapping[str, Any]) -> answers.HistoryEntry:
    """Return a stored entry of the trail."""
    return {
        "entityId": str(entry.get("entityId")),
        "version": entry.get("version", 0),
        "at": str(entry.get("at")),
        "actor": str(entry.get("actor")),
        "actorRole": entry["actorRole"],
        "action": str(entry.get("action")),
        "from": entry.get("fromStatus"),
        "to": entry.get("toStatus"),
        "reason": entry.get("reason"),
        "before": entry.get("before"),
        "after": entry.get("after") or {},
    }


def admin_therapist_view(  # noqa: PLR0913 - one argument for each thing that is counted
    therapist: Therapist, stored: Mapping[str, Any], *, offers: int, confirmed: int, overdue: int, now: datetime
) -> answers.AdminTherapist:
    """Return a therapist with what admins watch: presence, open and missed offers, debts past their time."""
    seen_at = therapist.last_seen_at
    connected = bool(stored.get("connections")) and seen_at is not None and now - seen_at < CONNECTED_AT_MOST
    return {
        "therapistId": therapist.therapist_id,
        "name": therapist.name,
        "type": therapist.therapist_type,
        "status": therapist.status,
        "connected": connected,
        "lastSeenAt": written(now) if connected else None if seen_at is None else written(seen_at),
        "openBookings": offers + confirmed,
        "openOffers": offers,
        "missedOffers": int(stored.get("missedOffers", 0)),
        "overdueCommissions": overdue,
    }


def error_view(event: Mapping[str, Any], trace_page: str) -> answers.ErrorEvent:
    """Return a recorded error; ``trace_page`` is the address of a trace's page but for its id, empty without any."""
    context, trace_id = event.get("context") or {}, event.get("traceId")
    return {
        "eventId": str(event.get("eventId")),
        "at": str(event.get("at")),
        "category": str(event.get("category")),
        "severity": str(event.get("severity")),
        "functionName": str(event.get("functionName")),
        "message": str(event.get("message")),
        "code": event.get("code"),
        "requestId": event.get("requestId"),
        "traceId": trace_id,
        "traceUrl": f"{trace_page}{trace_id}" if trace_page and trace_id else None,
        "bookingId": event.get("bookingId"),
        "context": {str(name): str(value) for name, value in context.items()},
    }


def error_rates_view(counts: Mapping[tuple[str, str, str], int]) -> answers.ErrorRates:
    """Return counts by minute, category and severity, newest minute first."""
    newest_first = sorted(counts.items(), key=lambda pair: pair[0][1:])
    newest_first.sort(key=lambda pair: pair[0][0], reverse=True)
    return {
        "items": [
            {
                "minute": written(read_instant(f"{minute}:00+00:00")),
                "category": category,
                "severity": severity,
                "count": count,
            }
            for (minute, category, severity), count in newest_first
        ]
    }
