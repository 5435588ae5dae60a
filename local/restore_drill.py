"""`make restore-drill`: brings every table of a stack back as it was at an instant, and judges the copies.

The living tables are not touched. The copies are judged by the invariants as of that instant, counted against
the originals, and removed again unless they are to be kept.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from botocore.exceptions import ClientError

from local.tables_read import READ, Stack
from local.verify import report_of, stack_of
from marketplace.clock import read_instant, utc_now, written
from marketplace.domain.invariants import Violation
from marketplace.domain.invariants.catalogue import check_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SECONDS_BETWEEN_LOOKS: Final = 5.0
HOURS_AT_MOST: Final = 6


@final
class Drill:
    """One restoration of a stack's tables."""

    def __init__(self, stack: Stack, at: datetime | None) -> None:
        """Restore as of ``at``, or as late as the backups go."""
        self._stack = stack
        self._at = at
        self.suffix = f"-restored-{utc_now():%Y%m%d%H%M%S}"
        self._dynamodb: DynamoDBClient = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)

    def restore(self) -> None:
        """Restore every table into a copy beside it, all at once, and wait until the copies can be read."""
        moment: Mapping[str, Any] = (
            {"UseLatestRestorableTime": True} if self._at is None else {"RestoreDateTime": self._at}
        )
        for table in READ:
            name = f"{self._stack.name}-{table}"
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=name, TargetTableName=name + self.suffix, **moment
            )
        ends_at = time.monotonic() + HOURS_AT_MOST * 3600
        for name in self._copies():
            while self._dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
                if time.monotonic() > ends_at:
                    raise TimeoutError(name)
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def judge(self) -> tuple[Mapping[str, int], list[Violation]]:
        """Return how many rows each copy has, and what is broken in them."""
        tables = replace(self._stack, suffix=self.suffix, as_of=self._at).read()
        return {table: len(tables[table]) for table in READ}, check_all(tables)

    def remove(self) -> None:
        """Remove the copies."""
        for name in self._copies():
            with suppress(self._dynamodb.exceptions.ResourceNotFoundException):
                self._dynamodb.delete_table(TableName=name)

    def _copies(self) -> Iterator[str]:
        return (f"{self._stack.name}-{table}{self.suffix}" for table in READ)


def main() -> int:
    """Print rows by table and the report of the invariants; the exit code tells whether anything is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, restored with your credentials")
    parser.add_argument("--at", default="", help="2026-11-22T08:15:00Z; empty for as late as possible")
    parser.add_argument("--keep", action="store_true", help="leave the copies for people to look at")
    chosen = parser.parse_args()
    try:
        drill = Drill(stack_of(chosen.outputs, chosen.stack), read_instant(chosen.at) if chosen.at else None)
        began = time.monotonic()
        try:
            drill.restore()
            restored_in = time.monotonic() - began
            counts, found = drill.judge()
        finally:
            if not chosen.keep:
                drill.remove()
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (ClientError, ValueError, TimeoutError) as error:
        print(f"the tables cannot be restored: {error}", file=sys.stderr)
        return 2
    print(f"restored as of {written(datetime.now(UTC)) if not chosen.at else chosen.at} in {restored_in:.0f} s")
    for table, rows in counts.items():
        print(f"{table:20} {rows:8} rows")
    if chosen.keep:
        print(f"the copies end in {drill.suffix}")
    print(report_of(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
