"""How a therapist pays a commission by QRIS: a code is asked for, and what comes in settles it, once."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.commission.ledger.model import Account, PostingReason, posting
from marketplace.commission.ledger.repository import booking_of, credits_in, credits_key, recording
from marketplace.commission.model import Commission
from marketplace.commission.payment_notices import notice_of_payment, notices_of_unmatched
from marketplace.commission.repository import Commissions
from marketplace.commission.states import SETTLED
from marketplace.notification.repository import adding_notice
from marketplace.payment.model import MOST_RUPIAH, VALID_FOR, Payment, Resolution, Status
from marketplace.payment.provider import PaymentProvider, Received
from marketplace.payment.repository import Payments, adding_payment, listed_as, saving_payment
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.audit_log import Change, history_put
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    InvalidTransition,
    NotFound,
    PaymentsUnavailable,
    ServiceUnavailable,
    Unauthenticated,
    ValidationFailed,
)
from marketplace.platform.runtime.observability import Category, Severity, count, report

_SOMEBODY_ELSE_S: Final = ValidationFailed.at("bookingId", "This is a commission of another therapist.")
type ProviderOf = Callable[[], PaymentProvider | None]
"""Returns who takes payments, if anybody does."""


@final
class PaymentCommands:
    """What happens to payments; whoever loses a race decides again on what stands."""

    def __init__(self, store: Store, *, commissions: Commissions, payments: Payments, provider: ProviderOf) -> None:
        """Save in ``store``; the provider is made when it is called for the first time."""
        self._store = store
        self._commissions = commissions
        self._payments = payments
        self._provider = provider

    def ask(self, payment_id: str, booking_id: str, *, by: Caller, now: datetime) -> Payment:
        """Return a payment of what is due, with the code to be shown; again under the same id, the same one.

        The provider is called between two writes and outside of any transaction: whoever waits for it waits alone.

        Raises:
            NotFound, InvalidTransition: the commission is not the caller's, or nothing of it is due.
            PaymentsUnavailable: nobody takes payments here, or not so much.
            ServiceUnavailable: the provider does not answer now; a repeat under the same id carries it on.
        """
        commission = self._commissions.get(booking_id)
        commission.check_belongs_to(by)
        provider = self._provider()
        if provider is None:
            raise PaymentsUnavailable
        payment = self._asked(payment_id, commission, provider.name, now)
        if payment.status is not Status.CREATING:
            return payment
        code = provider.create_code(payment.payment_id, payment.amount, payment.expires_at)

        def attempt() -> Payment | None:
            before = self._payments.get(payment_id)
            if before.status is not Status.CREATING:
                return before
            after = before.shown(code.content, reference=code.reference, now=now)
            try:
                self._store.write(saving_payment(before, after))
            except ConditionRefused:
                return None
            return after

        return retry_on_conflict(attempt)

    def find(self, payment_id: str, *, by: Caller) -> Payment:
        """Return a payment that the caller may see.

        Raises:
            NotFound: there is no such payment.
        """
        payment = self._payments.get(payment_id)
        payment.check_visible_to(by)
        return payment

    def authenticated(self, provider_name: str, headers: Mapping[str, str]) -> PaymentProvider:
        """Return the provider that calls.

        Raises:
            NotFound: it is none of ours.
            Unauthenticated: somebody else calls.
        """
        provider = self._provider()
        if provider is None or provider.name != provider_name:
            raise NotFound
        if not provider.is_authentic(headers):
            raise Unauthenticated
        return provider

    def receive(self, received: Received, *, now: datetime) -> Payment:
        """Settle what was paid, once, however often and in whatever order it is told.

        What is not what was due, or comes for something settled already, is kept as a credit of the therapist who was
        asked, and people are told: money that came in is never lost. So it is where somebody else owes it by now, for
        the booking was offered anew.

        Raises:
            NotFound: nobody was asked to pay under that id.
        """

        def attempt() -> Payment | None:
            before = self._payment_of(received)
            if received.received_id in before.received:
                return before
            commission = self._commissions.get(before.booking_id)
            settles = (
                commission.therapist_id == before.therapist_id
                and commission.payment_status not in SETTLED
                and received.amount == before.amount == commission.amount_due
            )
            after = before.receive(received.received_id, received.amount, settles=settles, now=now)
            actions = [
                saving_payment(before, after),
                *_books_of(commission, before, received, settles=settles, now=now),
            ]
            try:
                self._store.transact(actions)
            except TransactionRefused:
                return None
            count("PaymentsReceived" if settles else "PaymentsUnmatched")
            return after

        return retry_on_conflict(attempt)

    def resolve(  # noqa: PLR0913 - what a decision is made of
        self,
        payment_id: str,
        resolution: Resolution,
        *,
        booking_id: str | None,
        by: Caller,
        now: datetime,
        reason: str,
    ) -> Payment:
        """Say what becomes of money that settled nothing, as far as the therapist's credits still hold it.

        It is applied to what is due of its own commission or of another one of its therapist, was sent back, or stays
        a credit; the audit log tells who decided so and why.

        Raises:
            NotFound: there is no such payment or commission.
            InvalidTransition: nothing of it waits for anybody, nothing is due there, or credits were used up.
            ValidationFailed: the commission is somebody else's.
        """

        def attempt() -> Payment | None:
            before = self._payments.get(payment_id)
            if not before.unmatched_amount:
                raise InvalidTransition
            commission = self._commissions.get(booking_id or before.booking_id)
            is_meant = booking_id is not None or resolution is Resolution.APPLY
            if is_meant and commission.therapist_id != before.therapist_id:
                raise _SOMEBODY_ELSE_S
            amount = before.unmatched_amount
            books: list[Action] = []
            if resolution is not Resolution.KEEP:
                table, key = credits_key(before.therapist_id)
                amount = min(amount, credits_in(self._store.get(table, key)))
            if resolution is Resolution.APPLY:
                amount = min(amount, commission.amount_due)
                books = _applied(commission, amount, by, now)
            after = before.resolve(resolution, amount, now=now)
            if resolution is Resolution.REFUND:
                books = _refunded(before, amount, f"{payment_id}-{after.version}", now)
            told = history_put(_decision(before, after, resolution, by, reason))
            try:
                self._store.transact([saving_payment(before, after), *books, told])
            except TransactionRefused:
                return None
            return after

        return retry_on_conflict(attempt)

    def look_after(self, now: datetime, *, limit: int = 50) -> int:
        """Ask the provider about payments that were not told of, a few times each; return how many had come in.

        A provider that does not answer is asked again at the next run: nothing moves until then.
        """
        provider, found = self._provider(), 0
        due = self._payments.find_to_look_after(now, limit=limit) if provider is not None else []
        for payment in due:
            if provider is None or payment.provider_reference is None:
                continue
            try:
                received = provider.payments_of(payment.provider_reference)
            except ServiceUnavailable:
                break
            for each in received:
                if each.payment_id == payment.payment_id and each.received_id not in payment.received:
                    # Each at an instant of its own, for postings and notifications are named after it.
                    self.receive(each, now=now + timedelta(milliseconds=found))
                    count("PaymentsFound")
                    found += 1
            self._note_look(payment.payment_id, now)
        return found

    def _note_look(self, payment_id: str, now: datetime) -> None:
        """Note when to ask next; whoever moved the payment meanwhile is followed by the next run."""
        before = self._payments.get(payment_id)
        if before.look_at is not None:
            with suppress(ConditionRefused):
                self._store.write(saving_payment(before, before.looked_after(now)))

    def _asked(self, payment_id: str, commission: Commission, provider: str, now: datetime) -> Payment:
        """Return the payment under an id, written down before the provider hears of it."""
        try:
            known = self._payments.get(payment_id)
        except NotFound:
            pass
        else:
            if known.booking_id != commission.booking_id:
                raise NotFound
            return known
        due = commission.amount_due
        if due <= 0:
            raise InvalidTransition
        if due > MOST_RUPIAH:
            raise PaymentsUnavailable
        payment = Payment(
            payment_id=payment_id,
            booking_id=commission.booking_id,
            therapist_id=commission.therapist_id,
            provider=provider,
            amount=due,
            status=Status.CREATING,
            created_at=now,
            updated_at=now,
            expires_at=now + VALID_FOR,
        )
        try:
            self._store.write(adding_payment(payment))
        except ConditionRefused:
            return self._payments.get(payment_id)
        return payment

    def _payment_of(self, received: Received) -> Payment:
        try:
            return self._payments.get(received.payment_id)
        except NotFound:
            report(
                "money came in that nobody was asked for",
                category=Category.PAYMENT,
                severity=Severity.CRITICAL,
                code="payment_unknown",
                received_id=received.received_id,
                amount=received.amount,
            )
            raise


def _books_of(
    commission: Commission, payment: Payment, received: Received, *, settles: bool, now: datetime
) -> list[Action]:
    """Return the actions that write what came in into the books, and tell of it."""
    if settles:
        paid = commission.pay(received.payment_id, now=now)
        told = adding_notice(notice_of_payment(paid), now, paid.version)
        return [*recording(commission, paid, PostingReason.PAYMENT), told]
    kept = posting(
        payment.booking_id,
        payment.therapist_id,
        {Account.CLEARING: received.amount, Account.CREDITS: -received.amount},
        PostingReason.UNMATCHED,
        at=now,
        entry_id=f"{format_utc(now)}#{commission.booking_id}#{received.received_id}",
    )
    if kept is None:
        raise ServiceUnavailable
    notices = notices_of_unmatched(commission, received.amount, therapist_id=payment.therapist_id)
    return [*booking_of(kept), *(adding_notice(notice, now, commission.version) for notice in notices)]


def _applied(commission: Commission, amount: int, by: Caller, now: datetime) -> list[Action]:
    """Return the actions that put credits towards a commission, and tell of it where that settles it."""
    after = commission.apply_credit(amount, by=by, now=now)
    told = [] if after.amount_due else [adding_notice(notice_of_payment(after), now, after.version)]
    return [*recording(commission, after, PostingReason.APPLICATION), *told]


def _refunded(payment: Payment, amount: int, name: str, now: datetime) -> list[Action]:
    """Return the actions that book what was sent back, under a name of its own."""
    back = posting(
        payment.booking_id,
        payment.therapist_id,
        {Account.CLEARING: -amount, Account.CREDITS: amount},
        PostingReason.REFUND,
        at=now,
        entry_id=f"{format_utc(now)}#{payment.booking_id}#{name}",
    )
    return [] if back is None else booking_of(back)


def _decision(before: Payment, after: Payment, resolution: Resolution, by: Caller, reason: str) -> Change:
    return Change(
        entity_id=after.payment_id,
        entry_id=f"{format_utc(after.updated_at)}#payment#{after.version:06d}",
        at=after.updated_at,
        version=after.version,
        actor=by.user_id,
        actor_role=by.role,
        action=f"payment_{resolution.value}",
        from_status=listed_as(before),
        to_status=listed_as(after),
        reason=reason,
        before={"unmatchedAmount": before.unmatched_amount},
        after={"unmatchedAmount": after.unmatched_amount},
    )
