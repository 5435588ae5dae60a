"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from local.outputs import Outputs, read_outputs
from tests.local.running import Start, free_port, started

# The template sets these for every function; what is made of them is kept for the whole run.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Marketplace")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")

# How long an example takes says more about the machine than about the code; benchmarks judge speed.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outputs]:
    """The deployed stack, started once, or a running one whose file MARKETPLACE_OUTPUTS names."""
    running = os.environ.get("MARKETPLACE_OUTPUTS")
    if running:
        yield read_outputs(Path(running))
        return
    with started(Start(port=free_port(), folder=tmp_path_factory.mktemp("stack"))) as ready:
        yield ready
