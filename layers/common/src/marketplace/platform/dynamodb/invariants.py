"""What a check of stored rows takes and says: plain items of tables by their names, and what is broken."""

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
