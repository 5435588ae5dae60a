"""What the audit log says of each step of a booking and of its commission, and of changes of a profile."""

from typing import Any, Final

from marketplace.booking.model import Booking
from marketplace.commission.model import Commission
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.audit_log import Change, row_hash

PERSONAL: Final = frozenset(
    {"customerName", "customerWhatsApp", "location", "distanceKm", "roomNumber", "therapistWhatsApp"}
)
"""What a person could ask to have erased, so it never enters the audit log."""
ERASED: Final = "commission_erased"
"""The action by which a commission forgets what its customer said; no step of it."""
BESIDE: Final = frozenset({"reason", "disputeReason"})
"""What an entry tells by itself, once."""
TECHNICAL: Final = frozenset(
    {
        *("operationId", "requestHash", "updatedAt", "version", "heldDays", "startCode", "formerly"),
        *(
            "open",
            "pendingShard",
            "listShard",
            "statusShard",
            "confirmedShard",
            "proposalShard",
            "proposalExpiresAt",
            "dueAt",
            "dueShard",
        ),
    }
)


def change_of_booking(old: Item | None, new: Item, booking: Booking) -> Change:
    """Return the entry for one version of a booking."""
    return Change(
        entity_id=booking.booking_id,
        entry_id=f"{format_utc(booking.updated_at)}#booking#{booking.version:06d}",
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
    """Return the entry for one version of a commission, in the audit log of its booking."""
    return Change(
        entity_id=commission.booking_id,
        entry_id=f"{format_utc(commission.updated_at)}#commission#{commission.version:06d}",
        at=commission.updated_at,
        version=commission.version,
        actor=commission.actor_id,
        actor_role=commission.actor_role,
        action=_action_on(old, new),
        from_status=str(old["paymentStatus"]) if old else None,
        to_status=commission.payment_status.value,
        reason=commission.reason,
        before=_differing(old, new) if old else None,
        after=_differing(new, old or {}),
        before_hash=row_hash(old) if old else None,
        after_hash=row_hash(new),
    )


def change_of_therapist(old: Item | None, new: Item) -> Change | None:
    """Return the entry for one version of a therapist's profile, in its own audit log; none where nobody changed it.

    Bank details appear as they are shown, and never what they were before.
    """
    at, version = new.get("updatedAt"), new.get("version")
    if not isinstance(at, str) or not isinstance(version, int):
        return None
    before, after = (
        {name: value for name, value in differing.items() if name not in _NOT_OF_A_PROFILE}
        for differing in (_unlike(old, new) if old else {}, _unlike(new, old or {}))
    )
    if new.get("encryptedBankDetails") != (old or {}).get("encryptedBankDetails"):
        after["bankDetails"] = new.get("maskedBankDetails")
    return Change(
        entity_id=str(new["therapistId"]),
        entry_id=f"{at}#therapist#{version:06d}",
        at=parse_utc(at),
        version=version,
        actor=str(new["actorId"]),
        actor_role=Role(new["actorRole"]),
        action=_action_on_therapist(old, new),
        from_status=str(old["status"]) if old else None,
        to_status=str(new["status"]),
        reason=_suspended_because(old, new),
        before=before if old else None,
        after=after,
    )


def _action_on_therapist(old: Item | None, new: Item) -> str:
    if old is None:
        return "profile_created"
    if (old.get("suspendedAt") is None) is (new.get("suspendedAt") is None):
        return "profile_changed"
    return "therapist_reinstated" if new.get("suspendedAt") is None else "therapist_suspended"


def _suspended_because(old: Item | None, new: Item) -> str | None:
    """Return the reason of the step by which a therapist was suspended."""
    is_that_step = new.get("suspendedAt") is not None and (old or {}).get("suspendedAt") is None
    return str(new["suspendedBecause"]) if is_that_step and new.get("suspendedBecause") else None


_NOT_OF_A_PROFILE: Final = frozenset(
    {
        *("operationId", "updatedAt", "version", "actorId", "actorRole"),
        *("encryptedBankDetails", "maskedBankDetails"),
        *("connections", "lastSeenAt", "missedOffers", "ratingSum", "ratingCount"),
        "suspendedBecause",
    }
)
"""What nobody changes by hand, and what is told otherwise."""


def _action_on(old: Item | None, new: Item) -> str:
    """Return what the audit log calls a step of a commission."""
    was = old or {}
    if is_erasure(old, new):
        return ERASED
    if new.get("disputedAt") is not None and was.get("disputedAt") is None:
        return "commission_disputed"
    if new.get("resolvedAt") != was.get("resolvedAt"):
        return "commission_resolved"
    return f"commission_{new['paymentStatus']}"


def is_erasure(old: Item | None, new: Item) -> bool:
    """Say whether a version of a commission is no step of it: its customer was taken out of its words, and no more."""
    was = old or {}
    stays = all(was.get(name) == new.get(name) for name in ("paymentStatus", "commissionAmount", "paymentDeadline"))
    return stays and new.get("actorRole") == Role.CUSTOMER.value


def _differing(one: Item, other: Item) -> dict[str, Any]:
    """Return what a booking or commission has otherwise than another, as far as the audit log may know it."""
    return {name: value for name, value in _unlike(one, other).items() if name not in PERSONAL | TECHNICAL | BESIDE}


def _unlike(one: Item, other: Item) -> dict[str, Any]:
    """Return what ``one`` has otherwise than ``other``; an attribute that it lacks is null."""
    return {name: one.get(name) for name in {**one, **other} if one.get(name) != other.get(name)}
