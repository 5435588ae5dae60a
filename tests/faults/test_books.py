"""Money at random: whatever happens to debts, a second calculation from bookings and deeds confirms the books."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from marketplace import bootstrap
from marketplace.catalogue.place.market_days import day_of
from marketplace.commission.model import Commission
from marketplace.operations.invariants import ledger, money
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.records import from_record
from marketplace.services.commission.commissions import enter_into_ledger
from tests.faults.market import ADMIN, AYU, BUDI, Answered, Market
from tests.faults.market_environment import environment
from tests.faults.paying import told
from tests.faults.second_books import Asked, Owed, accounts_of, share_by_booking

PRICE: Final = 250_000
PROOF: Final = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
OTHER: Final = {AYU.user_id: BUDI, BUDI.user_id: AYU}
THERAPISTS: Final = {AYU.user_id: AYU, BUDI.user_id: BUDI}
WHY: Final = {"reason": "by mistake", "confirm": True}


class Books(RuleBasedStateMachine):
    """Commands on debts in any order; after each the accounts follow from what was done."""

    debts: Bundle[str] = Bundle("debts")
    payments: Bundle[str] = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self._patching = pytest.MonkeyPatch()
        for name, value in environment().items():
            self._patching.setenv(name, value)
        self.market = Market(self._patching)
        self.known: dict[str, Owed] = {}
        self.former: list[Owed] = []
        """What therapists owed who fell away before somebody else took the booking."""
        self.asked: dict[str, Asked] = {}
        self.credits = dict.fromkeys(THERAPISTS, 0)
        self.money = dict.fromkeys(THERAPISTS, 0)
        """What each therapist has paid, less what was sent back."""
        self.customers = 0

    def teardown(self) -> None:
        try:
            self.everything_else_follows_from_the_books()
        finally:
            self._patching.undo()

    @initialize()
    def ends_cost_something(self) -> None:
        rules = {"graceMinutes": 0, "tiers": [{"hoursBefore": 0, "feeBps": 5_000}]}
        policy = {"cancellation": rules, "noShowFeeBps": 2_000, "reason": "a test"}
        self.market.expect(201, ADMIN, "POST", "/admin/policies", policy)
        code = {"discountCode": "KITA", "kind": "share", "value": 1_000, "fundedBy": "platform"}
        self.market.expect(201, ADMIN, "POST", "/admin/discount-codes", code)
        self.market.wait(minutes=2)
        self.market.forget_caches()

    # Visits ----------------------------------------------------------------------------------------------

    @rule(
        target=debts,
        therapist=st.sampled_from([AYU, BUDI]),
        is_scheduled=st.booleans(),
        code=st.sampled_from([None, "HEMAT10", "KITA"]),
        is_reassigned=st.sampled_from([False, False, True]),
    )
    def accept(self, therapist: Caller, is_scheduled: bool, code: str | None, is_reassigned: bool) -> Any:  # noqa: FBT001 - of the bundle
        self.customers += 1
        customer = Caller(user_id=f"c-{self.customers}", role=Role.CUSTOMER, signed_in_at=2_000_000_000)
        order: dict[str, Any] = {"customerWhatsApp": f"+62812{self.customers:07d}"}
        if code is not None:
            order["discountCode"] = code
        if is_scheduled:
            days = timedelta(days=2 + self.customers % 20)
            start = (self.market.now + days).replace(hour=3, minute=0, second=0, microsecond=0)
            order |= {"bookingType": "scheduled", "scheduledTime": format_utc(start)}
        else:
            self.market.wait(minutes=90)
        booked = self.market.call(customer, "POST", "/bookings", self.market.order(therapist, **order))
        if booked.status == 409:
            return multiple()
        booking_id = str(booked.body["booking"]["bookingId"])
        if is_reassigned:
            assert self.market.command(therapist, booking_id, "decline").status == 200
            therapist = OTHER[therapist.user_id]
            moved = self.market.command(ADMIN, booking_id, "reassign", {"therapistId": therapist.user_id})
            if moved.status == 409:
                return multiple()
        self._accepted(booking_id, therapist, customer)
        return booking_id

    def _accepted(self, booking_id: str, therapist: Caller, customer: Caller) -> None:
        answer = self.market.command(therapist, booking_id, "accept")
        assert answer.status == 200, answer
        share, funded = share_by_booking(self.market.row("bookings", bookingId=booking_id))
        used = min(share, max(0, self.credits[therapist.user_id]))
        self.credits[therapist.user_id] -= used
        owed = Owed(therapist=therapist.user_id, customer=customer, amount=share, funded=funded, used=used)
        if used and used == share:
            owed.pay("credits")
        if booking_id in self.known:
            self.former.append(self.known[booking_id])
        self.known[booking_id] = owed
        assert answer.body["commission"]["amountDue"] == owed.due == share - used

    @rule(booking_id=debts, by=st.sampled_from(["customer", "therapist", "admin"]))
    def cancel(self, booking_id: str, by: str) -> None:
        owed = self.known[booking_id]
        caller = {"customer": owed.customer, "therapist": THERAPISTS[owed.therapist], "admin": ADMIN}[by]
        self._ended(booking_id, self.market.command(caller, booking_id, "cancel", {"reason": "no time"}))

    @rule(booking_id=debts, by=st.sampled_from(["customer", "therapist"]))
    def no_show(self, booking_id: str, by: str) -> None:
        owed = self.known[booking_id]
        begins = self.market.row("bookings", bookingId=booking_id).get("scheduledTime")
        if begins is None or begins < format_utc(self.market.now + timedelta(days=1)):
            self.market.wait(hours=24)
        caller = owed.customer if by == "customer" else THERAPISTS[owed.therapist]
        self._ended(booking_id, self.market.command(caller, booking_id, "no-show"))

    def _ended(self, booking_id: str, answer: Answered) -> None:
        """Note what an end of a visit, if it was one, makes of its debt."""
        if answer.status != 200:
            return
        owed = self.known[booking_id]
        share, owed.funded = share_by_booking(self.market.row("bookings", bookingId=booking_id))
        owed.is_disputed = False
        fee = answer.body["booking"]["cancellationFee"]
        self.credits[owed.therapist] += owed.lower(min(share, owed.amount)) if fee else owed.reverse()

    @rule(booking_id=debts, falls_away=st.booleans())
    def offer_to_somebody_else(self, booking_id: str, falls_away: bool) -> None:  # noqa: FBT001 - of a strategy
        owed = self.known[booking_id]
        if falls_away:
            self.cancel(booking_id, "therapist")
            self.market.wait(seconds=1)
        therapist = OTHER[owed.therapist]
        chosen = {"therapistId": therapist.user_id, "price": PRICE}
        if self.market.command(owed.customer, booking_id, "redispatch", chosen).status == 200:
            self._accepted(booking_id, therapist, owed.customer)

    @rule(booking_id=debts, comes_first=st.sampled_from(["complete", None, None]))
    def erase(self, booking_id: str, comes_first: str | None) -> None:
        if comes_first is not None:
            self.market.command(ADMIN, booking_id, comes_first)
        self.market.call(self.known[booking_id].customer, "POST", "/privacy/erase", {"confirm": True})

    # Decisions -------------------------------------------------------------------------------------------

    def _answer(self, caller: Caller, path: str, body: dict[str, Any] | None, *, may: bool) -> bool:
        answer = self.market.call(caller, "POST", path, body)
        assert answer.status == (200 if may else 409), answer
        return may

    @rule(booking_id=debts)
    def hand_a_proof_in(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        may, path = owed.state == "open" and not owed.has_proof, f"/commissions/{booking_id}/proof"
        file = {"fileName": "proof.pdf", "contentType": "application/pdf", "size": len(PROOF)}
        announced = self.market.call(THERAPISTS[owed.therapist], "POST", path, file)
        assert announced.status == (201 if may else 409), announced
        if may:
            self.market.bucket.files[f"incoming/{announced.body['attachmentId']}"] = PROOF
            self._answer(THERAPISTS[owed.therapist], f"{path}/submit", None, may=True)
            owed.has_proof = True

    @rule(booking_id=debts, is_fine=st.sampled_from([True, True, False]))
    def judge_a_proof(self, booking_id: str, is_fine: bool) -> None:  # noqa: FBT001 - of a strategy
        owed = self.known[booking_id]
        step, body = ("approve", None) if is_fine else ("reject", {"reason": "blurred"})
        if not self._answer(ADMIN, f"/admin/commissions/{booking_id}/{step}", body, may=owed.has_proof):
            return
        if is_fine:
            self.money[owed.therapist] += owed.due
            owed.received += owed.due
            owed.pay("proof")
        owed.has_proof = False

    @rule(booking_id=debts)
    def waive(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        if self._answer(ADMIN, f"/admin/commissions/{booking_id}/waive", WHY, may=owed.state == "open"):
            owed.state, owed.is_disputed, owed.has_proof = "waived", False, False

    @rule(booking_id=debts)
    def revoke(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        if self._answer(ADMIN, f"/admin/commissions/{booking_id}/revoke", WHY, may=owed.may_be_revoked()):
            more, gone = owed.revoke()
            self.credits[owed.therapist] += more
            self.money[owed.therapist] -= gone

    @rule(booking_id=debts)
    def dispute(self, booking_id: str) -> None:
        owed = self.known[booking_id]
        may = owed.state in {"open", "paid"} and not owed.is_disputed
        path, body = f"/commissions/{booking_id}/dispute", {"reason": "too much"}
        if self._answer(THERAPISTS[owed.therapist], path, body, may=may):
            owed.is_disputed = True

    @rule(booking_id=debts, outcome=st.sampled_from(["upheld", "reduced", "dropped"]), tenth=st.integers(0, 9))
    def resolve_a_dispute(self, booking_id: str, outcome: str, tenth: int) -> None:
        owed = self.known[booking_id]
        amount = owed.amount * tenth // 10
        if outcome == "reduced" and amount >= owed.amount:
            return
        body = {"outcome": outcome, "reason": "heard", **({"amount": amount} if outcome == "reduced" else {})}
        if self._answer(ADMIN, f"/admin/commissions/{booking_id}/dispute/resolve", body, may=owed.is_disputed):
            owed.is_disputed = False
            if outcome != "upheld":
                self.credits[owed.therapist] += owed.lower(amount if outcome == "reduced" else 0)

    # Money -----------------------------------------------------------------------------------------------

    @rule(target=payments, booking_id=debts)
    def ask_to_pay(self, booking_id: str) -> Any:
        owed = self.known[booking_id]
        answer = self.market.call(THERAPISTS[owed.therapist], "POST", f"/commissions/{booking_id}/payments")
        assert answer.status == (201 if owed.due else 409), answer
        if not owed.due:
            return multiple()
        payment_id = str(answer.body["paymentId"])
        self.asked[payment_id] = Asked(therapist=owed.therapist, booking_id=booking_id, amount=answer.body["amount"])
        assert answer.body["amount"] == owed.due
        return payment_id

    @rule(payment_id=payments, off=st.sampled_from([0, 0, 0, 5_000, -5_000]), times=st.integers(1, 2))
    def money_comes_in(self, payment_id: str, off: int, times: int) -> None:
        asked = self.asked[payment_id]
        amount = max(1, asked.amount + off)
        asked.times += 1
        self.market.wait(seconds=1)
        for _ in range(times):
            assert told(self.market, payment_id, f"in-{payment_id}-{asked.times}", amount) == 200
        self.money[asked.therapist] += amount
        owed = self.known[asked.booking_id]
        if owed.therapist == asked.therapist and amount == asked.amount == owed.due:
            owed.received += amount
            owed.pay("qris")
        else:
            asked.unmatched += amount
            self.credits[asked.therapist] += amount

    @rule(payment_id=payments, action=st.sampled_from(["apply", "apply", "refund", "keep"]), booking_id=debts)
    def resolve_a_payment(self, payment_id: str, action: str, booking_id: str) -> None:
        asked, owed = self.asked[payment_id], self.known[booking_id]
        body = {"action": action, "reason": "the bank says so"}
        if action == "apply":
            body["bookingId"] = booking_id
            if asked.unmatched and owed.therapist != asked.therapist:
                answer = self.market.call(ADMIN, "POST", f"/admin/payments/{payment_id}/resolve", body)
                assert answer.status == 422, answer
                return
        amount = asked.unmatched
        if action != "keep":
            amount = min(amount, max(0, self.credits[asked.therapist]))
        if action == "apply":
            amount = min(amount, owed.due)
        if not self._answer(ADMIN, f"/admin/payments/{payment_id}/resolve", body, may=amount > 0):
            return
        asked.unmatched -= amount
        if action == "refund":
            self.money[asked.therapist] -= amount
        if action != "keep":
            self.credits[asked.therapist] -= amount
        if action == "apply":
            owed.used += amount
            if owed.settled == owed.amount:
                owed.pay("credits")

    # What must hold --------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_what_was_done(self) -> None:
        self.market.wait(seconds=1)  # no two steps happen in the same instant
        tables = {table: self.market.rows(table) for table in ("ledger_entries", "commission_records", "claims")}
        found = [each for check in ledger.CHECKS.values() for each in check(tables)]
        assert not found, found
        booked = {therapist: dict[str, int]() for therapist in THERAPISTS}
        for entry in tables["ledger_entries"]:
            balances = booked[entry["therapistId"]]
            for line in entry["lines"]:
                balances[line["account"]] = balances.get(line["account"], 0) + line["debit"] - line["credit"]
        for therapist, balances in booked.items():
            said = accounts_of(therapist, [*self.known.values(), *self.former], self.credits, self.money)
            assert {account: amount for account, amount in balances.items() if amount} == {
                account: amount for account, amount in said.items() if amount
            }

    def everything_else_follows_from_the_books(self) -> None:
        """Compare statements, the migration's judgement and the night's proof with the books."""
        self.market.publish()
        tables = self.market.tables()
        found = [each for check in {**money.CHECKS, **ledger.CHECKS}.values() for each in check(tables)]
        assert not found, found
        for row in self.market.rows("commission_records"):
            assert enter_into_ledger(bootstrap.store(), bootstrap.ledger(), from_record(Commission, row))
        month = day_of(self.market.now).isoformat()[:7]
        for therapist, caller in THERAPISTS.items():
            statement = self.market.expect(200, caller, "GET", "/me/statement", query={"month": month})
            said = accounts_of(therapist, [*self.known.values(), *self.former], self.credits, self.money)
            assert statement["closingBalance"] == said["receivable"] + said["credits"]
        self.market.wait(minutes=2)
        assert self.market.invoke("prove_books", {})["differences"] == 0


Books.TestCase.settings = settings(
    max_examples=16,
    stateful_step_count=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the steps say enough, and shrinking them takes minutes
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_books_at_random_are_what_a_second_calculation_says = Books.TestCase
