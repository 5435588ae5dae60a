"""A second calculation of the books, from bookings and from what was done with their debts alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from marketplace.platform.caller import Caller

WHOLE: Final = 10_000
"""Basis points."""


def share_by_booking(booking: Mapping[str, Any]) -> tuple[int, int]:
    """Return what a stored booking alone says of its commission, and how much of a discount the marketplace bears."""
    rate, price = int(booking["commissionRateBps"]), int(booking["price"])
    if booking["status"] not in {"confirmed", "completed"}:
        return _share(int(booking.get("cancellationFee") or 0), rate), 0
    if booking.get("discountFundedBy") != "platform":
        return _share(price, rate), 0
    whole = _share(int(booking["listPrice"]), rate)
    share = max(0, whole - int(booking["discount"]))
    return share, whole - share


def _share(amount: int, rate: int) -> int:
    return (amount * rate + WHOLE // 2) // WHOLE


@dataclass(slots=True)
class Owed:
    """What is known of the debt of one acceptance: how much stands, and what settled it; in rupiah."""

    therapist: str
    customer: Caller
    amount: int
    funded: int
    used: int = 0
    """By credits."""
    received: int = 0
    given: int = 0
    """What of both became a credit again."""
    state: str = "open"
    """``open``, ``paid``, ``waived`` or ``reversed``."""
    paid_by: str = ""
    has_proof: bool = False
    is_disputed: bool = False

    @property
    def settled(self) -> int:
        """What credits and money have settled."""
        return self.used + self.received - self.given

    @property
    def due(self) -> int:
        """What is left to be paid."""
        return self.amount - self.settled if self.state == "open" else 0

    def pay(self, by: str) -> None:
        """Be settled."""
        self.state, self.paid_by, self.has_proof = "paid", by, False
        if by != "proof":
            self.is_disputed = False

    def lower(self, amount: int) -> int:
        """Owe less; return what had been settled beyond that."""
        excess = max(0, self.settled - amount)
        self.amount = amount
        self.given += excess
        if self.state == "open" and self.settled >= amount:
            self.state, self.paid_by, self.has_proof = "paid" if self.settled else "waived", "credits", False
        return excess

    def reverse(self) -> int:
        """Owe nothing, for there was no visit; return what had been settled."""
        settled = self.settled
        self.given += settled
        self.state, self.has_proof = "reversed", False
        return settled

    def may_be_revoked(self) -> bool:
        """Say whether a decision of a person can be taken back, and something is owed then."""
        if self.state == "waived":
            return self.settled < self.amount
        return self.state == "paid" and self.paid_by == "proof" and self.used - self._kept() < self.amount

    def revoke(self) -> tuple[int, int]:
        """Owe it again; return by how much credits grow, and how much money there never was."""
        was, self.state = self.state, "open"
        if was == "waived":
            return 0, 0
        more, gone = self._kept() - self.given, self.received
        self.given, self.received = self._kept(), 0
        return more, gone

    def _kept(self) -> int:
        """Return what of used credits stays a credit without the money that came in."""
        return max(0, self.used - self.amount)


@dataclass(slots=True)
class Asked:
    """A payment that was asked for."""

    therapist: str
    booking_id: str
    amount: int
    unmatched: int = 0
    times: int = 0
    """How often something came in for it."""


def accounts_of(
    therapist: str, debts: Iterable[Owed], credits_of: Mapping[str, int], money: Mapping[str, int]
) -> Mapping[str, int]:
    """Return the debit balance of every account of a therapist."""
    own = [owed for owed in debts if owed.therapist == therapist]
    balances = {
        "receivable": sum(owed.due for owed in own),
        "credits": -credits_of[therapist],
        "clearing": money[therapist],
        "discounts": sum(owed.funded for owed in own if owed.state != "reversed"),
    }
    return {**balances, "revenue": -sum(balances.values())}
