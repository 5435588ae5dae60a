"""Metrics say which version wrote them."""

import json

import pytest

from marketplace.platform.runtime.observability import count, finish_invocation
from marketplace.platform.version import VERSION


def test_a_metric_bears_the_version_beside_its_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    count("ServerErrors")
    finish_invocation()

    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["version"] == VERSION
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert described["Dimensions"] == [["service"]]
