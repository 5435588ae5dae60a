"""A payment that was asked for: a QR code of one amount, and what came in for it."""

from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.money import CURRENCY
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition, NotFound

VALID_FOR: Final = timedelta(minutes=60)
"""How long a code can be paid."""
MOST_RUPIAH: Final = 10_000_000
"""What one QRIS payment can be at most. Source: Bank Indonesia, PADG 24/1/PADG/2022."""
LOOKS: Final = (
    timedelta(minutes=3),
    timedelta(minutes=10),
    timedelta(minutes=25),
    VALID_FOR + timedelta(minutes=5),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""How long after it was asked for we look whether it was paid, for the provider's call may be lost."""


class Status(StrEnum):
    """Where a payment stands."""

    CREATING = "creating"
    """The provider has not answered yet."""
    PENDING = "pending"
    PAID = "paid"
    UNMATCHED = "unmatched"
    """What came in does not settle the commission; a person has to look at it."""
    RESOLVED = "resolved"
    """A person has said what becomes of what did not settle it."""
    EXPIRED = "expired"
    """Never stored: the clock says so. What is paid nevertheless counts."""


class Resolution(StrEnum):
    """What becomes of money that settled nothing."""

    APPLY = "apply"
    """It is put towards a commission of its therapist."""
    REFUND = "refund"
    """It was sent back to its therapist."""
    KEEP = "keep"
    """It stays the therapist's credit, for the next commissions."""


@final
class Payment(Record, frozen=True, kw_only=True):
    """One request to pay a commission; amounts in rupiah."""

    payment_id: str
    booking_id: str
    therapist_id: str
    provider: str
    amount: int
    status: Status
    created_at: Instant
    updated_at: Instant
    expires_at: Instant
    method: str = "qris"
    currency: str = CURRENCY
    qr_string: str | None = None
    """What the QR code holds, after EMVCo's merchant-presented mode."""
    provider_reference: str | None = None
    """The code's id with the provider."""
    received: tuple[str, ...] = ()
    """The provider's ids of what came in, each counted once."""
    received_amount: int = 0
    unmatched_amount: int = 0
    """What of it settled nothing and waits for a person."""
    applied_amount: int = 0
    """What a person put towards a commission of it."""
    refunded_amount: int = 0
    """What a person sent back of it."""
    paid_at: Instant | None = None
    look_at: Instant | None = None
    """When to ask the provider next whether it was paid; None where there is no more to expect."""
    version: int = 1

    def as_of(self, now: datetime) -> "Payment":
        """Return the payment as everybody must see it: past its time an unpaid one is expired."""
        if self.status in {Status.CREATING, Status.PENDING} and now >= self.expires_at:
            return replace(self, status=Status.EXPIRED)
        return self

    def check_visible_to(self, caller: Caller) -> None:
        """Refuse as not found whoever neither owes it nor is an admin.

        Raises:
            NotFound: it is somebody else's.
        """
        if not (caller.is_admin or (caller.role is Role.THERAPIST and caller.user_id == self.therapist_id)):
            raise NotFound

    def shown(self, qr_string: str, *, reference: str, now: datetime) -> "Payment":
        """Return the payment with its code, as the provider made it."""
        return self._changed(
            now,
            status=Status.PENDING,
            qr_string=qr_string,
            provider_reference=reference,
            look_at=self.created_at + LOOKS[0],
        )

    def looked_after(self, now: datetime) -> "Payment":
        """Return the payment after the provider was asked, with the next time to ask."""
        later = (self.created_at + look for look in LOOKS if self.created_at + look > now)
        return self._changed(now, look_at=next(later, None))

    def receive(self, received: str, amount: int, *, settles: bool, now: datetime) -> "Payment":
        """Return the payment after something came in for it, under the provider's id of that."""
        is_settled = settles or self.status is Status.PAID
        return self._changed(
            now,
            status=Status.PAID if is_settled else Status.UNMATCHED,
            received=(*self.received, received),
            received_amount=self.received_amount + amount,
            unmatched_amount=self.unmatched_amount + (0 if settles else amount),
            paid_at=self.paid_at or now,
            look_at=None if is_settled else self.look_at,
        )

    def resolve(self, resolution: Resolution, amount: int, *, now: datetime) -> "Payment":
        """Return the payment after a person said what becomes of so many rupiah of it that settled nothing.

        Raises:
            InvalidTransition: no so much of it waits for anybody.
        """
        if amount <= 0 or amount > self.unmatched_amount:
            raise InvalidTransition
        left = self.unmatched_amount - amount
        return self._changed(
            now,
            status=Status.RESOLVED if self.status is Status.UNMATCHED and not left else self.status,
            unmatched_amount=left,
            applied_amount=self.applied_amount + (amount if resolution is Resolution.APPLY else 0),
            refunded_amount=self.refunded_amount + (amount if resolution is Resolution.REFUND else 0),
        )

    def _changed(
        self,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Payment":
        return replace(self, version=self.version + 1, updated_at=max(now, self.updated_at), **changes)
