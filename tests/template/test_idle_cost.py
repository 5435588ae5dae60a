"""A stack in which nothing happens costs little, and no less is reckoned than the template has."""

import tomllib
from typing import Any

import pytest

from bench import cost
from tests.cloudformation import ROOT, Template, functions_of, load_template, resources_of

MOST_DOLLARS = 15


@pytest.fixture(scope="module")
def prices() -> dict[str, Any]:
    return tomllib.loads((ROOT / "bench/prices.toml").read_text(encoding="utf-8"))


def read_by_alarms(template: Template) -> int:
    """Return how many metrics alarms read: each is paid for."""
    alarms = resources_of(template, "AWS::CloudWatch::Alarm").values()
    return sum(max(1, sum("MetricStat" in query for query in alarm.get("Metrics", []))) for alarm in alarms)


def each_minute(template: Template) -> int:
    events = [event for function in functions_of(template).values() for event in function.get("Events", {}).values()]
    return sum(event["Properties"].get("ScheduleExpression") == "rate(1 minute)" for event in events)


def from_snapshots(template: Template) -> int:
    return sum("SnapStart" in function for function in functions_of(template).values())


def made_in_every_stack(template: Template, kind: str) -> list[str]:
    resources = template["Resources"].items()
    return [name for name, each in resources if each["Type"] == kind and "Condition" not in each]


def worked_off(template: Template) -> int:
    events = [event for function in functions_of(template).values() for event in function.get("Events", {}).values()]
    return sum(event["Type"] == "SQS" for event in events)


def test_a_quiet_stack_costs_fifteen_dollars_a_month_at_most_without_its_firewall(prices: dict[str, Any]) -> None:
    month = cost.every_month(prices)
    assert sum(month.values()) - month[cost.FIREWALL] <= MOST_DOLLARS


def test_no_less_is_reckoned_than_the_template_has(prices: dict[str, Any]) -> None:
    template, usage = load_template(), prices["usage"]
    assert usage["alarms"] >= read_by_alarms(template) > 0
    assert usage["schedules"] >= each_minute(template) > 0
    assert usage["snapshots"] >= from_snapshots(template) > 0
    assert usage["keys"] >= len(resources_of(template, "AWS::KMS::Key")) > 0
    assert usage["secrets"] >= len(made_in_every_stack(template, "AWS::SecretsManager::Secret")) > 0
    assert usage["queues"] >= worked_off(template) > 0


def test_no_gateway_keeps_metrics_for_each_method() -> None:
    resources = load_template()["Resources"]
    assert "MetricsEnabled" not in str(resources["RestApi"]["Properties"]["MethodSettings"])
    assert "DetailedMetricsEnabled" not in str(resources["WebSocketApi"]["Properties"]["DefaultRouteSettings"])
