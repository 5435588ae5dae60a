"""Alarms and widgets name metrics that somebody emits, and each check sees a planted violation."""

from collections.abc import Callable, Iterator

import pytest

from tests.cloudformation import Template, load_template
from tests.template import metrics

type Violations = Callable[[Template], Iterator[str]]


def _misspell_in_an_alarm(template: Template) -> None:
    template["Resources"]["BrokenLinksAlarm"]["Properties"]["MetricName"] = "BrokenChains"


def _name_another_function(template: Template) -> None:
    template["Resources"]["SweepAgeAlarm"]["Properties"]["Dimensions"] = [{"Name": "service", "Value": "send_message"}]


def _add_a_dimension(template: Template) -> None:
    alarm = template["Resources"]["CommissionFindingsAlarm"]["Properties"]
    alarm["Dimensions"] = [*alarm["Dimensions"], {"Name": "source", "Value": "direct"}]


def _misspell_in_a_widget(template: Template) -> None:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    body["Fn::Sub"] = body["Fn::Sub"].replace('"BookingsExpired"', '"BookingsLapsed"')


def _name_what_aws_does_not_publish(template: Template) -> None:
    template["Resources"]["ParkedChangesAlarm"]["Properties"]["MetricName"] = "Letters"


def _count_with_other_stacks(template: Template) -> None:
    template["Resources"]["ErrorRateAlarm"]["Properties"]["Namespace"] = "Marketplace"


def _drop_a_widget(template: Template) -> None:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    body["Fn::Sub"] = body["Fn::Sub"].replace("MillisecondsToDeliver", "MessagesSent")


def _drop_an_alarm(template: Template) -> None:
    del template["Resources"]["ChangesAgeAlarm"]


def _forget_a_log(template: Template) -> None:
    del template["Resources"]["ErrorLines"]


def _miss_time_outs(template: Template) -> None:
    template["Resources"]["ErrorLines"]["Properties"]["FilterPattern"] = "?ERROR ?CRITICAL"


def _feed_the_recorder_with_itself(template: Template) -> None:
    template["Resources"]["ErrorLines"]["Properties"]["LogGroupName"] = {"Ref": "RecorderLogGroup"}


PLANTED: list[tuple[Violations, Callable[[Template], None]]] = [
    (metrics.metrics_nobody_emits, _misspell_in_an_alarm),
    (metrics.metrics_nobody_emits, _name_another_function),
    (metrics.metrics_nobody_emits, _add_a_dimension),
    (metrics.metrics_nobody_emits, _count_with_other_stacks),
    (metrics.metrics_nobody_emits, _misspell_in_a_widget),
    (metrics.metrics_nobody_emits, _name_what_aws_does_not_publish),
    (metrics.widgets_that_are_missing, _drop_a_widget),
    (metrics.alarms_that_are_missing, _drop_an_alarm),
    (metrics.functions_whose_errors_are_not_recorded, _forget_a_log),
    (metrics.functions_whose_errors_are_not_recorded, _miss_time_outs),
    (metrics.functions_whose_errors_are_not_recorded, _feed_the_recorder_with_itself),
]


@pytest.mark.parametrize("violations", dict.fromkeys(check for check, _ in PLANTED), ids=lambda check: check.__name__)
def test_the_template_has_no(violations: Violations) -> None:
    assert list(violations(load_template())) == []


@pytest.mark.parametrize(("violations", "plant"), PLANTED, ids=[plant.__name__.strip("_") for _, plant in PLANTED])
def test_a_planted_violation_is_seen(violations: Violations, plant: Callable[[Template], None]) -> None:
    template = load_template()
    plant(template)
    assert list(violations(template)) != []


def test_a_metric_that_no_code_emits_any_more_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    left = {metric for metric in metrics.emitted() if metric.name != "SecondsToAccept"}
    monkeypatch.setattr(metrics, "emitted", lambda: left)
    assert any("SecondsToAccept" in violation for violation in metrics.metrics_nobody_emits(load_template()))
