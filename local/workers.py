"""The processes in which the emulator runs functions: found by the port of their emulator, and killed."""

import contextlib
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROCESSES: Final = Path("/proc")
_EMULATOR: Final = "emulator_process.py"
_WORKER: Final = "_worker.py"


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


def kill_one(emulator: int) -> bool:
    """Kill one worker of an emulator at random, without any warning; say whether there was one."""
    workers = workers_of(emulator)
    if not workers:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311 - any will do
    return True


def resident_mebibytes(process: int) -> float:
    """Return how much memory a process has, in MiB."""
    for line in _read(_PROCESSES / str(process) / "status").decode().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _processes() -> Iterator[Path]:
    return (entry for entry in _PROCESSES.glob("[0-9]*"))


def _command(process: Path) -> str:
    return _read(process / "cmdline").decode(errors="replace").replace("\0", " ")


def _parent(process: Path) -> int:
    fields = _read(process / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _read(file: Path) -> bytes:
    """Return a file of a process, empty if the process is gone or somebody else's."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
