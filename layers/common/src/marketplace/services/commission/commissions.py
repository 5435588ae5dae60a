"""What becomes of commissions: judged by admins, marked and reminded of by the clock, made again where one is lost."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import booking_key, checking_booking
from marketplace.catalogue.policy.repository import Policies
from marketplace.commission import disputes
from marketplace.commission.ledger.model import (
    Posting,
    PostingReason,
    entry_id,
    position_of,
    posting,
    postings_of,
    sums_of,
)
from marketplace.commission.ledger.repository import Ledger, booking_of, recording
from marketplace.commission.model import Commission
from marketplace.commission.payment_notices import (
    REMINDERS,
    Reminder,
    notice_of_dispute,
    notice_of_resolution,
    notice_of_revocation,
    notice_of_step,
    reminder_due_at,
    reminder_notice,
)
from marketplace.commission.repository import (
    Commissions,
    adding_commission,
    checking_commission,
    commission_key,
    commission_record,
    reminding,
    saving_commission,
)
from marketplace.commission.restoring import REPAIRED, record_in_trail
from marketplace.commission.states import DisputeOutcome, PaymentStatus
from marketplace.notification.announcement import Notice
from marketplace.notification.repository import adding_notice
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, Condition, TransactionRefused
from marketplace.platform.dynamodb.audit_log import Change, history_put
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record, readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import InvalidTransition, NotFound


@final
class CommissionCommands:
    """The commands on commissions, one method each; whoever loses a race decides again on what stands."""

    def __init__(self, store: Store, commissions: Commissions, ledger: Ledger, policies: Policies) -> None:
        """Save in ``store``; when a commission is due, the policy of its booking says."""
        self._store = store
        self._commissions = commissions
        self._ledger = ledger
        self._policies = policies

    def approve(self, booking_id: str, *, by: Caller, now: datetime) -> Commission:
        """Accept the proof: the commission is paid, and its therapist is told.

        Raises:
            NotFound, InvalidTransition: there is no record, or it has no proof to be judged.
        """
        return self._judge(
            booking_id, lambda commission: commission.approve(by=by, now=now), now, PostingReason.PAYMENT
        )

    def reject(self, booking_id: str, *, by: Caller, now: datetime, reason: str) -> Commission:
        """Refuse the proof for a reason: the commission is owed again, and its therapist is told.

        Raises:
            NotFound, InvalidTransition: there is no record, or it has no proof to be judged.
        """
        return self._judge(
            booking_id,
            lambda commission: commission.reject(by=by, now=now, reason=reason),
            now,
            PostingReason.REVOCATION,
        )

    def waive(self, booking_id: str, *, by: Caller, now: datetime, reason: str, confirmed: bool) -> Commission:
        """Let the commission go for a reason, when the admin says that this is meant; its therapist is told.

        Raises:
            NotFound, InvalidTransition: there is no record, or nothing is owed.
            ConfirmationRequired: the admin's word is missing.
        """
        return self._judge(
            booking_id,
            lambda commission: commission.waive(by=by, now=now, reason=reason, confirmed=confirmed),
            now,
            PostingReason.WAIVER,
        )

    def revoke(self, booking_id: str, *, by: Caller, now: datetime, reason: str, confirmed: bool) -> Commission:
        """Take an approval or a waiver back, when the admin says that this is meant; its therapist is told.

        Raises:
            NotFound, InvalidTransition: there is no record, or nobody approved or waived it.
            ConfirmationRequired: the admin's word is missing.
        """
        return self._judge(
            booking_id,
            lambda commission: commission.revoke(by=by, now=now, reason=reason, confirmed=confirmed),
            now,
            PostingReason.REVOCATION,
            notice_of_revocation,
        )

    def dispute(self, booking_id: str, *, by: Caller, now: datetime, reason: str) -> Commission:
        """Open a dispute in the name of the therapist who owes it; the admins are told.

        Raises:
            NotFound: there is no record, or it is somebody else's.
            InvalidTransition: one is open, or there is nothing to dispute.
        """

        def decide(commission: Commission) -> Commission:
            commission.check_belongs_to(by)
            return disputes.dispute(commission, by=by, now=now, reason=reason)

        return self._judge(booking_id, decide, now, PostingReason.CORRECTION, notice_of_dispute)

    def resolve(  # noqa: PLR0913 - what a decision is made of
        self,
        booking_id: str,
        outcome: DisputeOutcome,
        *,
        amount: int | None,
        by: Caller,
        now: datetime,
        reason: str,
    ) -> Commission:
        """End a dispute; its therapist is told.

        Raises:
            NotFound, InvalidTransition: there is no record, or no open dispute.
            ValidationFailed: the amount is none that reduces it.
        """
        return self._judge(
            booking_id,
            lambda commission: disputes.resolve(commission, outcome, amount=amount, by=by, now=now, reason=reason),
            now,
            PostingReason.CORRECTION,
            notice_of_resolution,
        )

    def mark_overdue(self, now: datetime) -> int:
        """Mark what is owed still although its deadline has passed, each under its own condition; return how many."""
        marked = 0
        due = self._commissions.find_due(PaymentStatus.PENDING, format_utc(now))
        for commission in readable_records(Commission, due, key="bookingId"):
            if commission.is_test:
                continue
            try:
                marked += self._transact([saving_commission(commission, commission.mark_overdue(now=now))])
            except InvalidTransition:
                continue
        return marked

    def remind(self, now: datetime) -> int:
        """Send the reminders that are due, each once; return how many this call sent."""
        return sum(
            self._remind(commission, reminder)
            for reminder in REMINDERS
            for commission in self._commissions.find_to_remind(reminder, now)
        )

    def repair(self, booking_id: str, *, by: Caller, now: datetime) -> Commission:
        """Bring a confirmed booking's lost record back, as the audit log last knew it; an existing one stays.

        So what was paid stays paid. Where the log does not know it, it is made as it was made first. The log tells
        of the repair in the same transaction, and the booking must not move meanwhile.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: it was never confirmed.
        """

        def attempt() -> Commission | None:
            booking_item, item = self._store.batch_get([booking_key(booking_id), commission_key(booking_id)])
            if booking_item is None:
                raise NotFound
            if item is not None:
                return from_record(Commission, item)
            booking = from_record(Booking, booking_item)
            policy = self._policies.get(booking.policy_version)
            owed_first = Commission.owed_for(booking, due_days=policy.commission_due_days)
            commission = _as_booking_stands(self._last_known(booking_id) or owed_first, booking)
            missing = self._missing_in_books(commission, now)
            actions: list[Action] = [
                adding_commission(commission),
                checking_booking(booking),
                history_put(_repair_of(commission, by, now)),
                *([] if missing is None else booking_of(missing)),
            ]
            return commission if self._transact(actions) else None

        return retry_on_conflict(attempt)

    def _missing_in_books(self, commission: Commission, now: datetime) -> Posting | None:
        """Return what brings a record's postings to what it is, if they are not."""
        stands, booked = position_of(commission), sums_of(self._ledger.find_of_booking(commission))
        return posting(
            commission.booking_id,
            commission.therapist_id,
            {account: stands[account] - booked[account] for account in stands},
            PostingReason.CORRECTION if any(booked.values()) else PostingReason.COMMISSION,
            at=now,
            entry_id=entry_id(now, commission.booking_id, commission.version),
        )

    def _judge(
        self,
        booking_id: str,
        decide: Callable[[Commission], Commission],
        now: datetime,
        reason: PostingReason,
        notice_of: Callable[[Commission], Notice] = notice_of_step,
    ) -> Commission:
        def attempt() -> Commission | None:
            before = self._commissions.get(booking_id)
            after = decide(before)
            told = adding_notice(notice_of(after), now, after.version)
            return after if self._transact([*recording(before, after, reason), told]) else None

        return retry_on_conflict(attempt)

    def _last_known(self, booking_id: str) -> Commission | None:
        """Return the record as the audit log last knew it, or nothing where it knows none that can be read."""
        where = Condition(expression="#entityId = :booking", values={"booking": booking_id})
        record = record_in_trail(self._store.query_all("history", where=where, strongly=True))
        return next(iter(readable_records(Commission, [record], key="bookingId")), None) if record else None

    def _remind(self, commission: Commission, reminder: Reminder) -> bool:
        """Write a reminder once; the notification's id follows from record and stage."""
        notice, due_at = reminder_notice(commission, reminder), reminder_due_at(commission, reminder)
        return self._transact(
            [reminding(commission, reminder.stage), adding_notice(notice, due_at, commission.version)]
        )

    def _transact(self, actions: list[Action]) -> bool:
        """Write all or nothing; say whether it was written."""
        try:
            self._store.transact(actions)
        except TransactionRefused:
            return False
        return True


