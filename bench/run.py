"""`make bench`: every benchmark in one run on this machine, as one report; each part also runs by itself.

    python -m bench.run --report .local/bench/report.md
    python -m bench.run --parts starts cost

The whole takes the better part of an hour and 8 GiB; ``--sizes``, ``--due`` and ``--sockets`` make it shorter.
"""

import os
import platform
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, final

from bench import audit_reads, cost, expiry, page_time, push_time, slot_time, starts
from bench.alternative import measure
from bench.catalogue import page_time as catalogue_time
from bench.gate import GATED
from tests.local.running import Start, free_port, started
from tools.command_line import OneLineParser
from tools.local.emulator import ROOT
from tools.local.outputs import Outputs


@final
class Setting:
    """What the parts run on: the running system, started by the first part that asks for it."""

    def __init__(self, closing: ExitStack, *, sizes: list[int], due: int, sockets: list[int]) -> None:
        """Take sizes; ``closing`` stops the system."""
        self._closing = closing
        self._outputs: Outputs | None = None
        self.sizes = sizes
        self.due = due
        self.sockets = sockets

    @property
    def outputs(self) -> Outputs:
        """Where the running system is."""
        if self._outputs is None:
            folder = Path(mkdtemp(prefix="bench-"))
            self._closing.callback(shutil.rmtree, folder, ignore_errors=True)
            self._outputs = self._closing.enter_context(started(Start(port=free_port(), folder=folder)))
        return self._outputs


def starts_part(_: Setting) -> Iterator[str]:
    """Starts and calls of every function, beside a floor and a naive function."""
    wanted = starts.programs()
    yield from starts.table_of_times(starts.measured(wanted, rounds=3, calls=100))
    yield ""
    if shutil.which("valgrind") is None:
        yield "Instructions are not counted: valgrind is not installed."
        return
    counted = [program for program in wanted if program.name in {"floor", *GATED}]
    yield from starts.table_of_instructions(starts.init_instructions(counted))


def prices() -> dict[str, Any]:
    """Return the table of prices."""
    return tomllib.loads(Path(cost.__file__).with_name("prices.toml").read_text(encoding="utf-8"))


def cost_part(_: Setting) -> Iterator[str]:
    """Dollars, from counted units and a table of prices."""
    return cost.report(prices())


def alternative_part(_: Setting) -> Iterator[str]:
    """The same work on FastAPI and PostgreSQL, and where its dollars meet ours."""
    return measure.report(prices(), requests=1_000, clients=8)


def audit_part(_: Setting) -> Iterator[str]:
    """An audit of what has changed, beside a full one."""
    yield from audit_reads.report(bookings=50_000, changed=500)


def expiry_part(setting: Setting) -> Iterator[str]:
    """A sweep of due bookings, in small and large tables."""
    return expiry.report(setting.due, [100, 20_000])


def push_part(setting: Setting) -> Iterator[str]:
    """A message from its sender to its receiver."""
    return push_time.report(setting.outputs, setting.sockets, 30)


def slots_part(setting: Setting) -> Iterator[str]:
    """The free times of thirty days."""
    return slot_time.report(setting.outputs, rounds=10)


def catalogue_part(_: Setting) -> Iterator[str]:
    """A page of a catalogue of 5,000 therapists."""
    return catalogue_time.report(catalogue_time.THERAPISTS_MEASURED, rounds=30)


def pages_part(setting: Setting) -> Iterator[str]:
    """A page of a short and of a long conversation."""
    return page_time.report(setting.sizes, rounds=40)


PARTS: Final[Mapping[str, Callable[[Setting], Iterator[str]]]] = {
    "starts": starts_part,
    "cost": cost_part,
    "audit": audit_part,
    "expiry": expiry_part,
    "push": push_part,
    "slots": slots_part,
    "catalogue": catalogue_part,
    "pages": pages_part,
    "alternative": alternative_part,
}


def machine() -> str:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("botocore", "pydantic", "aws-lambda-powertools"))
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores (load {load:.1f} at the start), "
        f"{memory:.0f} GiB, Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, {packages}"
    )


def main() -> None:
    """Run the parts, print as they come, and write the report."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--parts", nargs="+", choices=[*PARTS], default=[*PARTS])
    options.add_argument("--report", type=Path, default=ROOT / ".local" / "bench" / "report.md")
    options.add_argument("--sizes", type=int, nargs="+", default=page_time.SIZES, help="messages of rooms")
    options.add_argument("--due", type=int, default=10_000, help="bookings to expire")
    options.add_argument("--sockets", type=int, nargs="+", default=[1, 100, 1_000], help="open while messages are sent")
    asked = options.parse_args()
    lines = ["# Benchmarks", "", f"Made by `make bench`: {machine()}.", ""]
    with ExitStack() as closing:
        setting = Setting(closing, sizes=asked.sizes, due=asked.due, sockets=asked.sockets)
        for name in asked.parts:
            lines += [f"## {(PARTS[name].__doc__ or name).rstrip('.')}", "", *PARTS[name](setting), ""]
            print("\n".join(lines), flush=True)
            asked.report.parent.mkdir(parents=True, exist_ok=True)
            with asked.report.open("a" if name != asked.parts[0] else "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            lines = []
    print(f"written to {asked.report}", file=sys.stderr)


if __name__ == "__main__":
    main()
