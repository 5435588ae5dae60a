"""Refuses a start that has become dearer: instructions of init by those of the floor, within 2 % of a record.

    python -m bench.gate            # compare
    python -m bench.gate --record   # write down what is there now

Instruction counts repeat where times do not, and as multiples of the floor in the same run they agree between machines.
Where valgrind is missing there is nothing to compare, and the gate says so.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Final

from bench.starts import init_instructions, programs

RECORD: Final = Path(__file__).with_name("starts.json")
GATED: Final = ("CreateBookingFunction", "ExpireBookingsFunction", "PublishChangesFunction", "SendMessageFunction")
TOLERANCE: Final = 0.02


def main() -> int:
    """Compare with the record, or write it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--record", action="store_true")
    asked = options.parse_args()
    if shutil.which("valgrind") is None:
        print("valgrind is not installed: starts are not judged")
        return 0
    counted = init_instructions([program for program in programs(GATED) if program.name != "naive"])
    found = {name: round(counted[name] / counted["floor"], 3) for name in GATED}
    if asked.record:
        RECORD.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    dearer = [name for name in GATED if found[name] > recorded[name] * (1 + TOLERANCE)]
    cheaper = [name for name in GATED if found[name] < recorded[name] * (1 - TOLERANCE)]
    for name in GATED:
        print(f"{name}: {found[name]:.3f} × floor, recorded {recorded[name]:.3f}")
    if cheaper:
        print(f"cheaper than recorded: {', '.join(cheaper)}; make bench-gate RECORD=1 keeps that")
    if dearer:
        print(f"dearer than recorded: {', '.join(dearer)}; if that is meant, make bench-gate RECORD=1", file=sys.stderr)
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main())
