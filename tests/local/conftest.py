"""Tests of the deployed stack: they make people and bookings of their own, so that they run in any order."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cloudformation import ROOT
from tests.local.running import free_port
from tests.local.world import World
from tools.local.emulator import Emulator, emulator
from tools.local.outputs import Outputs


@pytest.fixture
def world(outputs: Outputs) -> Iterator[World]:
    with ExitStack() as closing:
        yield World(outputs, closing)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator on which nothing is deployed."""
    python = ROOT / ".local/tools/emulator/bin/python"
    with emulator(python=python, port=free_port(), state=tmp_path / "state") as running:
        yield running
