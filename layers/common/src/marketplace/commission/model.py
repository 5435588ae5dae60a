"""The platform's share of a confirmed booking, which the therapist owes it, and the life of that debt."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from marketplace.booking.model import Booking, Source
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.money import BASIS_POINTS, CURRENCY, share_of
from marketplace.platform.record import Record
from marketplace.platform.refusals import ConfirmationRequired, InvalidTransition, NotFound


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
        {PaymentStatus.PROOF_SUBMITTED, PaymentStatus.OVERDUE, PaymentStatus.WAIVED, PaymentStatus.REVERSED}
    ),
    PaymentStatus.PROOF_SUBMITTED: frozenset(
        {PaymentStatus.PAID, PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.WAIVED, PaymentStatus.REVERSED}
    ),
    PaymentStatus.OVERDUE: frozenset({PaymentStatus.PROOF_SUBMITTED, PaymentStatus.WAIVED, PaymentStatus.REVERSED}),
    PaymentStatus.PAID: frozenset({PaymentStatus.REVERSED}),
    PaymentStatus.WAIVED: frozenset({PaymentStatus.REVERSED}),
    PaymentStatus.REVERSED: frozenset(),
}
"""Every step a debt can take. A rejected proof leads back to pending, or to overdue past the deadline."""


@final
class Reversal(Record, frozen=True, kw_only=True):
    """What taking a debt back changes of its record, in whatever state that is; the fields are those of the record."""

    reversed_at: datetime
    updated_at: datetime
    actor_id: str
    actor_role: Role
    reason: str | None
    payment_status: PaymentStatus = PaymentStatus.REVERSED

    @classmethod
    def of(cls, *, by: Caller, now: datetime, reason: str | None) -> "Reversal":
        """Return the reversal in somebody's name."""
        return cls(reversed_at=now, updated_at=now, actor_id=by.user_id, actor_role=by.role, reason=reason)


