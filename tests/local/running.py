"""Starts and stops the system as a person does: with `make run`, and a signal."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.emulator import HOST
from local.outputs import Outputs, read_outputs
from tests.cloudformation import ROOT

START_SECONDS: Final = 400
STOP_SECONDS: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How to start: on which port, with what kept in ``folder``."""

    port: int
    folder: Path
    seed: str = "demo"
    parameters: str = ""

    @property
    def outputs(self) -> Path:
        """The file that exists while the system is ready."""
        return self.folder / "outputs.json"

    @property
    def log(self) -> Path:
        """What make printed."""
        return self.folder / "make.log"

    @property
    def command(self) -> list[str]:
        """The command line."""
        return [
            "make",
            "--no-print-directory",
            "run",
            f"PORT={self.port}",
            f"STATE={self.folder / 'state'}",
            f"OUTPUTS={self.outputs}",
            f"SEED={self.seed}",
            f"PARAMETERS={self.parameters}",
        ]


@contextmanager
def started(start: Start, *, ending: signal.Signals = signal.SIGTERM) -> Iterator[Outputs]:
    """Start the system, wait until it is ready, and stop it with a signal after the block."""
    start.folder.mkdir(parents=True, exist_ok=True)
    with start.log.open("w") as log:
        process = subprocess.Popen(
            start.command,
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not start.outputs.exists():
            assert process.poll() is None, start.log.read_text()
            assert time.monotonic() < deadline, start.log.read_text()
            time.sleep(0.1)
        yield read_outputs(start.outputs)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, ending)
        process.wait(STOP_SECONDS)


def clean_environment() -> Mapping[str, str]:
    """Return our environment without what an outer make would hand on to an inner one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
