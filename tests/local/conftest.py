"""The deployed stack, started once for all tests here, or a running one whose file MARKETPLACE_OUTPUTS names.

Tests make people and bookings of their own, so that they run in any order.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.outputs import Outputs, read_outputs
from tests.local.running import Start, free_port, started
from tests.local.world import World


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outputs]:
    running = os.environ.get("MARKETPLACE_OUTPUTS")
    if running:
        yield read_outputs(Path(running))
        return
    with started(Start(port=free_port(), folder=tmp_path_factory.mktemp("stack"))) as ready:
        yield ready


@pytest.fixture
def world(outputs: Outputs) -> Iterator[World]:
    with ExitStack() as closing:
        yield World(outputs, closing)
