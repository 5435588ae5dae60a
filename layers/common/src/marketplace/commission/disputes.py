"""Disputes of a commission: its therapist does not accept it, and staff decide."""

from datetime import datetime
from typing import Any, Final, assert_never

from marketplace.commission.model import Commission
from marketplace.commission.states import DisputeOutcome, PaymentStatus
from marketplace.platform.caller import Caller
from marketplace.platform.refusals import InvalidTransition, ValidationFailed

_NOT_LESS: Final = ValidationFailed.at("amount", "This must be less than what is owed.")


def dispute(commission: Commission, *, by: Caller, now: datetime, reason: str) -> Commission:
    """Record that its therapist does not accept it; it is not overdue until that is resolved.

    Raises:
        InvalidTransition: it is waived or reversed, or disputed already.
    """
    if commission.is_disputed or commission.payment_status in {PaymentStatus.WAIVED, PaymentStatus.REVERSED}:
        raise InvalidTransition
    is_overdue = commission.payment_status is PaymentStatus.OVERDUE
    return commission.stepped(
        PaymentStatus.PENDING if is_overdue else commission.payment_status,
        by,
        now,
        reason=reason,
        disputed_at=now,
        dispute_reason=reason,
        dispute_outcome=None,
        overdue_at=None if is_overdue else commission.overdue_at,
    )


def resolve(  # noqa: PLR0913 - which dispute, how it ends, who, when and why
    commission: Commission, outcome: DisputeOutcome, *, amount: int | None, by: Caller, now: datetime, reason: str
) -> Commission:
    """End a dispute: the debt stands, is reduced to ``amount`` rupiah, or falls away.

    What had been settled beyond the new amount becomes a credit.

    Raises:
        InvalidTransition: none is open.
        ValidationFailed: the new amount is missing, not below the old one, or not meant for this outcome.
    """
    if not commission.is_disputed:
        raise InvalidTransition
    match outcome:
        case DisputeOutcome.UPHELD:
            owed = commission.commission_amount
        case DisputeOutcome.DROPPED:
            owed = 0
        case DisputeOutcome.REDUCED:
            if amount is None or amount >= commission.commission_amount:
                raise _NOT_LESS
            owed = amount
        case _:
            assert_never(outcome)
    changes: dict[str, Any] = {
        "reason": reason,
        "disputed_at": None,
        "dispute_outcome": outcome,
        "resolved_at": now,
    }
    if outcome is not DisputeOutcome.UPHELD:
        changes["resolved_amount"] = owed
    return commission.lowered(owed, by, now, **changes)
