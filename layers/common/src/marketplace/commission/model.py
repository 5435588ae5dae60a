"""The platform's share of a confirmed booking, which the therapist owes it, and the life of that debt."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any, final

from marketplace.booking.model import Booking, Source
from marketplace.catalogue.discount.model import FundedBy
from marketplace.commission.states import PAYMENT_STEPS, SETTLED, DisputeOutcome, PaidBy, PaymentStatus
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.money import BASIS_POINTS, CURRENCY, share_of
from marketplace.platform.record import Record
from marketplace.platform.refusals import ConfirmationRequired, InvalidTransition, NotFound


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
    paid_by: PaidBy | None = None
    payment_id: str | None = None
    """The payment that settled it, where one did."""
    credit_used: int = 0
    """What of it the therapist's credits settled, at the acceptance or when a person applied them."""
    paid_amount: int | None = None
    """What was paid for it; None for a record of before there was a ledger, which was paid whole."""
    credit_given: int | None = None
    """What became a credit of what had been settled, for the debt was lowered or taken back; None as above."""
    discount_funded: int = 0
    """What of its discount the marketplace bore: the share of the list price was larger by this."""
    disputed_at: Instant | None = None
    """Since when its therapist disputes it; None as soon as that is resolved."""
    dispute_reason: str | None = None
    dispute_outcome: DisputeOutcome | None = None
    """How the last dispute ended."""
    resolved_at: Instant | None = None
    resolved_amount: int | None = None
    """What a dispute made of the amount, where it did."""
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
        planned_end = booking.planned_end or confirmed_at + timedelta(minutes=booking.duration)
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
            commission_amount=booking.share_of_price(booking.commission_rate_bps),
            discount_funded=_discount_funded(booking),
            payment_status=PaymentStatus.PENDING,
            payment_deadline=planned_end + timedelta(days=due_days),
            source=booking.source,
            updated_at=confirmed_at,
            is_test=booking.is_test,
            actor_id=booking.confirmed_therapist_id or booking.therapist_id,
            actor_role=Role.THERAPIST,
        )

    @property
    def is_imported(self) -> bool:
        """Say whether it is as it was brought here from another system: no other is made later than it is owed."""
        return self.version == 1 and self.updated_at > self.booking_date

    @property
    def overdue_since(self) -> datetime | None:
        """Since when it has been due, if it is overdue; None otherwise."""
        return self.payment_deadline if self.payment_status is PaymentStatus.OVERDUE else None

    @property
    def is_disputed(self) -> bool:
        """Say whether a dispute waits to be resolved."""
        return self.disputed_at is not None

    @property
    def settled_amount(self) -> int:
        """What credits and payments have settled of it, less what became a credit again; in rupiah."""
        return self.credit_used + self.received - self.given_back

    @property
    def received(self) -> int:
        """What was paid for it, in rupiah."""
        if self.paid_amount is not None:
            return self.paid_amount
        return self.commission_amount if self.paid_at is not None else 0

    @property
    def given_back(self) -> int:
        """What of the settled became a credit, in rupiah."""
        if self.credit_given is not None:
            return self.credit_given
        return self.received if self.payment_status is PaymentStatus.REVERSED else 0

    @property
    def amount_due(self) -> int:
        """What is still to be paid, in rupiah."""
        return 0 if self.payment_status in SETTLED else self.commission_amount - self.settled_amount

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

    def with_credit(self, available: int) -> "Commission":
        """Settle a new debt from what the marketplace owes its therapist, as far as that goes; in rupiah."""
        used = min(self.commission_amount, available)
        if used <= 0:
            return self
        if used < self.commission_amount:
            return replace(self, credit_used=used)
        return replace(
            self,
            credit_used=used,
            payment_status=PaymentStatus.PAID,
            paid_at=self.updated_at,
            paid_by=PaidBy.CREDITS,
            paid_amount=0,
        )

    def apply_credit(self, amount: int, *, by: Caller, now: datetime) -> "Commission":
        """Settle so many rupiah of what is due from what the marketplace owes its therapist.

        Raises:
            InvalidTransition: nothing is due, or less than that.
        """
        if not 0 < amount <= self.amount_due:
            raise InvalidTransition
        used = self.credit_used + amount
        if amount < self.amount_due:
            return self.stepped(self.payment_status, by, now, credit_used=used, reason=self.reason)
        return self._moved(
            PaymentStatus.PAID,
            by,
            now,
            credit_used=used,
            paid_at=now,
            paid_by=PaidBy.CREDITS,
            paid_amount=self.received,
            disputed_at=None,
        )

    def approve(self, *, by: Caller, now: datetime) -> "Commission":
        """Accept the proof: the debt is paid."""
        if self.payment_status is not PaymentStatus.PROOF_SUBMITTED:
            raise InvalidTransition
        return self._moved(
            PaymentStatus.PAID, by, now, paid_at=now, paid_by=PaidBy.PROOF, paid_amount=self.received + self.amount_due
        )

    def pay(self, payment_id: str, *, now: datetime) -> "Commission":
        """Record that a payment of what was due has come in."""
        return self._moved(
            PaymentStatus.PAID,
            SYSTEM,
            now,
            paid_at=now,
            paid_by=PaidBy.QRIS,
            payment_id=payment_id,
            paid_amount=self.received + self.amount_due,
            disputed_at=None,
        )

    def reject(self, *, by: Caller, now: datetime, reason: str) -> "Commission":
        """Refuse the proof: the debt is owed again, and overdue at once when its deadline has passed."""
        if self.payment_status is not PaymentStatus.PROOF_SUBMITTED:
            raise InvalidTransition
        return self._owed_again(by, now, reason=reason)

    def revoke(self, *, by: Caller, now: datetime, reason: str, confirmed: bool) -> "Commission":
        """Take an approval or a waiver back: the debt is owed again, and overdue at once past its deadline.

        Raises:
            InvalidTransition: nobody approved or waived it, for money that came in by itself stays in; or nothing
                would be owed.
            ConfirmationRequired: the admin's word is missing.
        """
        match self.payment_status:
            case PaymentStatus.PAID if self.paid_by in {None, PaidBy.PROOF, PaidBy.IMPORTED}:
                unpaid = replace(
                    self, paid_amount=0, credit_given=max(0, self.credit_used - self.commission_amount), paid_at=None
                )
            case PaymentStatus.WAIVED:
                unpaid = replace(self, waived_at=None)
            case _:
                raise InvalidTransition
        if unpaid.settled_amount >= self.commission_amount:
            raise InvalidTransition
        if not confirmed:
            raise ConfirmationRequired
        return replace(unpaid, paid_by=None)._owed_again(by, now, reason=reason)  # noqa: SLF001 - of the same class

    def waive(self, *, by: Caller, now: datetime, reason: str, confirmed: bool) -> "Commission":
        """Let the debt go, for a reason and with the admin's explicit word."""
        if PaymentStatus.WAIVED not in PAYMENT_STEPS[self.payment_status]:
            raise InvalidTransition
        if not confirmed:
            raise ConfirmationRequired
        return self._moved(PaymentStatus.WAIVED, by, now, reason=reason, waived_at=now, disputed_at=None)

    def mark_overdue(self, *, now: datetime) -> "Commission":
        """Record that the deadline passed without payment or proof; not while it is disputed."""
        if self.payment_status is not PaymentStatus.PENDING or now <= self.payment_deadline or self.is_disputed:
            raise InvalidTransition
        return self._moved(PaymentStatus.OVERDUE, SYSTEM, now, overdue_at=now)

    def move(self, booking: Booking, *, due_days: int, by: Caller, now: datetime) -> "Commission":
        """Be due with the visit at its new time."""
        moved = Commission.owed_for(booking, due_days=due_days)
        return self.stepped(
            self.payment_status,
            by,
            now,
            service_date=moved.service_date,
            payment_deadline=moved.payment_deadline,
            reason=self.reason,
        )

    def charge(self, fee: int, *, by: Caller, now: datetime, reason: str | None) -> "Commission":
        """Owe the share of a fee, in rupiah, instead of that of a visit which did not take place."""
        owed = min(share_of(fee, self.commission_rate_bps), self.commission_amount)
        resolved = None if self.resolved_amount is None else owed
        return self.lowered(
            owed,
            by,
            now,
            reason=reason,
            booking_amount=fee,
            resolved_amount=resolved,
            disputed_at=None,
            discount_funded=0,
        )

    def reverse(self, *, by: Caller, now: datetime, reason: str | None) -> "Commission":
        """Take the debt back because the booking was cancelled; the record stays, what was settled is a credit."""
        return self._moved(
            PaymentStatus.REVERSED,
            by,
            now,
            reason=reason,
            reversed_at=now,
            paid_amount=self.received,
            credit_given=self.given_back + self.settled_amount,
            disputed_at=None,
        )

    def forget_words(
        self, *, reason: str | None, dispute_reason: str | None, by: Caller, now: datetime
    ) -> "Commission":
        """Keep other words, as its customer wishes who is in them; the debt stays as it is."""
        return replace(
            self,
            reason=reason,
            dispute_reason=dispute_reason,
            actor_id=by.user_id,
            actor_role=by.role,
            updated_at=max(now, self.updated_at),
            version=self.version + 1,
        )

    def lowered(
        self,
        owed: int,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - as of _moved()
    ) -> "Commission":
        """Owe another amount: too much settled becomes a credit, and what is covered is no longer due."""
        excess = max(0, self.settled_amount - owed)
        changes |= {
            "commission_amount": owed,
            "paid_amount": self.received,
            "credit_given": self.given_back + excess,
        }
        status = self.payment_status
        if status in SETTLED:
            return self.stepped(status, by, now, **changes)
        if owed <= self.settled_amount - excess:
            if self.settled_amount - excess:
                return self._moved(PaymentStatus.PAID, by, now, paid_at=now, paid_by=PaidBy.CREDITS, **changes)
            return self._moved(PaymentStatus.WAIVED, by, now, waived_at=now, **changes)
        if status is PaymentStatus.PENDING and now > self.payment_deadline:
            return self._moved(PaymentStatus.OVERDUE, by, now, overdue_at=now, **changes)
        return self.stepped(status, by, now, **changes)

    def _owed_again(
        self,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - as of _moved()
    ) -> "Commission":
        if now > self.payment_deadline and not self.is_disputed:
            return self._moved(PaymentStatus.OVERDUE, by, now, overdue_at=now, **changes)
        return self._moved(PaymentStatus.PENDING, by, now, **changes)

    def _moved(
        self,
        status: PaymentStatus,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Commission":
        if status not in PAYMENT_STEPS[self.payment_status]:
            raise InvalidTransition
        return self.stepped(status, by, now, **changes)

    def stepped(
        self,
        status: PaymentStatus,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - as of _moved()
    ) -> "Commission":
        """Return the next version, with what happened and by whom."""
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


def _discount_funded(booking: Booking) -> int:
    if booking.discount_funded_by is not FundedBy.PLATFORM:
        return 0
    rate = booking.commission_rate_bps
    return share_of(booking.list_price, rate) - booking.share_of_price(rate)
