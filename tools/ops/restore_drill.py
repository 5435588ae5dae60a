"""`make restore-drill`: brings every table of a stack back as it was at an instant, and judges the copies.

The living tables are not touched. The copies are counted beside the originals, judged by the invariants as of that
instant, and removed again unless they are to be kept. The emulator keeps no past: it copies the tables as they are,
one after the other, so that only what is broken in three copies in a row counts there.
"""

import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.chat.rows import EPOCH_KEY
from marketplace.operations.invariants import Violation
from marketplace.operations.invariants.catalogue import check_all
from marketplace.platform.clock import format_utc, parse_utc, utc_now
from marketplace.platform.dynamodb.attribute_values import to_item
from tools.command_line import OneLineParser
from tools.local.tables_read import Stack
from tools.ops.verify import report_of, stack_of

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SECONDS_BETWEEN_LOOKS: Final = 5.0
HOURS_AT_MOST: Final = 6
COPIES_OF_THE_PRESENT: Final = 3
_MARK: Final = "-restored-"


class NoPastError(Exception):
    """An instant was asked for where the past is not kept."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill has shown."""

    at: datetime
    """The one instant of all copies."""
    seconds: float
    rows: Mapping[str, tuple[int, int]]
    """By table: how many rows its copy has, and how many the original, as the service last counted them."""
    violations: Sequence[Violation]


@final
class Drill:
    """One restoration of a stack's tables."""

    def __init__(self, stack: Stack, at: datetime | None) -> None:
        """Restore as of ``at``, or as late as the backups of all tables go.

        Raises:
            NoPastError: an instant is named, and the stack is on an emulator.
        """
        if at is not None and stack.endpoint_url is not None:
            raise NoPastError
        self._stack = stack
        self._at = at
        self.suffix = f"{_MARK}{utc_now():%Y%m%d%H%M%S}-{secrets.token_hex(2)}"
        self._dynamodb: DynamoDBClient = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
        self._tables = tuple(self._find_tables())

    def run(self) -> Drilled:
        """Restore, count and judge; the copies stay until they are removed."""
        began = time.monotonic()
        at = self._at or self._latest()
        self._restore(at)
        seconds = time.monotonic() - began
        self._give_epoch()
        tables = replace(self._stack, suffix=self.suffix, as_of=at).read()
        return Drilled(
            at=at,
            seconds=seconds,
            rows={table: (self._count(table), self._count_of_original(table)) for table in self._tables},
            violations=check_all(tables),
        )

    def remove(self) -> None:
        """Remove the copies, and wait until they are gone."""
        for table in self._tables:
            with suppress(self._dynamodb.exceptions.ResourceNotFoundException):
                self._dynamodb.delete_table(TableName=self._copy(table))
        gone = self._dynamodb.get_waiter("table_not_exists")
        for table in self._tables:
            gone.wait(TableName=self._copy(table))

    def _find_tables(self) -> Iterator[str]:
        """Yield the stack's tables, without its name and without copies."""
        prefix = f"{self._stack.name}-"
        for page in self._dynamodb.get_paginator("list_tables").paginate():
            for name in page["TableNames"]:
                if name.startswith(prefix) and _MARK not in name:
                    yield name.removeprefix(prefix)

    def _latest(self) -> datetime:
        """Return the latest instant to which every table can be restored, so that all are of the same.

        Raises:
            ValueError: a table has no continuous backup.
        """
        if self._stack.endpoint_url is not None:
            return utc_now()
        latest = {
            table: self._dynamodb.describe_continuous_backups(TableName=self._original(table))[
                "ContinuousBackupsDescription"
            ]["PointInTimeRecoveryDescription"].get("LatestRestorableDateTime")
            for table in self._tables
        }
        if without := [table for table, instant in latest.items() if instant is None]:
            message = f"no continuous backup of {', '.join(without)}"
            raise ValueError(message)
        return min(instant for instant in latest.values() if instant is not None)

    def _restore(self, at: datetime) -> None:
        """Restore every table into a copy beside it, all at once, and wait until the copies can be read."""
        for table in self._tables:
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=self._original(table), TargetTableName=self._copy(table), RestoreDateTime=at
            )
        ends_at = time.monotonic() + HOURS_AT_MOST * 3600
        for table in self._tables:
            while self._dynamodb.describe_table(TableName=self._copy(table))["Table"]["TableStatus"] != "ACTIVE":
                if time.monotonic() > ends_at:
                    raise TimeoutError(table)
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def _give_epoch(self) -> None:
        """Give the copies an epoch of their own, by which clients notice that the past was brought back."""
        table, key = EPOCH_KEY
        item = to_item({**key, "epoch": self.suffix.removeprefix(_MARK)})
        self._dynamodb.put_item(TableName=self._copy(table), Item=item)

    def _count(self, table: str) -> int:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._copy(table), ConsistentRead=True, Select="COUNT"
        )
        return sum(page["Count"] for page in pages)

    def _count_of_original(self, table: str) -> int:
        return self._dynamodb.describe_table(TableName=self._original(table))["Table"]["ItemCount"]

    def _original(self, table: str) -> str:
        return f"{self._stack.name}-{table}"

    def _copy(self, table: str) -> str:
        return f"{self._stack.name}-{table}{self.suffix}"


def drilled(stack: Stack, at: datetime | None, *, keep: bool) -> tuple[Drilled, str]:
    """Restore and judge; return what was shown, and how the copies end that are kept.

    Raises:
        NoPastError: an instant is named, and the stack is on an emulator.
    """
    left = 1 if stack.endpoint_url is None else COPIES_OF_THE_PRESENT
    found: Sequence[Violation] | None = None
    while True:
        left -= 1
        drill, is_enough = Drill(stack, at), False
        try:
            shown = drill.run()
            found = [each for each in shown.violations if found is None or each in found]
            is_enough = not found or not left
        finally:
            if not (is_enough and keep):
                drill.remove()
        if is_enough:
            return replace(shown, violations=found), drill.suffix


def main() -> int:
    """Print rows by table and the report of the invariants; the exit code tells whether anything is broken."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, restored with your credentials")
    parser.add_argument("--at", default="", help="2026-11-22T08:15:00Z; empty for as late as possible")
    parser.add_argument("--keep", action="store_true", help="leave the copies for people to look at")
    chosen = parser.parse_args()
    try:
        at = parse_utc(chosen.at) if chosen.at else None
        shown, suffix = drilled(stack_of(chosen.outputs, chosen.stack), at, keep=chosen.keep)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except NoPastError:
        print("the emulator keeps no past: without AT= it copies the tables as they are", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError, ValueError, TimeoutError) as error:
        print(f"the tables cannot be restored: {error}", file=sys.stderr)
        return 2
    print(f"restored as of {format_utc(shown.at)} in {shown.seconds:.0f} s")
    for table, (copied, living) in shown.rows.items():
        print(f"{table:20} {copied:8} rows of {living} now")
    if chosen.keep:
        print(f"the copies end in {suffix}")
    print(report_of(shown.violations))
    if not any(copied for copied, _ in shown.rows.values()):
        print("no row was restored: this has proven nothing", file=sys.stderr)
        return 2
    return 1 if shown.violations else 0


if __name__ == "__main__":
    sys.exit(main())
