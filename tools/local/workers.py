"""The processes in which the emulator runs functions: found by the port of their emulator, watched, and killed."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, final

_PROCESSES: Final = Path("/proc")
_EMULATOR: Final = "tools.local.emulator_process"
_WORKER: Final = "_worker.py"
_MOMENT_SECONDS: Final = 0.05


def emulator_of(port: int) -> int | None:
    """Return the process of the emulator that listens on a port, or nothing where that cannot be told."""
    wanted = f"GATEWAY_PORT={port}".encode()
    for process in _processes():
        if _EMULATOR in _command(process) and wanted in _read(process / "environ").split(b"\0"):
            return int(process.name)
    return None


def workers_of(emulator: int) -> list[int]:
    """Return the processes in which an emulator runs functions at present."""
    return [
        int(process.name) for process in _processes() if _parent(process) == emulator and _WORKER in _command(process)
    ]


def kill_one(emulator: int, *, at_work: bool = False) -> bool:
    """Kill one worker of an emulator at random, without any warning; say whether there was one.

    One that works for somebody just now, if ``at_work`` and if there is any; else any, which may be one that starts.
    """
    workers = workers_of(emulator)
    if at_work:
        workers = those_at_work([worker for worker in workers if _age(worker) > STARTED_AFTER_SECONDS]) or workers
    if not workers:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311 - any will do
    return True


@final
class MemoryWatch:
    """How much memory each worker took at the earliest and at the latest look, however short its life."""

    def __init__(self, emulator: int) -> None:
        """Watch the workers of an emulator."""
        self._emulator = emulator
        self._first_seen: dict[int, float] = {}
        self._first: dict[int, tuple[float, float]] = {}
        self._last: dict[int, tuple[float, float]] = {}

    def look(self) -> None:
        """Note what every worker takes now; one that has just started is left to warm up first."""
        now = time.monotonic()
        for worker in workers_of(self._emulator):
            if now - self._first_seen.setdefault(worker, now) < WARM_AFTER_SECONDS:
                continue
            taken = resident_mebibytes(worker)
            if taken:
                self._first.setdefault(worker, (now, taken))
                self._last[worker] = now, taken

    def growth(self) -> Mapping[int, float]:
        """Return by how many MiB each worker grew that was watched for long enough to tell."""
        return {
            worker: self._last[worker][1] - taken
            for worker, (since, taken) in self._first.items()
            if self._last[worker][0] - since >= WATCHED_SECONDS
        }


STARTED_AFTER_SECONDS: Final = 10.0
WARM_AFTER_SECONDS: Final = 20.0
WATCHED_SECONDS: Final = 40.0


def resident_mebibytes(process: int) -> float:
    """Return how much memory a process has, in MiB."""
    for line in _read(_PROCESSES / str(process) / "status").decode().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def those_at_work(workers: list[int]) -> list[int]:
    """Return those that take time of the machine during a moment."""
    before = {worker: _ticks(worker) for worker in workers}
    time.sleep(_MOMENT_SECONDS)
    return [worker for worker, ticks in before.items() if _ticks(worker) > ticks]


def _ticks(process: int) -> int:
    """Return how long a process has run on any processor, in the kernel's ticks."""
    return sum(int(ticks) for ticks in _fields(process)[11:13])


def _age(process: int) -> float:
    """Return for how many seconds a process has been there, none if it is gone."""
    fields, up = _fields(process), _read(_PROCESSES / "uptime").split()
    return float(up[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK") if fields and up else 0.0


def _fields(process: int) -> list[bytes]:
    """Return what the kernel tells of a process after its name, which may contain anything."""
    return _read(_PROCESSES / str(process) / "stat").rpartition(b")")[2].split()


def _processes() -> Iterator[Path]:
    return (entry for entry in _PROCESSES.glob("[0-9]*"))


def _command(process: Path) -> str:
    return _read(process / "cmdline").decode(errors="replace").replace("\0", " ")


def _parent(process: Path) -> int:
    fields = _fields(int(process.name))
    return int(fields[1]) if fields else 0


def _read(file: Path) -> bytes:
    """Return a file of a process, empty if the process is gone or somebody else's."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
