"""What must stay true of the tables: pure functions over plain items, one module per theme.

The audits, the tests after every fault, and people at a prompt use the same functions. A check takes the
items of the tables by their names, in wire names and plain values, and returns what is broken; a table
that a check reads and that is not given counts as empty. Rows of any form may be given: a check reports
what it cannot read, it never fails.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from msgspec import Struct

type Row = Mapping[str, Any]
type Tables = Mapping[str, Sequence[Row]]


@final
class Violation(Struct, frozen=True):
    """One thing that is not as it must be."""

    invariant: str
    """Which one, by its number: ``I2``."""
    key: str
    """The row at fault, or the group whose sums differ."""
    message: str
    """What is wrong; ids and amounts, never people."""


type Check = Callable[[Tables], list[Violation]]
