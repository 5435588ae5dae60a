"""Who wants nothing to do with whom: one row for a customer and a therapist, in which either says so."""

from collections.abc import Sequence
from typing import Final

from marketplace.platform.caller import Role
from marketplace.platform.dynamodb.actions import Check, Condition, Update
from marketplace.platform.dynamodb.store import Store

BLOCK_LABEL: Final = "block"


def block_key(customer_id: str, therapist_id: str) -> tuple[str, dict[str, str]]:
    """Return where the row of two people is: ``block#c-1#t-ayu`` / ``pair``."""
    return "claims", {"claimKey": f"block#{customer_id}#{therapist_id}", "claimId": "pair"}


def changing_block(customer_id: str, therapist_id: str, by: Role, *, blocked: bool) -> Update:
    """Return the action by which one of two people blocks the other, or no longer does; again, it stays so."""
    table, key = block_key(customer_id, therapist_id)
    own = frozenset({by.value})
    return Update(
        label=BLOCK_LABEL,
        table=table,
        key=key,
        condition=Condition(expression="attribute_not_exists(#claimKey) OR attribute_exists(#claimKey)"),
        assign={"changedBy": by.value},
        add={"blockedBy": own} if blocked else {},
        delete={} if blocked else {"blockedBy": own},
    )


def checking_no_block(customer_id: str, therapist_id: str) -> Check:
    """Return the action that lets a transaction hold only while neither of two people has blocked the other."""
    table, key = block_key(customer_id, therapist_id)
    return Check(
        label=BLOCK_LABEL, table=table, key=key, condition=Condition(expression="attribute_not_exists(#blockedBy)")
    )


def blocked_among(store: Store, customer_id: str, therapist_ids: Sequence[str]) -> frozenset[str]:
    """Return with which of these therapists a customer has no bookings, for one has blocked the other, in one read."""
    items = store.batch_get([block_key(customer_id, therapist_id) for therapist_id in therapist_ids])
    return frozenset(
        therapist_id for therapist_id, item in zip(therapist_ids, items, strict=True) if item and item.get("blockedBy")
    )
