"""Metrics: which the code emits, and which the template's alarms and widgets name."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.check_health.handler import broken_metric
from marketplace.operations.health.model import CHECKS
from tests.cloudformation import ROOT, Template, resources_of

NAMESPACE = "${AWS::StackName}"
"""Of a stack's own metrics: an alarm must not ring for another stack of the account."""
ANY_FUNCTION = "any"
OF_AWS = {
    "AWS/ApiGateway": {"4XXError", "5XXError", "Count", "MessageCount"},
    "AWS/DynamoDB": {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    "AWS/Lambda": {"Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
}
"""What AWS publishes by itself, of what is used here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric by name and the names of its dimensions beside ``service``."""

    name: str
    service: str
    dimensions: frozenset[str] = frozenset()


def emitted() -> set[Metric]:
    """Return every metric that some code path emits: those of the layer can come from any function."""
    found = {Metric(name=broken_metric(check.check_id), service="check_health") for check in CHECKS}
    for path in (ROOT / "functions").glob("*/handler.py"):
        found |= set(_emitted_by(path, path.parent.name))
    for path in (ROOT / "layers/common/src/marketplace").rglob("*.py"):
        found |= set(_emitted_by(path, ANY_FUNCTION))
    return found


def metrics_nobody_emits(template: Template) -> Iterator[str]:
    """Every metric that an alarm or a widget names is emitted, with these dimensions, by that function."""
    known = emitted()
    for where, namespace, name, dimensions in _named(template):
        if namespace != NAMESPACE:
            if name not in OF_AWS.get(namespace, set()):
                yield f"{where} names {namespace} {name}, which AWS does not publish"
            continue
        service = dimensions.get("service", "")
        beside = frozenset(dimensions.keys() - {"service"})
        candidates = {Metric(name=name, service=by, dimensions=beside) for by in (service, ANY_FUNCTION)}
        if not candidates & known or not (ROOT / "functions" / service / "handler.py").exists():
            yield f"{where} names {name} of {service}, which nobody emits"


def widgets_that_are_missing(template: Template) -> Iterator[str]:
    """The dashboard shows what the business and its keepers ask for."""
    shown = {name for where, _, name, _ in _named(template) if where.startswith("widget")}
    for name in sorted(WIDGETS - shown):
        yield f"the dashboard does not show {name}"


def alarms_that_are_missing(template: Template) -> Iterator[str]:
    """A person is paged for failures, errors, dead letters, late work, findings, broken links, and throttles."""
    watched = {name for where, _, name, _ in _named(template) if where.startswith("alarm")}
    for name in sorted(PAGED - watched):
        yield f"nobody is paged for {name}"


def functions_whose_errors_are_not_recorded(template: Template) -> Iterator[str]:
    """The log of all functions leads to the recorder, the recorder's own does not."""
    subscribed = {
        subscription["LogGroupName"]["Ref"]
        for subscription in resources_of(template, "AWS::Logs::SubscriptionFilter").values()
        if subscription["DestinationArn"] == {"Fn::GetAtt": ["RecordErrorsFunction", "Arn"]}
        and {"?ERROR", "?CRITICAL", '?"Task timed out"'}
        <= set(re.findall(r'\?(?:"[^"]+"|\S+)', subscription["FilterPattern"]))
    }
    if "FunctionLogGroup" not in subscribed:
        yield "errors are not recorded"
    if "RecorderLogGroup" in subscribed:
        yield "the recorder's errors would feed on themselves"


WIDGETS = {
    "BookingsCreated",
    "BookingsConfirmed",
    "BookingsExpired",
    "SecondsToAccept",
    "MillisecondsToDeliver",
    "RecordedErrors",
    "CommissionFindings",
    "ConsumedReadCapacityUnits",
    "ConsumedWriteCapacityUnits",
    "Duration",
    "ReadThrottleEvents",
    "Throttles",
}
PAGED = {
    "ApproximateNumberOfMessagesVisible",
    "BrokenLinks",
    "CommissionFindings",
    "Errors",
    "IteratorAge",
    "ReadThrottleEvents",
    "RecordedErrors",
    "ServerErrors",
    "SweepSeconds",
    "Throttles",
    "WriteThrottleEvents",
}


def _named(template: Template) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield where it stands, namespace, name and dimensions of every metric that is named."""
    for logical_id, alarm in resources_of(template, "AWS::CloudWatch::Alarm").items():
        for metric in _of_alarm(alarm):
            dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
            namespace = NAMESPACE if metric["Namespace"] == {"Ref": "AWS::StackName"} else metric["Namespace"]
            yield f"alarm {logical_id}", namespace, metric["MetricName"], dimensions
    for dashboard in resources_of(template, "AWS::CloudWatch::Dashboard").values():
        for widget in json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]:
            for metric in widget["properties"]["metrics"]:
                texts = [part for part in metric if isinstance(part, str)]
                if texts:
                    namespace, name, *pairs = texts
                    dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
                    yield f"widget {widget['properties']['title']}", namespace, name, dimensions


def _of_alarm(alarm: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "MetricName" in alarm:
        yield alarm
    for query in alarm.get("Metrics", []):
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def _emitted_by(path: Path, service: str) -> Iterator[Metric]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id not in {"count", "count_any", "count_by"}:
            continue
        dimensions = {keyword.arg for keyword in node.keywords if keyword.arg} if node.func.id == "count_by" else set()
        for name in ast.walk(node.args[0]):
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Metric(name=name.value, service=service, dimensions=frozenset(dimensions))
