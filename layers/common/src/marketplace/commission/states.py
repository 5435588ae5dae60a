"""States of a commission, the steps between them, and what settles or disputes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class PaymentStatus(StrEnum):
    """Where the debt stands."""

    PENDING = "pending"
    PROOF_SUBMITTED = "proof_submitted"
    PAID = "paid"
    OVERDUE = "overdue"
    WAIVED = "waived"
    REVERSED = "reversed"


PAYMENT_STEPS: Final[Mapping[PaymentStatus, frozenset[PaymentStatus]]] = {
    PaymentStatus.PENDING: frozenset(
        {
            PaymentStatus.PROOF_SUBMITTED,
            PaymentStatus.PAID,
            PaymentStatus.OVERDUE,
            PaymentStatus.WAIVED,
            PaymentStatus.REVERSED,
        }
    ),
    PaymentStatus.PROOF_SUBMITTED: frozenset(
        {PaymentStatus.PAID, PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.WAIVED, PaymentStatus.REVERSED}
    ),
    PaymentStatus.OVERDUE: frozenset(
        {
            PaymentStatus.PENDING,
            PaymentStatus.PROOF_SUBMITTED,
            PaymentStatus.PAID,
            PaymentStatus.WAIVED,
            PaymentStatus.REVERSED,
        }
    ),
    PaymentStatus.PAID: frozenset({PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.REVERSED}),
    PaymentStatus.WAIVED: frozenset({PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.REVERSED}),
    PaymentStatus.REVERSED: frozenset(),
}
"""Every step a debt can take.

A rejected proof and a revoked decision lead back to pending, or to overdue past the deadline; an overdue debt is
pending again while its therapist disputes it.
"""


SETTLED: Final = frozenset({PaymentStatus.PAID, PaymentStatus.WAIVED, PaymentStatus.REVERSED})
"""States in which nothing is owed."""


class PaidBy(StrEnum):
    """What settled a debt."""

    PROOF = "proof"
    """A transfer whose proof an admin accepted."""
    QRIS = "qris"
    IMPORTED = "imported"
    """It was paid in the system from which it was brought here."""
    CREDITS = "credits"
    """What the marketplace owed the therapist covered it whole."""


class DisputeOutcome(StrEnum):
    """How a dispute ended."""

    UPHELD = "upheld"
    REDUCED = "reduced"
    DROPPED = "dropped"
