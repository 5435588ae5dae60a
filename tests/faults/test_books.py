"""Money at random: whatever happens to debts, a second calculation from what was done alone confirms the books."""

from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from marketplace import bootstrap
from marketplace.commission.model import Commission
from marketplace.operations.invariants import ledger, money
from marketplace.payment.model import VALID_FOR, Payment, Status
from marketplace.payment.provider import Received
from marketplace.payment.repository import adding_payment
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.records import from_record
from marketplace.services.commission.commissions import enter_into_ledger
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market
from tests.faults.market_environment import environment

PRICE: Final = 250_000
SHARE: Final = 75_000
FEE_SHARE: Final = 37_500
"""Of a fee of half the price."""


@dataclass(slots=True)
class Owed:
    """What the second calculation knows of a booking: how much stands, and what settled it."""

    therapist: str
    customer: Caller
    state: str = "open"
    """``open``, ``paid``, ``waived`` or ``reversed``."""
    amount: int = SHARE
    settled: int = 0
    """By credits or money."""
    by_money: int = 0
    is_disputed: bool = False
    is_visit_on: bool = True

    @property
    def stands(self) -> int:
        """How much of the commission is owed or settled for good."""
        return {"open": self.amount, "paid": self.amount, "waived": self.settled, "reversed": 0}[self.state]

    def lower(self, amount: int) -> int:
        """Owe less; return what had been settled beyond that."""
        self.amount = amount
        excess = max(0, self.settled - amount)
        self.settled -= excess
        if self.state == "open" and self.settled >= amount:
            self.state = "paid" if self.settled else "waived"
        return excess


