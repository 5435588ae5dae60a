"""The ledger of commissions: double entry, in rupiah; every step of a debt that moves money is one balanced posting.

A posting is what a step changes of a record's position in the accounts, so that it balances by construction and the
sum of all postings of a booking is the position of its record.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final, final

from marketplace.commission.model import Commission
from marketplace.commission.states import SETTLED, PaymentStatus
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.record import Record


class Account(StrEnum):
    """Where an amount can stand."""

    RECEIVABLE = "receivable"
    """What therapists owe."""
    REVENUE = "revenue"
    """The marketplace's share of visits."""
    CREDITS = "credits"
    """What the marketplace owes therapists, for they paid more than they owed in the end."""
    DISCOUNTS = "discounts"
    """Discounts that the marketplace bears."""
    CLEARING = "clearing"
    """Money that came in."""


OF_THERAPISTS: Final = frozenset({Account.RECEIVABLE, Account.CREDITS})
"""The accounts whose sum is what a therapist owes."""


class PostingReason(StrEnum):
    """Why amounts move."""

    COMMISSION = "commission"
    """A booking was confirmed."""
    PAYMENT = "payment"
    WAIVER = "waiver"
    REVERSAL = "reversal"
    """The visit will not take place."""
    CORRECTION = "correction"
    """A dispute or a fee made another amount of it."""
    REVOCATION = "revocation"
    """An approval or a waiver was taken back."""
    UNMATCHED = "unmatched"
    """A payment that settles nothing: another amount than was asked, or for what was settled already."""
    APPLICATION = "application"
    """A person put credits towards a commission."""
    REFUND = "refund"
    """What settled nothing was sent back."""


BESIDE_RECORDS: Final = frozenset({PostingReason.UNMATCHED, PostingReason.REFUND})
"""Postings of money that is no part of what a record stands for."""


@final
class Line(Record, frozen=True, kw_only=True):
    """One amount in one account; one of ``debit`` and ``credit`` is 0, in rupiah."""

    account: Account
    debit: int = 0
    credit: int = 0

    @property
    def change(self) -> int:
        """By how much the account's debit balance grows."""
        return self.debit - self.credit


@final
class Posting(Record, frozen=True, kw_only=True):
    """Lines that balance, written once in the transaction that causes them; never changed, never deleted."""

    therapist_id: str
    entry_id: str
    """Instant, booking and version: sorts by time, and is the same whoever writes it."""
    booking_id: str
    at: Instant
    day: str
    """The UTC date of ``at``."""
    reason: PostingReason
    lines: tuple[Line, ...]

    @property
    def change(self) -> int:
        """By how much the therapist owes more, in rupiah."""
        return sum(line.change for line in self.lines if line.account in OF_THERAPISTS)

    @property
    def charge(self) -> int:
        """What is added to the therapist's debt."""
        return max(0, self.change)

    @property
    def credit(self) -> int:
        """What is taken from the therapist's debt."""
        return max(0, -self.change)

    @property
    def new_credits(self) -> int:
        """By how much the marketplace owes the therapist more, in rupiah; negative where credits were used."""
        return -sum(line.change for line in self.lines if line.account is Account.CREDITS)


def position_of(commission: Commission | None) -> Mapping[Account, int]:
    """Return the debit balance of every account that a record stands for; test records stand for nothing."""
    balances = dict.fromkeys(Account, 0)
    if commission is None or commission.is_test:
        return balances
    is_open = commission.payment_status not in SETTLED
    balances[Account.RECEIVABLE] = commission.amount_due if is_open else 0
    balances[Account.CREDITS] = commission.credit_used - commission.given_back
    balances[Account.CLEARING] = commission.received
    if commission.payment_status is not PaymentStatus.REVERSED:
        balances[Account.DISCOUNTS] = commission.discount_funded
    balances[Account.REVENUE] = -sum(balances.values())
    return balances


def posting_between(before: Commission | None, after: Commission, reason: PostingReason) -> Posting | None:
    """Return the posting that a step of a record causes; nothing where no money moves."""
    was, becomes = position_of(before), position_of(after)
    return posting(
        after.booking_id,
        after.therapist_id,
        {account: becomes[account] - was[account] for account in Account},
        reason,
        at=after.updated_at,
        entry_id=entry_id(after.updated_at, after.booking_id, after.version),
    )


def posting(  # noqa: PLR0913 - the parts of a posting
    booking_id: str,
    therapist_id: str,
    changes: Mapping[Account, int],
    reason: PostingReason,
    *,
    at: datetime,
    entry_id: str,
) -> Posting | None:
    """Return changes of debit balances of a therapist as a posting; nothing where nothing changes."""
    lines = tuple(
        Line(account=account, debit=max(0, change), credit=max(0, -change))
        for account, change in changes.items()
        if change
    )
    if not lines:
        return None
    return Posting(
        therapist_id=therapist_id,
        entry_id=entry_id,
        booking_id=booking_id,
        at=at,
        day=format_utc(at)[:10],
        reason=reason,
        lines=lines,
    )


def entry_id(at: datetime, booking_id: str, version: int) -> str:
    """Return the name of the posting of one version of a record."""
    return f"{format_utc(at)}#{booking_id}#{version:06d}"


def sums_of(postings: Iterable[Posting]) -> Mapping[Account, int]:
    """Return the debit balance of every account after some postings."""
    balances = dict.fromkeys(Account, 0)
    for each in postings:
        for line in each.lines:
            balances[line.account] += line.change
    return balances


def postings_of(commission: Commission) -> list[Posting]:
    """Return the postings of a record of before the ledger: owed, paid, waived or taken back, by its instants."""
    stages = [None, *_stages_of(commission)]
    found: list[Posting] = []
    for number, (before, after) in enumerate(pairwise(stages), start=1):
        if after is None:
            continue
        moved = posting_between(before, after, _REASONS[after.payment_status])
        if moved is not None:
            found.append(replace(moved, entry_id=entry_id(moved.at, commission.booking_id, number)))
    return found


_REASONS: Final[Mapping[PaymentStatus, PostingReason]] = {
    PaymentStatus.PENDING: PostingReason.COMMISSION,
    PaymentStatus.PAID: PostingReason.PAYMENT,
    PaymentStatus.WAIVED: PostingReason.WAIVER,
    PaymentStatus.REVERSED: PostingReason.REVERSAL,
}
"""What brought a record of before the ledger into each state that moves money."""


def _stages_of(commission: Commission) -> Iterator[Commission]:
    """Yield what a record of before the ledger has been, from its first state to the present one."""
    owed = replace(
        commission,
        payment_status=PaymentStatus.PENDING,
        updated_at=commission.booking_date,
        paid_at=None,
        paid_amount=0,
        credit_given=0,
    )
    yield owed
    if commission.paid_at is not None:
        paid = PaymentStatus.PAID
        yield replace(owed, payment_status=paid, updated_at=commission.paid_at, paid_amount=commission.received)
    if commission.waived_at is not None:
        yield replace(owed, payment_status=PaymentStatus.WAIVED, updated_at=commission.waived_at)
    if commission.payment_status is PaymentStatus.REVERSED:
        yield replace(commission, updated_at=commission.reversed_at or commission.updated_at)
