"""All invariants by their numbers, and the one way to check them together."""

from collections.abc import Mapping
from typing import Final

from marketplace.operations.invariants import (
    Check,
    Tables,
    Violation,
    audit_log,
    claims,
    connections,
    files,
    forms,
    ledger,
    life,
    money,
    papers,
    reach,
    rooms,
    time_held,
    visits,
)

INVARIANTS: Final[Mapping[str, Check]] = dict(
    sorted(
        (
            (number, check)
            for theme in (
                claims,
                connections,
                files,
                forms,
                ledger,
                life,
                money,
                papers,
                reach,
                rooms,
                time_held,
                audit_log,
                visits,
            )
            for number, check in theme.CHECKS.items()
        ),
        key=lambda pair: int(pair[0].removeprefix("I")),
    )
)
"""By their numbers, those of reliability first."""


def check_all(tables: Tables) -> list[Violation]:
    """Return every violation of every invariant, in the order of their numbers."""
    return [violation for check in INVARIANTS.values() for violation in check(tables)]