class Books(RuleBasedStateMachine):
    """Commands on debts in any order; after each the balances follow from what was done."""

    debts: Bundle[str] = Bundle("debts")

    def __init__(self) -> None:
        super().__init__()
        self._patching = pytest.MonkeyPatch()
        for name, value in environment().items():
            self._patching.setenv(name, value)
        self.market = Market(self._patching)
        self.known: dict[str, Owed] = {}
        self.credits = {AYU.user_id: 0, BUDI.user_id: 0}
        self.money = {AYU.user_id: 0, BUDI.user_id: 0}
        """What each therapist has paid, ever."""
        self.received = 0

    def teardown(self) -> None:
        self._patching.undo()

    @initialize()
    def cancelling_costs_half(self) -> None:
        rules = {"graceMinutes": 0, "tiers": [{"hoursBefore": 0, "feeBps": 5_000}]}
        self.market.expect(201, ADMIN, "POST", "/admin/policies", {"cancellation": rules, "reason": "a test"})
        self.market.wait(minutes=2)
        self.market.forget_caches()

    @rule(target=debts, therapist=st.sampled_from([AYU, BUDI]), customer=st.sampled_from([WAYAN, MADE]))
    def accept(self, therapist: Caller, customer: Caller) -> str:
        self.market.wait(minutes=90)
        number = f"+62812{len(self.known):07d}"
        booking_id = self.market.book(customer, therapist, customerWhatsApp=number)
        answer = self.market.command(therapist, booking_id, "accept")
        assert answer.status == 200, answer
        used = min(SHARE, self.credits[therapist.user_id])
        self.credits[therapist.user_id] -= used
        owed = Owed(therapist=therapist.user_id, customer=customer, settled=used)
        owed.state = "paid" if used == SHARE else "open"
        self.known[booking_id] = owed
        assert answer.body["commission"]["amountDue"] == SHARE - used
        return booking_id

    def _answer(self, caller: Caller, path: str, body: dict[str, Any], *, may: bool) -> bool:
        answer = self.market.call(caller, "POST", path, body)
        assert answer.status == (200 if may else 409), answer
        return may

    @rule(booking_id=debts, by=st.sampled_from(["customer", "admin"]))
    def cancel(self, booking_id: str, by: str) -> None:
        owed = self.known[booking_id]
        caller = owed.customer if by == "customer" else ADMIN
        answer = self.market.command(caller, booking_id, "cancel", {"reason": "no time"})
        if answer.status != 200:
            return
        owed.is_visit_on, owed.is_disputed = False, False
        if answer.body["booking"]["cancellationFee"]:
            self.credits[owed.therapist] += owed.lower(min(FEE_SHARE, owed.amount))
        else:
            self.credits[owed.therapist] += owed.settled
            owed.settled, owed.state = 0, "reversed"

    @rule(booking_id=debts)
    def waive(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        path = f"/admin/commissions/{booking_id}/waive"
        if self._answer(ADMIN, path, {"reason": "goodwill", "confirm": True}, may=owed.state == "open"):
            owed.state, owed.is_disputed = "waived", False

    @rule(booking_id=debts)
    def revoke(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        path = f"/admin/commissions/{booking_id}/revoke"
        may = owed.state == "waived" and owed.settled < owed.amount
        if self._answer(ADMIN, path, {"reason": "by mistake", "confirm": True}, may=may):
            owed.state = "open"

    @rule(booking_id=debts)
    def dispute(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        caller = AYU if owed.therapist == AYU.user_id else BUDI
        may = owed.state in {"open", "paid"} and not owed.is_disputed
        if self._answer(caller, f"/commissions/{booking_id}/dispute", {"reason": "too much"}, may=may):
            owed.is_disputed = True

    @rule(booking_id=debts, outcome=st.sampled_from(["upheld", "reduced", "dropped"]), tenth=st.integers(0, 9))
    def resolve(self, booking_id: str, outcome: str, tenth: int) -> None:
        owed = self.known[booking_id]
        amount = owed.amount * tenth // 10
        if outcome == "reduced" and amount >= owed.amount:
            return
        body = {"outcome": outcome, "reason": "heard", **({"amount": amount} if outcome == "reduced" else {})}
        if self._answer(ADMIN, f"/admin/commissions/{booking_id}/dispute/resolve", body, may=owed.is_disputed):
            owed.is_disputed = False
            if outcome != "upheld":
                self.credits[owed.therapist] += owed.lower(amount if outcome == "reduced" else 0)

    @rule(booking_id=debts, off=st.sampled_from([0, 0, 1, -1]), times=st.integers(1, 2))
    def money_comes_in(self, booking_id: str, off: int, times: int) -> None:
        owed = self.known[booking_id]
        due = owed.amount - owed.settled if owed.state == "open" else 1_000
        self.received += 1
        self.market.wait(seconds=1)
        payment = Payment(
            payment_id=f"pay-{self.received}",
            booking_id=booking_id,
            therapist_id=owed.therapist,
            provider="xendit",
            amount=due,
            status=Status.PENDING,
            created_at=self.market.now,
            updated_at=self.market.now,
            expires_at=self.market.now + VALID_FOR,
        )
        bootstrap.store().write(adding_payment(payment))
        received = Received(received_id=f"in-{self.received}", payment_id=payment.payment_id, amount=due + off)
        with self.market.rights.running("take_payments"):
            for _ in range(times):
                bootstrap.payment_commands().receive(received, now=self.market.now)
        self.money[owed.therapist] += due + off
        if owed.state == "open" and off == 0:
            owed.state, owed.is_disputed = "paid", False
            owed.settled += due
        else:
            self.credits[owed.therapist] += due + off

    @invariant()
    def the_books_are_what_was_done(self) -> None:
        tables = self.market.tables()
        if self.market.changes:
            tables.pop("history")  # it follows the rows by a stream
        found = [each for check in {**money.CHECKS, **ledger.CHECKS}.values() for each in check(tables)]
        assert not found, found
        for row in tables["commission_records"]:
            assert enter_into_ledger(bootstrap.store(), bootstrap.ledger(), from_record(Commission, row))
        for therapist, credited in self.credits.items():
            lines = [
                (line["account"], line["debit"] - line["credit"])
                for entry in tables["ledger_entries"]
                if entry["therapistId"] == therapist
                for line in entry["lines"]
            ]
            balance = sum(change for account, change in lines if account in {"receivable", "credits"})
            stands = sum(owed.stands for owed in self.known.values() if owed.therapist == therapist)
            assert balance == stands - self.money[therapist]
            assert -sum(change for account, change in lines if account == "credits") == credited


Books.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=18,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_books_at_random_are_what_a_second_calculation_says = Books.TestCase
