"""Reading rows of any form: what cannot be read is nothing, so that what judges rows never fails on one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a text of a row, an empty one where there is something else."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def whole(row: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number of a row, nothing where there is something else."""
    value = row.get(name)
    return value if type(value) is int else None


def instant_of(value: object) -> datetime | None:
    """Return the instant that a value writes, in UTC, or nothing where it writes none."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


def instant(row: Mapping[str, Any], name: str) -> datetime | None:
    """Return an instant of a row, nothing where there is something else."""
    return instant_of(row.get(name))
