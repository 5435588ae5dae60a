"""The invariant of the audit log: one entry a step, none changed, none missing, up to the row as it stands."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from marketplace.operations.invariants import Check, Row, Tables, Violation
from marketplace.operations.invariants.life import PUBLISHED_WITHIN
from marketplace.operations.invariants.rows import by_key, read_at, rows, text, whole
from marketplace.platform.dynamodb.audit_log import entry_hash, row_hash
from marketplace.platform.dynamodb.lenient_rows import instant

_STEPS: Final = {"#booking#": "bookings", "#commission#": "commission_records"}
"""The table whose step an entry tells of, by what its id contains; other entries are no steps."""
_REPAIRED: Final = "commission_repaired"


def audit_logs_are_whole(tables: Tables) -> list[Violation]:
    """Check I22: every step has an entry with its actor; each begins at the row where the one before ended.

    The hash of a row before a step is the hash after the step before, and the last one is the hash of the
    row as it stands: an entry that is changed, added or left out breaks the chain. A row that changed a
    moment ago may be ahead of its audit log.
    """
    if "history" not in tables:
        return []
    chains, repaired = defaultdict[tuple[str, str], list[Row]](list), set[str]()
    found: list[Violation] = []
    for entry in rows(tables, "history"):
        entity_id = text(entry, "entityId")
        found += [Violation("I22", entity_id, complaint) for complaint in _wrong_entry(entry)]
        if text(entry, "action") == _REPAIRED:
            repaired.add(entity_id)
        for kind, table in _STEPS.items():
            if kind in text(entry, "entryId"):
                chains[table, entity_id].append(entry)
    for (table, key), entries in chains.items():
        if table == "commission_records" and key in repaired:
            continue  # made again as it must have been, by no step of its own
        entries.sort(key=lambda entry: whole(entry, "version"))
        found += [Violation("I22", key, f"{table}: {complaint}") for complaint in _broken_links(entries)]
    found += _wrong_ends(tables, chains, repaired)
    return found


CHECKS: Final[Mapping[str, Check]] = {"I22": audit_logs_are_whole}
"""Every invariant of this module, by its number."""


def _broken_links(entries: Sequence[Row]) -> Iterator[str]:
    before: object = None
    for expected, entry in enumerate(entries, start=1):
        version = whole(entry, "version")
        if version != expected:
            yield f"the audit log has version {version} in place {expected}"
            return
        if before is not None and entry.get("beforeHash") != before:
            yield f"version {version} does not begin where the one before ended"
        before = entry.get("afterHash")


def _wrong_entry(entry: Row) -> Iterator[str]:
    entry_id = text(entry, "entryId")
    if "entryHash" in entry and entry["entryHash"] != entry_hash(entry):
        yield f"entry {entry_id} is not as it was written"
    if not text(entry, "actor") or not text(entry, "actorRole"):
        yield f"entry {entry_id} has no actor"


def _wrong_ends(
    tables: Tables, chains: Mapping[tuple[str, str], Sequence[Row]], repaired: Collection[str]
) -> Iterator[Violation]:
    now = read_at(tables)
    for table in _STEPS.values():
        for key, row in by_key(tables, table, "bookingId").items():
            if table == "commission_records" and key in repaired:
                continue  # made again as it must have been, by no step of its own
            complaint = _wrong_end(row, chains.get((table, key), ()), now)
            if complaint:
                yield Violation("I22", key, f"{table}: {complaint}")


def _wrong_end(row: Row, entries: Sequence[Row], now: datetime) -> str | None:
    updated_at, version = instant(row, "updatedAt"), whole(row, "version")
    if len(entries) < version and updated_at is not None and now > updated_at + PUBLISHED_WITHIN:
        return f"the audit log ends with version {len(entries)} of {version}"
    last = entries[-1].get("afterHash") if entries else None
    if len(entries) == version and last is not None and last != row_hash(row):
        return f"the row is not as version {version} left it"
    return None
