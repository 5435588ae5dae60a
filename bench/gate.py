"""Refuses a start that has become dearer: instructions of init by those of the floor, within 2 % of a record.

    python -m bench.gate            # compare
    python -m bench.gate --record   # write down what is there now

Instruction counts repeat where times do not. As multiples of the floor in the same run they hardly depend on the
processor, nor on the patch release of Python, for which a little more is allowed. With another minor version of
Python, or without valgrind, nothing is judged, and the gate says so. tests/template/test_starts.py asks it in every
run of the tests.
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
TOLERANCE_ELSEWHERE: Final = 0.06
"""On another processor, or with another patch release of Python, than the record's."""
PYTHON: Final = f"{platform.python_implementation()} {'.'.join(platform.python_version_tuple()[:2])}"
COUNTED_ON: Final = f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}"


def why_not() -> str | None:
    """Return why nothing can be judged here, if so."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed: starts are not judged"
    if not recorded_on().startswith((f"{PYTHON} ", f"{PYTHON}.")):
        return f"recorded with {recorded_on()}, this is {PYTHON}: starts are not judged"
    return None


def recorded_on() -> str:
    """Return which Python and processor the record was counted on."""
    counted_on: str = json.loads(RECORD.read_text(encoding="utf-8"))["countedOn"]
    return counted_on


def tolerance() -> float:
    """Return by which part a start may differ from the record without being judged another one."""
    return TOLERANCE if recorded_on() == COUNTED_ON else TOLERANCE_ELSEWHERE


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
    return [name for name in found if found[name] > before[name] * (1 + tolerance())]


def cheaper(found: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """Return which programs start for so much less that the record would hide a later rise."""
    return [name for name in found if found[name] < before[name] * (1 - tolerance())]


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
