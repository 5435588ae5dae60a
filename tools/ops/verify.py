"""`make verify`: judges every row of a stack by the invariants, prints what it found, and changes nothing.

The tables are read one after the other while the system goes on, so what one reading finds broken is read
once more, strongly, a little later: only what stands as it stood before is reported.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from marketplace.operations.invariants import Violation
from marketplace.operations.invariants.catalogue import INVARIANTS, check_all
from tools.command_line import OneLineParser
from tools.local.outputs import read_outputs
from tools.local.tables_read import Stack

SETTLE_SECONDS: Final = 5.0
SHOWN_AT_MOST: Final = 200


def standing_violations(stack: Stack, *, settle_seconds: float = SETTLE_SECONDS) -> tuple[list[Violation], int]:
    """Return what two readings, some seconds apart, both find broken in the same words, and how many rows were read."""
    tables = stack.read()
    found, read = check_all(tables), sum(len(rows) for rows in tables.values())
    if found:
        time.sleep(settle_seconds)
        still = set(check_all(stack.read()))
        found = [violation for violation in dict.fromkeys(found) if violation in still]
    return found, read


def report_of(violations: Iterable[Violation]) -> str:
    """Return the table of the invariants with what breaks them; its last line is ``violations: N``."""
    found = list(violations)
    numbers = Counter(violation.invariant for violation in found)
    lines = [f"{'':4} {'broken':>6}  what must stay true"]
    for number, check in INVARIANTS.items():
        meaning = (check.__doc__ or "").splitlines()[0].removeprefix(f"Check {number}: ")
        lines.append(f"{number:4} {numbers[number]:6}  {meaning}")
    if found:
        lines.append("")
    lines += [f"{each.invariant:4} {each.key}: {each.message}" for each in found[:SHOWN_AT_MOST]]
    if len(found) > SHOWN_AT_MOST:
        lines.append(f"and {len(found) - SHOWN_AT_MOST} more")
    return "\n".join([*lines, f"violations: {len(found)}"])


def stack_of(outputs: Path, name: str, suffix: str = "") -> Stack:
    """Return the running stack that a file of outputs tells of, or one on AWS by its name.

    Raises:
        FileNotFoundError: no name is given, and nothing runs with that file.
    """
    if name:
        return Stack(name=name, session=boto3.Session(), suffix=suffix)
    running = read_outputs(outputs)
    session = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator accepts anything
        region_name=running.region,
    )
    return Stack(name=running.stack_name, session=session, endpoint_url=running.aws_endpoint_url, suffix=suffix)


def main() -> int:
    """Print the report; the exit code tells whether anything is broken."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, read with your credentials")
    parser.add_argument("--suffix", default="", help="of restored copies of the tables")
    chosen = parser.parse_args()
    try:
        found, read = standing_violations(stack_of(chosen.outputs, chosen.stack, chosen.suffix))
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the tables cannot be read: {error}", file=sys.stderr)
        return 2
    print(f"{read} rows read")
    print(report_of(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
