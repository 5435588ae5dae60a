"""How a therapist pays a commission by QRIS: a code is asked for, and what comes in settles it, once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import final

from marketplace.commission.ledger.model import Account, PostingReason, posting
from marketplace.commission.ledger.repository import booking_of, recording
from marketplace.commission.model import Commission
from marketplace.commission.payment_notices import notice_of_payment, notices_of_unmatched
from marketplace.commission.repository import Commissions
from marketplace.commission.states import SETTLED
from marketplace.notification.repository import adding_notice
from marketplace.payment.model import MOST_RUPIAH, VALID_FOR, Payment, Status
from marketplace.payment.provider import PaymentProvider, Received
from marketplace.payment.repository import Payments, adding_payment, saving_payment
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, ConditionRefused, TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    InvalidTransition,
    NotFound,
    PaymentsUnavailable,
    ServiceUnavailable,
    Unauthenticated,
)
from marketplace.platform.runtime.observability import Category, Severity, count, report

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

        What is not what was due, or comes for something settled already, is kept as a credit of the therapist, and
        people are told: money that came in is never lost.

        Raises:
            NotFound: nobody was asked to pay under that id.
        """

        def attempt() -> Payment | None:
            before = self._payment_of(received)
            if received.received_id in before.received:
                return before
            commission = self._commissions.get(before.booking_id)
            settles = (
                commission.payment_status not in SETTLED and received.amount == before.amount == commission.amount_due
            )
            after = before.receive(received.received_id, received.amount, settles=settles, now=now)
            actions = [saving_payment(before, after), *_books_of(commission, received, settles=settles, now=now)]
            try:
                self._store.transact(actions)
            except TransactionRefused:
                return None
            count("PaymentsReceived" if settles else "PaymentsUnmatched")
            return after

        return retry_on_conflict(attempt)

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


def _books_of(commission: Commission, received: Received, *, settles: bool, now: datetime) -> list[Action]:
    """Return the actions that write what came in into the books, and tell of it."""
    if settles:
        paid = commission.pay(received.payment_id, now=now)
        told = adding_notice(notice_of_payment(paid), now, paid.version)
        return [*recording(commission, paid, PostingReason.PAYMENT), told]
    kept = posting(
        commission,
        {Account.CLEARING: received.amount, Account.CREDITS: -received.amount},
        PostingReason.UNMATCHED,
        at=now,
        entry_id=f"{format_utc(now)}#{commission.booking_id}#{received.received_id}",
    )
    if kept is None:
        raise ServiceUnavailable
    notices = notices_of_unmatched(commission, received.amount)
    return [*booking_of(kept), *(adding_notice(notice, now, commission.version) for notice in notices)]
