"""What CloudWatch Logs delivers: a packed batch of log lines, of which the errors are read out.

Three kinds of lines tell of an error: our own (one JSON object, level ERROR or CRITICAL), the runtime's word that
an invocation ran out of time, and its word that one crashed. The text of the last two may hold anything, so it is
never kept: a constant sentence stands for it. Format of the delivery:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample.
"""

import base64
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

from msgspec import Struct

from marketplace.operations.errors.recorded_error import RecordedError
from marketplace.platform.clock import format_utc
from marketplace.platform.runtime.observability import Category, Severity

RECORDED_LEVELS: Final = frozenset({"ERROR", "CRITICAL"})
LONGEST_MESSAGE: Final = 300
CATEGORIES: Final = "categories.json"
_LONGEST_VALUE: Final = 128

_CONTEXT: Final[Mapping[str, str]] = {
    "therapist_id": "therapistId",
    "customer_id": "customerId",
    "user_id": "userId",
    "conversation_id": "conversationId",
    "attachment_id": "attachmentId",
    "booking_type": "bookingType",
    "duration": "duration",
    "table": "table",
    "key": "key",
    "attribute": "attribute",
    "dependency": "dependency",
    "operation": "operation",
    "attempt": "attempt",
    "error_type": "errorType",
    "error_at": "errorAt",
    "location": "location",
}
"""Keys of our lines that are kept beside an error: ids and places in the code, no people."""

_STREAM_OF: Final = re.compile(r"\d{4}/\d{2}/\d{2}/([^\[]+)\[")
"""The name of a function in that of its log stream, where functions share a log group.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html.
"""
_NUMBERS: Final = re.compile(r"\+?\d[\d \-().]{6,}\d")
_ADDRESSES: Final = re.compile(r"[^\s@]+@[^\s@]+")
_NO_WORD: Final = re.compile(r"\W", re.ASCII)
_LONGEST_CODE: Final = 64
_REQUEST_ID: Final = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TRACE_ID: Final = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
"""Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids."""
_TIMED_OUT: Final = re.compile(r"Task timed out after [0-9.]+ seconds")
_CRASHED: Final = re.compile(
    r"\[ERROR\]|\[CRITICAL\]|Traceback \(most recent call last\)|Runtime exited|Runtime\.\w+Error"
)
_ERROR_TYPE: Final = re.compile(r"\[ERROR\] ([A-Za-z_][A-Za-z0-9_.]{0,80})")


@final
class Delivered(Struct, frozen=True, kw_only=True):
    """One delivery; ``delivery_id`` is the same when it comes again."""

    delivery_id: str
    errors: tuple[RecordedError, ...]


def read_delivery(event: Mapping[str, Any]) -> Delivered:
    """Return the errors in an event of a log subscription.

    Raises:
        ValueError: it is no such event.
    """
    try:
        batch = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"], validate=True)))
        if batch["messageType"] != "DATA_MESSAGE":
            return Delivered(delivery_id="", errors=())
        function_name = _function_of(str(batch["logGroup"]), str(batch["logStream"]))
        lines = [(str(line["id"]), int(line["timestamp"]), str(line["message"])) for line in batch["logEvents"]]
    except (KeyError, TypeError, ValueError, EOFError, OSError) as error:
        message = "no delivery of log lines"
        raise ValueError(message) from error
    errors = tuple(_errors(function_name, lines))
    return Delivered(delivery_id=lines[0][0] if lines else "", errors=errors)


def _errors(function_name: str, lines: list[tuple[str, int, str]]) -> Iterator[RecordedError]:
    for line_id, timestamp, text in lines:
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        event_id = f"{format_utc(at)}#{line_id[-_LONGEST_VALUE:]}"
        ours = _object(text)
        if ours is None:
            found = _of_runtime(text, function_name, event_id, at)
        elif str(ours.get("level")) in RECORDED_LEVELS:
            found = _of_ours(ours, function_name, event_id, at)
        else:
            found = None
        if found is not None:
            yield found


def _of_ours(line: Mapping[str, Any], function_name: str, event_id: str, at: datetime) -> RecordedError:
    code = _NO_WORD.sub("_", str(line.get("code") or "unreported"))[:_LONGEST_CODE]
    severity, trace_id = str(line.get("severity", "")), str(line.get("xray_trace_id"))
    return RecordedError(
        event_id=event_id,
        at=at,
        category=_category(line.get("category"), line.get("service"), function_name),
        severity=severity if severity in {Severity.ERROR, Severity.CRITICAL} else str(line["level"]).lower(),
        function_name=function_name,
        message=_without_people(str(line.get("message", "")))[:LONGEST_MESSAGE],
        code=code,
        request_id=_value(line.get("correlation_id") or line.get("function_request_id")),
        trace_id=trace_id if _TRACE_ID.fullmatch(trace_id) else None,
        booking_id=_value(line.get("booking_id")),
        context={
            shown: str(line[name])[:_LONGEST_VALUE]
            for name, shown in _CONTEXT.items()
            if isinstance(line.get(name), str | int)
        },
    )


def _of_runtime(text: str, function_name: str, event_id: str, at: datetime) -> RecordedError | None:
    if _TIMED_OUT.search(text):
        message, code = "the invocation ran out of time", "timed_out"
    elif _CRASHED.search(text):
        message, code = "the invocation crashed", "crashed"
    else:
        return None
    request_id, error_type = _REQUEST_ID.search(text), _ERROR_TYPE.search(text)
    return RecordedError(
        event_id=event_id,
        at=at,
        category=_category(None, None, function_name),
        severity=Severity.CRITICAL,
        function_name=function_name,
        message=message,
        code=code,
        request_id=request_id[0] if request_id else None,
        context={"errorType": error_type[1].rstrip(":")} if error_type else {},
    )


def _function_of(log_group: str, log_stream: str) -> str:
    """Return whose lines these are: the stream says so in a shared log group, else the group."""
    named = _STREAM_OF.match(log_stream)
    return named[1] if named else log_group.rpartition("/")[2]


def _category(given: object, service: object, function_name: str) -> str:
    """Return what the line says; else what its function answers for; of an unknown function, the store."""
    if isinstance(given, str) and given in set(Category):
        return given
    answers_for = categories()
    if isinstance(service, str) and service in answers_for:
        return answers_for[service]
    folder = function_name.replace("-", "_")
    named = [name for name in answers_for if folder.endswith(name)]
    return answers_for[max(named, key=len)] if named else Category.STORAGE


@cache
def categories() -> Mapping[str, str]:
    """Return the part of the business that each function answers for, by its folder; written by ``contracts``."""
    text = files(__package__).joinpath(CATEGORIES).read_text(encoding="utf-8")
    answer: dict[str, str] = json.loads(text)
    return answer


def _without_people(text: str) -> str:
    """Blank what might be a telephone number or an address; our own sentences are constant and have neither."""
    return _ADDRESSES.sub("…", _NUMBERS.sub("…", text))


def _value(given: object) -> str | None:
    return given[:_LONGEST_VALUE] if isinstance(given, str) and given else None


def _object(text: str) -> Mapping[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, Mapping) else None