@final
class Commission(Record, frozen=True, kw_only=True):
    """The one record that a confirmed booking has; amounts in rupiah, nothing is ever deleted."""

    booking_id: str
    chat_room_id: str
    therapist_id: str
    therapist_name: str
    booking_date: Instant
    """When the booking was confirmed."""
    service_date: Instant
    """When the visit is due: the agreed time, or the acceptance of an immediate one."""
    confirmed_day: str
    booking_amount: int
    commission_rate_bps: int
    commission_amount: int
    payment_status: PaymentStatus
    payment_deadline: Instant
    source: Source
    updated_at: Instant
    currency: str = CURRENCY
    version: int = 1
    is_test: bool = False
    reminded_of: str | None = None
    """The latest reminder that the therapist has got of it."""
    announced_proof_id: str | None = None
    """The file that the therapist last said they would upload as proof."""
    proof_attachment_id: str | None = None
    proof_submitted_at: Instant | None = None
    paid_at: Instant | None = None
    overdue_at: Instant | None = None
    waived_at: Instant | None = None
    reversed_at: Instant | None = None
    reason: str | None = None
    actor_id: str = SYSTEM.user_id
    actor_role: Role = Role.SYSTEM

    @classmethod
    def owed_for(cls, booking: Booking, *, due_days: int) -> "Commission":
        """Return the record that follows from a confirmed booking, and from nothing else.

        The same booking always gives the same record, so that a lost one can be made again.
        """
        confirmed_at = booking.confirmed_at
        if confirmed_at is None:
            raise InvalidTransition
        return cls(
            booking_id=booking.booking_id,
            chat_room_id=booking.chat_room_id,
            therapist_id=booking.confirmed_therapist_id or booking.therapist_id,
            therapist_name=booking.therapist_name,
            booking_date=confirmed_at,
            service_date=booking.scheduled_time or confirmed_at,
            confirmed_day=confirmed_at.date().isoformat(),
            booking_amount=booking.price,
            commission_rate_bps=booking.commission_rate_bps,
            commission_amount=share_of(booking.price, booking.commission_rate_bps),
            payment_status=PaymentStatus.PENDING,
            payment_deadline=confirmed_at + timedelta(days=due_days),
            source=booking.source,
            updated_at=confirmed_at,
            is_test=booking.is_test,
            actor_id=booking.confirmed_therapist_id or booking.therapist_id,
            actor_role=Role.THERAPIST,
        )

    @property
    def commission_rate(self) -> float:
        """The rate as the wire writes it: 0.3 for 3000 basis points."""
        return self.commission_rate_bps / BASIS_POINTS

    def check_belongs_to(self, caller: Caller) -> None:
        """Refuse as not found whoever does not owe it.

        Raises:
            NotFound: it is somebody else's.
        """
        if caller.role is not Role.THERAPIST or caller.user_id != self.therapist_id:
            raise NotFound

    def check_takes_proof(self) -> None:
        """Refuse a proof where none is awaited.

        Raises:
            InvalidTransition: it is settled, reversed, or has a proof that waits to be judged.
        """
        if PaymentStatus.PROOF_SUBMITTED not in PAYMENT_STEPS[self.payment_status]:
            raise InvalidTransition

    def submit_proof(self, *, attachment_id: str, by: Caller, now: datetime) -> "Commission":
        """Record the therapist's proof of payment, for an admin to judge."""
        return self._moved(
            PaymentStatus.PROOF_SUBMITTED, by, now, proof_attachment_id=attachment_id, proof_submitted_at=now
        )

    def approve(self, *, by: Caller, now: datetime) -> "Commission":
        """Accept the proof: the debt is paid."""
        return self._moved(PaymentStatus.PAID, by, now, paid_at=now)

    def reject(self, *, by: Caller, now: datetime, reason: str) -> "Commission":
        """Refuse the proof: the debt is owed again, and overdue at once when its deadline has passed."""
        if self.payment_status is not PaymentStatus.PROOF_SUBMITTED:
            raise InvalidTransition
        if now > self.payment_deadline:
            return self._moved(PaymentStatus.OVERDUE, by, now, reason=reason, overdue_at=now)
        return self._moved(PaymentStatus.PENDING, by, now, reason=reason)

    def waive(self, *, by: Caller, now: datetime, reason: str, confirmed: bool) -> "Commission":
        """Let the debt go, for a reason and with the admin's explicit word."""
        if PaymentStatus.WAIVED not in PAYMENT_STEPS[self.payment_status]:
            raise InvalidTransition
        if not confirmed:
            raise ConfirmationRequired
        return self._moved(PaymentStatus.WAIVED, by, now, reason=reason, waived_at=now)

    def mark_overdue(self, *, now: datetime) -> "Commission":
        """Record that the deadline passed without payment or proof."""
        if self.payment_status is not PaymentStatus.PENDING or now <= self.payment_deadline:
            raise InvalidTransition
        return self._moved(PaymentStatus.OVERDUE, SYSTEM, now, overdue_at=now)

    def reverse(self, *, by: Caller, now: datetime, reason: str | None) -> "Commission":
        """Take the debt back because the booking was cancelled; the record stays."""
        taken_back = Reversal.of(by=by, now=now, reason=reason)
        return self._moved(
            taken_back.payment_status, by, now, reason=taken_back.reason, reversed_at=taken_back.reversed_at
        )

    def forget_reason(self, *, by: Caller, now: datetime) -> "Commission":
        """Forget why the booking was cancelled, as its customer wishes who said it; the debt stays as it is."""
        return replace(
            self,
            reason=None,
            actor_id=by.user_id,
            actor_role=by.role,
            updated_at=max(now, self.updated_at),
            version=self.version + 1,
        )

    def _moved(
        self,
        status: PaymentStatus,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Commission":
        if status not in PAYMENT_STEPS[self.payment_status]:
            raise InvalidTransition
        changes.setdefault("reason", None)
        return replace(
            self,
            payment_status=status,
            actor_id=by.user_id,
            actor_role=by.role,
            updated_at=max(now, self.updated_at),
            version=self.version + 1,
            **changes,
        )
