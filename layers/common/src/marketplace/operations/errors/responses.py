"""What is said of recorded errors."""

from collections.abc import Mapping
from typing import Any, TypedDict

from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc, parse_utc


class ErrorEvent(TypedDict):
    """A recorded error; it holds ids, never what people wrote."""

    eventId: str
    at: Time
    category: str
    severity: str
    functionName: str
    message: str
    """A constant sentence."""
    code: str | None
    requestId: str | None
    traceId: str | None
    traceUrl: str | None
    """The page of AWS's console that shows the trace, for who may sign in there; none on a laptop."""
    bookingId: str | None
    context: dict[str, str]
    """What else was named: ids, the kind of error, where in the code it came up."""


class ErrorRate(TypedDict):
    """How many errors of one kind one minute saw."""

    minute: Time
    """The start of the minute."""
    category: str
    severity: str
    count: int


class ErrorRates(TypedDict):
    """Errors per minute, category and severity, newest minute first; minutes without errors are left out."""

    items: list[ErrorRate]


def error_view(event: Mapping[str, Any], trace_page: str) -> ErrorEvent:
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


def error_rates_view(counts: Mapping[tuple[str, str, str], int]) -> ErrorRates:
    """Return counts by minute, category and severity, newest minute first."""
    newest_first = sorted(counts.items(), key=lambda pair: pair[0][1:])
    newest_first.sort(key=lambda pair: pair[0][0], reverse=True)
    return {
        "items": [
            {
                "minute": format_utc(parse_utc(f"{minute}:00+00:00")),
                "category": category,
                "severity": severity,
                "count": count,
            }
            for (minute, category, severity), count in newest_first
        ]
    }
