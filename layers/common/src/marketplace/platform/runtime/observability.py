"""Structured logs and metrics: one JSON line an event, ids only, and EMF numbers beside them."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, SchemaValidationError, single_metric

from marketplace.platform.runtime.garbage_collection import collect_what_calls_leave
from marketplace.platform.version import VERSION

__all__ = [
    "Category",
    "MetricUnit",
    "Severity",
    "begin_invocation",
    "count",
    "count_by",
    "count_server_error",
    "finish_invocation",
    "logger",
    "metrics",
    "report",
    "report_contacts_shown",
]


class Category(StrEnum):
    """Which part of the business an error belongs to."""

    BOOKING = "booking"
    CHAT = "chat"
    PAYMENT = "payment"
    STORAGE = "storage"
    AUTH = "auth"


class Severity(StrEnum):
    """How bad it is; error and critical lines are recorded and counted."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_LEVELS: Final = {
    Severity.CRITICAL: "critical",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}


_CUSTOMER: Final = "customer"
"""The role of whoever sees their own number there."""
_counting: Final = Lock()
"""The metrics of an invocation are one dictionary, and some invocations work with several threads."""


@cache
def logger() -> Logger:
    """Return the function's logger; service and level come from the environment."""
    return Logger(use_rfc3339=True)


@cache
def metrics() -> Metrics:
    """Return the function's metrics; namespace and service come from the environment."""
    return Metrics()


def begin_invocation(correlation_id: str) -> None:
    """Start an invocation's lines with a clean set of keys and the id that ties them together."""
    collect_what_calls_leave()
    logger().clear_state()
    logger().set_correlation_id(correlation_id)


def finish_invocation() -> None:
    """Write the invocation's metrics, if there are any; a failing sink must not fail the request."""
    recorded = metrics()
    if recorded.metric_set:
        # Beside the numbers, not a dimension of theirs: alarms and graphs go on over a release.
        recorded.add_metadata(key="version", value=VERSION)
        try:
            recorded.flush_metrics()
        except (OSError, ValueError, SchemaValidationError):
            recorded.clear_metrics()


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """Add to a metric of this invocation."""
    with _counting:
        metrics().add_metric(name=name, unit=unit, value=value)


def count_any(name: str, number: int) -> None:
    """Add to a metric if there is something to add: one that a schedule writes each minute is paid for all month."""
    if number:
        count(name, number)


def count_server_error() -> None:
    """Count an answer of the kind that the service level allows one in a thousand of: 5xx, over HTTP or the socket."""
    count("ServerErrors")


def count_by(name: str, value: float = 1, **dimensions: str) -> None:
    """Write a metric with dimensions beside ``service``, such as ``source``; a failing sink must not fail the request.

    Dimensions take few values each: every combination is a metric of its own.
    """
    try:
        with single_metric(name=name, unit=MetricUnit.Count, value=value) as metric:
            metric.add_dimension(name="service", value=metrics().service or "undefined")
            for dimension, named in dimensions.items():
                metric.add_dimension(name=dimension, value=named)
    except (OSError, ValueError):
        return


def report_contacts_shown(answer: object, user_id: str, role: str) -> None:
    """Log whom an answer or event shows the numbers of which bookings, if any: every such reading leaves a line."""
    if ids := sorted(_contacts_in(answer, role)):
        logger().info("contact shown", extra={"user_id": user_id, "role": role, "booking_ids": ids})


def _contacts_in(answer: object, role: str) -> set[str]:
    """Return the bookings whose customer's number, or link to the other party, a reader of that role sees there."""
    found: set[str] = set()
    match answer:
        case Mapping():
            is_shown = answer.get("whatsAppLink") or (role != _CUSTOMER and answer.get("customerWhatsApp"))
            if is_shown and "bookingId" in answer:
                found.add(str(answer["bookingId"]))
            for value in answer.values():
                found |= _contacts_in(value, role)
        case list() | tuple():
            for value in answer:
                found |= _contacts_in(value, role)
        case _:
            pass
    return found


def report(
    message: str,
    *,
    category: Category,
    severity: Severity,
    code: str,
    error: BaseException | None = None,
    **ids: str | int | None,
) -> None:
    """Log one event with its category, severity and code.

    ``message`` is constant and lower case; ``ids`` name things, never people. Of an ``error`` only the
    type and where it was raised are logged, for its text may hold what a person wrote.
    """
    where = {"error_type": type(error).__name__, "error_at": _origin(error)} if error else {}
    extra = {"category": category.value, "severity": severity.value, "code": code, **where, **ids}
    getattr(logger(), _LEVELS[severity])(message, extra=extra)
    if severity in {Severity.ERROR, Severity.CRITICAL}:
        count("Errors")


def _origin(error: BaseException) -> str:
    """Return file and line of the innermost frame, without any text of the error."""
    traceback = error.__traceback__
    if traceback is None:
        return "unknown"
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno}"
