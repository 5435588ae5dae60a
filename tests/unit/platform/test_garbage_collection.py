"""Garbage is looked for between the calls of a function, not at its start, and elsewhere as ever."""

import subprocess
import sys

import pytest

from tests.cloudformation import load_template

SCRIPT = """
import gc
before = gc.get_threshold()[0]
from marketplace.platform.runtime.observability import begin_invocation
starting = gc.get_threshold()[0]
begin_invocation("first")
kept = gc.get_freeze_count()
begin_invocation("second")
print(starting != before, gc.get_threshold()[0], kept > 10_000, gc.get_freeze_count() == kept)
"""


@pytest.mark.parametrize(
    ("on_lambda", "found"),
    [
        ({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, ["True", "50000", "True", "True"]),
        ({}, ["False", "2000", "False", "True"]),
    ],
)
def test_what_a_start_makes_is_never_searched_for_garbage_on_lambda(
    on_lambda: dict[str, str], found: list[str]
) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=on_lambda, capture_output=True, text=True, check=True)

    assert done.stdout.split() == found


@pytest.mark.parametrize(("on_lambda", "made"), [({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, 1), ({}, 0)])
def test_what_every_call_needs_is_made_at_a_start_on_lambda_alone(on_lambda: dict[str, str], made: int) -> None:
    variables = dict.fromkeys(load_template()["Globals"]["Function"]["Environment"]["Variables"], "1")
    done = subprocess.run(
        [sys.executable, "-c", "from marketplace import bootstrap; print(bootstrap.store.cache_info().currsize)"],
        env={**variables, "AWS_DEFAULT_REGION": "ap-southeast-3", **on_lambda},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) == made
