"""`make migrate-ledger`: enters commissions of before the ledger into it, once each, and says what does not agree.

It may be repeated, and stopped at any time: a record is entered in one transaction or not at all.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from marketplace.commission.ledger.repository import Ledger
from marketplace.commission.model import Commission
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency
from marketplace.services.commission.commissions import enter_into_ledger
from tools.command_line import OneLineParser
from tools.ops.verify import stack_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.local.tables_read import Stack


def migrate(store: Store) -> tuple[int, list[str]]:
    """Enter every record that is not in the ledger yet; return how many there are, and those that do not agree."""
    ledger = Ledger(store)
    judged, differing = 0, []
    for commission in _records(store):
        judged += 1
        if not enter_into_ledger(store, ledger, commission):
            differing.append(commission.booking_id)
    return judged, differing


def _records(store: Store) -> "Iterator[Commission]":
    start = None
    while True:
        page = store.scan("commission_records", start=start)
        yield from readable_records(Commission, page.items, key="bookingId")
        start = page.next_key
        if start is None:
            return


def store_of(stack: "Stack") -> Store:
    """Return the tables of a stack."""
    dynamodb = stack.session.client("dynamodb", endpoint_url=stack.endpoint_url)
    return Store(Dependency("dynamodb", dynamodb), f"{stack.name}-")


def main() -> int:
    """Migrate the stack that the command line names; the exit code tells whether everything agrees."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--stack", default="", help="a stack on AWS, written with your credentials")
    chosen = parser.parse_args()
    try:
        judged, differing = migrate(store_of(stack_of(chosen.outputs, chosen.stack)))
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run, or name a STACK)", file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"the tables cannot be reached: {error}", file=sys.stderr)
        return 2
    print(f"{judged} commissions judged, {len(differing)} do not agree with the ledger")
    for booking_id in differing:
        print(f"  {booking_id}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
