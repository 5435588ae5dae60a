"""The trail of every change: who, when, what, from which state to which; only ever added to."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, final

from marketplace.booking.model import Booking
from marketplace.commission.model import Commission
from marketplace.operations.invariants.trail import entry_hash, row_hash
from marketplace.platform.caller import Role
from marketplace.platform.clock import Instant, written
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import to_record
from marketplace.platform.dynamodb.store import Condition, ConditionRefused, Page, Put, Store, absent
from marketplace.platform.record import Record

PERSONAL: Final = frozenset({"customerName", "customerWhatsApp", "location", "roomNumber", "therapistWhatsApp"})
"""What a person could ask to have erased, so it never enters the trail."""
ERASED: Final = "commission_erased"
"""The action by which a commission forgets what its customer said; no step of it."""
BESIDE: Final = frozenset({"reason"})
"""What an entry tells by itself, once."""
TECHNICAL: Final = frozenset({"operationId", "requestHash", "updatedAt", "version", "pendingShard", "heldDays"})


@final
class Change(Record, frozen=True, kw_only=True):
    """One entry of the trail; ``before`` and ``after`` hold the attributes that differ."""

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
    """The trail of every booking and commission."""

    def __init__(self, store: Store) -> None:
        """Keep the trail in ``store``."""
        self._store = store

    def add(self, change: Change) -> bool:
        """Add a change once; tell whether it was new."""
        try:
            self._store.write(history_put(change))
        except ConditionRefused:
            return False
        return True

    def find_all(self, entity_id: str) -> Iterator[Item]:
        """Yield the whole trail of one thing, oldest first."""
        where = Condition(expression="#entityId = :entity", values={"entity": entity_id})
        return self._store.query_all("history", where=where, strongly=True)

    def find_page(self, entity_id: str, *, limit: int | None = None, start: Mapping[str, Any] | None = None) -> Page:
        """Return a page of the trail of one thing, oldest first."""
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


def change_of_booking(old: Item | None, new: Item, booking: Booking) -> Change:
    """Return the entry for one version of a booking."""
    return Change(
        entity_id=booking.booking_id,
        entry_id=f"{written(booking.updated_at)}#booking#{booking.version:06d}",
        at=booking.updated_at,
        version=booking.version,
        actor=booking.actor_id,
        actor_role=booking.actor_role,
        action=booking.event.value,
        from_status=str(old["status"]) if old else None,
        to_status=booking.status.value,
        reason=booking.reason,
        before=_differing(old, new) if old else None,
        after=_differing(new, old or {}),
        before_hash=row_hash(old) if old else None,
        after_hash=row_hash(new),
    )


def change_of_commission(old: Item | None, new: Item, commission: Commission) -> Change:
    """Return the entry for one version of a commission, in the trail of its booking."""
    return Change(
        entity_id=commission.booking_id,
        entry_id=f"{written(commission.updated_at)}#commission#{commission.version:06d}",
        at=commission.updated_at,
        version=commission.version,
        actor=commission.actor_id,
        actor_role=commission.actor_role,
        action=ERASED if is_erasure(old, new) else f"commission_{commission.payment_status.value}",
        from_status=str(old["paymentStatus"]) if old else None,
        to_status=commission.payment_status.value,
        reason=commission.reason,
        before=_differing(old, new) if old else None,
        after=_differing(new, old or {}),
        before_hash=row_hash(old) if old else None,
        after_hash=row_hash(new),
    )


def is_erasure(old: Item | None, new: Item) -> bool:
    """Say whether a version of a commission is no step of it: its customer's reason was forgotten, and no more."""
    was = old or {}
    return was.get("paymentStatus") == new.get("paymentStatus") and "reason" in was and new.get("reason") is None


def _differing(one: Item, other: Item) -> dict[str, Any]:
    """Return what ``one`` has otherwise than ``other``; an attribute that it lacks is null."""
    return {
        name: one.get(name)
        for name in {**one, **other}
        if name not in PERSONAL | TECHNICAL | BESIDE and one.get(name) != other.get(name)
    }