def _as_booking_stands(commission: Commission, booking: Booking) -> Commission:
    """Return the record, lowered or reversed if its booking has ended so and the audit log did not get to know it."""
    has_ended = booking.status in {BookingStatus.CANCELLED, BookingStatus.NO_SHOW}
    if not has_ended or commission.payment_status is PaymentStatus.REVERSED:
        return commission
    by = Caller(user_id=booking.actor_id, role=booking.actor_role)
    ended_at, fee = booking.cancelled_at or booking.no_show_at or booking.updated_at, booking.cancellation_fee
    if not fee:
        return commission.reverse(by=by, now=ended_at, reason=booking.reason)
    if commission.booking_amount == fee:
        return commission
    return commission.charge(fee, by=by, now=ended_at, reason=booking.reason)


def enter_into_ledger(store: Store, ledger: Ledger, commission: Commission) -> bool:
    """Enter a record of before the ledger into the books, once; say whether its postings agree with it.

    What it has been through stands in its instants: owed, then paid, then waived or taken back.
    """
    if commission.is_test:
        return True
    entered = ledger.find_of_booking(commission)
    if not entered:
        actions: list[Action] = [checking_commission(commission)]
        for each in postings_of(commission):
            actions += booking_of(each)
        with suppress(TransactionRefused):  # it moved meanwhile, or somebody else enters it: what stands is judged
            store.transact(actions)
        entered = ledger.find_of_booking(commission)
    return sums_of(entered) == position_of(commission)


def _repair_of(commission: Commission, by: Caller, now: datetime) -> Change:
    return Change(
        entity_id=commission.booking_id,
        entry_id=f"{format_utc(now)}#repair#{commission.version:06d}",
        at=now,
        version=commission.version,
        actor=by.user_id,
        actor_role=by.role,
        action=REPAIRED,
        from_status=None,
        to_status=commission.payment_status.value,
        reason="the record was missing",
        before=None,
        after=commission_record(commission),
    )
