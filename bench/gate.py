"""Refuses a start that has become dearer: instructions of init by those of the floor, within 2 % of a record.

    python -m bench.gate            # compare
    python -m bench.gate --record   # write down what is there now

Instruction counts repeat where times do not. As multiples of the floor in the same run they hardly depend on the
machine, but they do on the Python and on the architecture: where those are not the record's, or valgrind is missing,
nothing is judged, and the gate says so. tests/template/test_starts.py asks it in every run of the tests.
"""

import json
import platform
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from bench.starts import Program, init_instructions, programs
from tools.command_line import OneLineParser

RECORD: Final = Path(__file__).with_name("starts.json")
GATED: Final = (
    "ChatSessionFunction",
    "CreateBookingFunction",
    "ExpireBookingsFunction",
    "SendMessageFunction",
)
TOLERANCE: Final = 0.02
COUNTED_ON: Final = f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}"


def why_not() -> str | None:
    """Return why nothing can be judged here, if so."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed: starts are not judged"
    recorded_on = json.loads(RECORD.read_text(encoding="utf-8"))["countedOn"]
    if recorded_on != COUNTED_ON:
        return f"recorded with {recorded_on}, this is {COUNTED_ON}: starts are not judged"
    return None


def gated() -> list[Program]:
    """Return the floor and the functions that are judged."""
    return programs(GATED, with_naive=False)


def multiples(of: Iterable[Program]) -> dict[str, float]:
    """Return the instructions of each program's init as a multiple of the floor's, which must be among them."""
    counted = init_instructions([*of])
    floor = counted.pop("floor")
    return {name: round(count / floor, 3) for name, count in counted.items()}


def recorded() -> Mapping[str, float]:
    """Return the multiples that are written down."""
    multiples_of: Mapping[str, float] = json.loads(RECORD.read_text(encoding="utf-8"))["timesFloor"]
    return multiples_of


def dearer(found: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """Return which programs start for more than before."""
    return [name for name in found if found[name] > before[name] * (1 + TOLERANCE)]


def cheaper(found: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """Return which programs start for so much less that the record would hide a later rise."""
    return [name for name in found if found[name] < before[name] * (1 - TOLERANCE)]


def main() -> int:
    """Compare with the record, or write it."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--record", action="store_true")
    asked = options.parse_args()
    reason = why_not()
    if reason and not (asked.record and shutil.which("valgrind")):
        print(reason)
        return 0
    found = multiples(gated())
    if asked.record:
        record = {"countedOn": COUNTED_ON, "timesFloor": found}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    before = recorded()
    for name, multiple in found.items():
        print(f"{name}: {multiple:.3f} × floor, recorded {before[name]:.3f}")
    if cheap := cheaper(found, before):
        print(f"cheaper than recorded: {', '.join(cheap)}; make bench-gate RECORD=1 keeps that")
    if dear := dearer(found, before):
        print(f"dearer than recorded: {', '.join(dear)}; if that is meant, make bench-gate RECORD=1", file=sys.stderr)
    return 1 if dear else 0


if __name__ == "__main__":
    sys.exit(main())
