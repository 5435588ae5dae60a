"""The audit log of every change: who, when, what, from which state to which; only ever added to."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, final

from marketplace.platform.caller import Role
from marketplace.platform.clock import Instant
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.record import Record

UNVERSIONED: Final = frozenset(
    {"announcedProofId", "chatWindowOpen", "dueAt", "dueShard", "operationId", "remindedOf", "removing"}
)
"""Attributes that change without a step, so that no entry speaks of them."""
_SEALED: Final = (
    "entityId",
    "entryId",
    "at",
    "version",
    "actor",
    "actorRole",
    "action",
    "fromStatus",
    "toStatus",
    "reason",
    "before",
    "after",
    "beforeHash",
    "afterHash",
)


@final
class Change(Record, frozen=True, kw_only=True):
    """One entry of the audit log; ``before`` and ``after`` hold the attributes that differ."""

    entity_id: str
    entry_id: str
    at: Instant
    version: int
    actor: str
    actor_role: Role
    action: str
    from_status: str | None
    to_status: str
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    before_hash: str | None = None
    """What the whole row was before, as a hash: the ``after_hash`` of the entry before this one."""
    after_hash: str | None = None


@final
class History:
    """The audit log of every booking and commission."""

    def __init__(self, store: Store) -> None:
        """Keep the audit log in ``store``."""
        self._store = store

    def add(self, change: Change) -> bool:
        """Add a change once; tell whether it was new."""
        try:
            self._store.write(history_put(change))
        except ConditionRefused:
            return False
        return True

    def find_all(self, entity_id: str) -> Iterator[Item]:
        """Yield the whole audit log of one thing, oldest first."""
        where = Condition(expression="#entityId = :entity", values={"entity": entity_id})
        return self._store.query_all("history", where=where, strongly=True)

    def find_page(self, entity_id: str, *, limit: int | None = None, start: Mapping[str, Any] | None = None) -> Page:
        """Return a page of the audit log of one thing, oldest first."""
        return self._store.query(
            "history",
            where=Condition(expression="#entityId = :entity", values={"entity": entity_id}),
            limit=limit,
            start=start,
            strongly=True,
        )


def history_put(change: Change) -> Put:
    """Return the action that adds an entry once, sealed by the hash of all it says."""
    record = to_record(change)
    record["entryHash"] = entry_hash(record)
    return Put(label="history", table="history", item=record, condition=absent("entityId"))


def resealed(record: Mapping[str, Any]) -> str:
    """Return the hash that seals an entry out of which a person has been taken."""
    return entry_hash(record)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return what identifies a stored row in all that steps change, as a SHA-256."""
    return _hash({name: value for name, value in row.items() if name not in UNVERSIONED})


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return what identifies an entry of the audit log, the rows before and after it included."""
    return _hash({name: entry.get(name) for name in _SEALED})


def _hash(content: object) -> str:
    written = json.dumps(_plain(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - any stored value
    """Return a value as JSON can hold it; 1 and 1.0 are the same number to the tables."""
    match value:
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case set() | frozenset():
            return sorted(str(entry) for entry in value)
        case float() if value.is_integer():
            return int(value)
        case bool() | int() | float() | str() | None:
            return value
        case _:
            return str(value)
