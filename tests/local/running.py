"""Starts and stops the system as a person does: with `make run`, and a signal."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cloudformation import ROOT
from tools.local.emulator import HOST
from tools.local.outputs import Outputs, read_outputs

START_SECONDS: Final = 400
STOP_SECONDS: Final = 240
_LOG: Final = "make.log"
_ENDED: Final = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How to start: on which port, with what is ``kept`` over a stop in ``folder``."""

    port: int
    folder: Path
    seed: str = "demo"
    parameters: str = ""
    enforce: bool = False
    kept: bool = True

    @property
    def outputs(self) -> Path:
        """The file that exists while the system is ready."""
        return self.folder / "outputs.json"

    @property
    def rights_log(self) -> Path:
        """Who wanted to do what on what, while ``enforce`` is on."""
        return self.folder / "state" / "rights.log"

    @property
    def log(self) -> Path:
        """What make printed."""
        return self.folder / _LOG

    @property
    def ended(self) -> Path:
        """The file that exists once the system has stopped, or could not start."""
        return self.folder / _ENDED

    @property
    def command(self) -> list[str]:
        """The command line."""
        return [
            "make",
            "--no-print-directory",
            "run",
            f"PORT={self.port}",
            f"STATE={self.folder / 'state' if self.kept else ''}",
            f"OUTPUTS={self.outputs}",
            f"SEED={self.seed}",
            f"PARAMETERS={self.parameters}",
            f"ENFORCE={'1' if self.enforce else ''}",
        ]


@contextmanager
def starting(start: Start, *, ending: signal.Signals | None = None) -> Iterator[None]:
    """Begin to start the system, and stop it after the block, by a signal if one is named.

    It stops too if we are killed meanwhile.
    """
    start.folder.mkdir(parents=True, exist_ok=True)
    start.outputs.unlink(missing_ok=True)
    start.ended.unlink(missing_ok=True)
    with (
        start.log.open("w") as log,
        subprocess.Popen(
            [sys.executable, Path(__file__).with_name("tied.py"), start.ended, *start.command],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield
        finally:
            assert process.stdin is not None
            if ending is None:
                process.stdin.close()
            else:
                process.send_signal(ending)
            process.wait(STOP_SECONDS)


@contextmanager
def started(start: Start, *, ending: signal.Signals | None = None) -> Iterator[Outputs]:
    """Start the system, wait until it is ready, and stop it after the block, by a signal if one is named."""
    with starting(start, ending=ending):
        yield ready(start.outputs)


def ready(outputs: Path) -> Outputs:
    """Wait until the system is ready that writes this file then, and return what is in it."""
    log, ended = outputs.with_name(_LOG), outputs.with_name(_ENDED)
    deadline = time.monotonic() + START_SECONDS
    while not outputs.exists():
        assert log.exists(), f"no system has written {outputs}"
        assert not ended.exists(), log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return read_outputs(outputs)


def clean_environment() -> Mapping[str, str]:
    """Return our environment without what an outer make would hand on to an inner one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
