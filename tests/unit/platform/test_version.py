"""Metrics say which version wrote them, and nothing where there is nothing to count."""

import json

import pytest

from marketplace.platform.runtime.observability import count, count_any, finish_invocation
from marketplace.platform.version import VERSION


def test_a_metric_bears_the_version_beside_its_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    count("ServerErrors")
    finish_invocation()

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["version"] == VERSION
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert described["Dimensions"] == [["service"]]


def test_a_quiet_minute_writes_no_metric(capsys: pytest.CaptureFixture[str]) -> None:
    count_any("VisitsSwept", 0)
    finish_invocation()
    assert "VisitsSwept" not in capsys.readouterr().out

    count_any("VisitsSwept", 2)
    finish_invocation()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["VisitsSwept"] == [2.0]
