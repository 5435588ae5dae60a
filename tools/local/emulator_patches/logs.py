"""Where MiniStack reads logs otherwise than CloudWatch: filters, embedded metrics, time-outs, shared logs."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import json
import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

SECONDS_BETWEEN_ALARMS = 5.0


def match_any_term() -> None:
    """Let the filter of a log subscription mean any of its terms where it says so: ``?ERROR ?"Task timed out"``."""
    all_of = cloudwatch_logs._subscription_pattern_matches

    def matches(pattern: str, message: str) -> bool:
        terms = re.findall(r'\?(?:"([^"]+)"|(\S+))', pattern or "")
        if not terms:
            return bool(all_of(pattern, message))
        return any((quoted or word) in (message or "") for quoted, word in terms)

    cloudwatch_logs._subscription_pattern_matches = matches


def read_function_logs() -> None:
    """Take metrics out of what functions print (embedded metric format), and log invocations that ran out of time."""
    emit = lambda_svc._emit_lambda_logs
    judged_at = 0.0

    def emit_and_read(
        func: Mapping[str, Any],
        request_id: str,
        log_text: str,
        error: bool,  # noqa: FBT001 - the signature is the emulator's
        duration_ms: int,
        **named: Any,  # noqa: ANN401 - passes through what it does not know
    ) -> None:
        nonlocal judged_at
        allowed = (func.get("config") or func).get("Timeout", 3)
        if error and duration_ms >= allowed * 1000:
            log_text = f"{log_text}\n{request_id} Task timed out after {allowed}.00 seconds"
        emit(func, request_id, log_text, error, duration_ms, **named)
        for line in (log_text or "").splitlines():
            if line.startswith("{") and '"_aws"' in line:
                _store_metrics(line)
        if time.monotonic() - judged_at > SECONDS_BETWEEN_ALARMS:
            judged_at = time.monotonic()
            cloudwatch._evaluate_all_alarms()

    lambda_svc._emit_lambda_logs = emit_and_read


def name_functions_in_shared_logs() -> None:
    """Put a function's name into that of its log stream when functions share a log group, as AWS does.

    It tells subscribers whose lines they are:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html.
    """
    emit = lambda_svc._emit_lambda_logs
    bring_to_subscribers = cloudwatch_logs._fanout_to_subscription_filters
    writing = threading.local()

    def emit_for(func: Mapping[str, Any], *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - passes through what it does not know
        config = func.get("config") or func
        is_shared = "LogGroup" in (config.get("LoggingConfig") or {})
        writing.function = config.get("FunctionName", "") if is_shared else ""
        try:
            emit(func, *arguments, **named)
        finally:
            writing.function = ""

    def bring(group_name: str, stream_name: str, events: Any) -> None:  # noqa: ANN401 - passes through what it does not know
        if function := getattr(writing, "function", ""):
            date, bracket, rest = stream_name.partition("[")
            streams = cloudwatch_logs._log_groups[group_name]["streams"]
            stream = streams.pop(stream_name)
            stream_name = f"{date}{function}{bracket}{rest}"
            streams[stream_name] = stream
        bring_to_subscribers(group_name, stream_name, events)

    lambda_svc._emit_lambda_logs = emit_for
    cloudwatch_logs._fanout_to_subscription_filters = bring


def _store_metrics(line: str) -> None:
    """Store what one line says; one that is not in the format says nothing."""
    try:
        entry = json.loads(line)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: str(entry[name]) for name in names}
                for metric in directive["Metrics"]:
                    value = entry[metric["Name"]]
                    cloudwatch._store_datum(
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        entry["_aws"]["Timestamp"] / 1000,
                        metric.get("Unit", "None"),
                        None,
                        value if isinstance(value, list) else [value],
                        None,
                        None,
                    )
    except (KeyError, TypeError, ValueError):
        return
