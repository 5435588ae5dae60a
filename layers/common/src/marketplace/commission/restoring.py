"""A commission record that was lost, as its audit log last knew it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

REPAIRED: Final = "commission_repaired"
"""The action of an entry that holds a whole record, made again by an admin."""
_STEP: Final = "#commission#"
"""What the id of an entry holds that tells of a step of a commission."""


def record_in_trail(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the stored record that the entries of a booking's audit log, oldest first, lead to, or an empty one.

    Each step tells what it changed, so that all of them in a row are the record. Only what changes without a step is
    not in it: which file was announced, and which reminder was sent.
    """
    record: dict[str, Any] = {}
    for entry in entries:
        is_whole = entry.get("action") == REPAIRED
        if is_whole or _STEP in str(entry.get("entryId")):
            record = {**({} if is_whole else record), **(entry.get("after") or {})}
            record["version"] = entry.get("version")
            if not is_whole:
                record |= {"updatedAt": entry.get("at"), "reason": entry.get("reason")}
    return record
