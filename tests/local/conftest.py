"""Tests of the deployed stack: they make people and bookings of their own, so that they run in any order."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local.outputs import Outputs
from tests.local.world import World


@pytest.fixture
def world(outputs: Outputs) -> Iterator[World]:
    with ExitStack() as closing:
        yield World(outputs, closing)
