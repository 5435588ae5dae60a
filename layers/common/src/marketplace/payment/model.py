"""A payment that was asked for: a QR code of one amount, and what came in for it."""

from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.money import CURRENCY
from marketplace.platform.record import Record
from marketplace.platform.refusals import NotFound

VALID_FOR: Final = timedelta(minutes=60)
"""How long a code can be paid."""
MOST_RUPIAH: Final = 10_000_000
"""What one QRIS payment can be at most. Source: Bank Indonesia, PADG 24/1/PADG/2022."""


class Status(StrEnum):
    """Where a payment stands."""

    CREATING = "creating"
    """The provider has not answered yet."""
    PENDING = "pending"
    PAID = "paid"
    UNMATCHED = "unmatched"
    """What came in does not settle the commission; a person has to look at it."""
    EXPIRED = "expired"
    """Never stored: the clock says so. What is paid nevertheless counts."""


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
    paid_at: Instant | None = None
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
        return self._changed(now, status=Status.PENDING, qr_string=qr_string, provider_reference=reference)

    def receive(self, received: str, amount: int, *, settles: bool, now: datetime) -> "Payment":
        """Return the payment after something came in for it, under the provider's id of that."""
        is_settled = settles or self.status is Status.PAID
        return self._changed(
            now,
            status=Status.PAID if is_settled else Status.UNMATCHED,
            received=(*self.received, received),
            received_amount=self.received_amount + amount,
            paid_at=self.paid_at or now,
        )

    def _changed(
        self,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Payment":
        return replace(self, version=self.version + 1, updated_at=max(now, self.updated_at), **changes)
