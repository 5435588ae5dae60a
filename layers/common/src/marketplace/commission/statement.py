"""A therapist's statement of a month: what was owed when it began, what was posted, what is owed at its end.

Every amount is a posting of one record at one instant, and a balance is the sum of the postings before it;
so the closing balance of a month is the opening balance of the next.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import final

from msgspec import Struct

from marketplace.catalogue.market_days import stretch_of_month
from marketplace.commission.model import Commission, PaymentStatus
from marketplace.commission.sums import Sums


class PostingKind(StrEnum):
    """Why a balance moves."""

    COMMISSION = "commission"
    PAYMENT = "payment"
    WAIVER = "waiver"
    REVERSAL = "reversal"


@final
class Posting(Struct, frozen=True, kw_only=True):
    """One movement of a therapist's balance; a charge adds to what they owe, a credit takes away from it."""

    at: datetime
    kind: PostingKind
    booking_id: str
    charge: int = 0
    credit: int = 0

    @property
    def change(self) -> int:
        """By how much the debt grows."""
        return self.charge - self.credit


@final
class Statement(Struct, frozen=True, kw_only=True):
    """One month of one therapist, in rupiah; a negative balance is what the marketplace owes."""

    therapist_id: str
    month: str
    opening_balance: int
    closing_balance: int
    postings: Sequence[Posting]
    commissions: Sequence[Commission]
    """The records of the bookings that were confirmed in the month."""

    @property
    def standing(self) -> Sums:
        """The month's bookings whose commission is not reversed."""
        standing = [each for each in self.commissions if each.payment_status is not PaymentStatus.REVERSED]
        return Sums(
            bookings=len(standing),
            amount=sum(each.booking_amount for each in standing),
            commission=sum(each.commission_amount for each in standing),
        )

    @property
    def by_status(self) -> Mapping[PaymentStatus, int]:
        """The month's commissions by where the debt stands now, zeros included."""
        return {
            status: sum(each.commission_amount for each in self.commissions if each.payment_status is status)
            for status in PaymentStatus
        }

    @property
    def by_kind(self) -> Mapping[PostingKind, int]:
        """What was posted in the month, by kind."""
        return {
            kind: sum(abs(posting.change) for posting in self.postings if posting.kind is kind) for kind in PostingKind
        }


OUTSTANDING = frozenset({PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.PROOF_SUBMITTED})
"""States in which money is owed still."""


def statement_of(therapist_id: str, month: str, records: Sequence[Commission]) -> Statement:
    """Return the statement of a month from all of a therapist's records up to its end; test ones never count."""
    begins, ends = stretch_of_month(month)
    real = [record for record in records if not record.is_test]
    postings = sorted(
        (posting for record in real for posting in postings_of(record)),
        key=lambda posting: (posting.at, posting.booking_id, list(PostingKind).index(posting.kind)),
    )
    in_month = [posting for posting in postings if begins <= posting.at < ends]
    opening = sum(posting.change for posting in postings if posting.at < begins)
    return Statement(
        therapist_id=therapist_id,
        month=month,
        opening_balance=opening,
        closing_balance=opening + sum(posting.change for posting in in_month),
        postings=in_month,
        commissions=sorted(
            (record for record in real if begins <= record.booking_date < ends),
            key=lambda record: (record.booking_date, record.booking_id),
        ),
    )


def postings_of(record: Commission) -> Iterator[Posting]:
    """Yield what a record has moved: the debt itself, and what it was settled or taken back by.

    A reversal after a payment leaves a credit, for the money has been paid; after a waiver there is nothing
    left to take back.
    """
    amount, booking_id = record.commission_amount, record.booking_id
    yield Posting(at=record.booking_date, kind=PostingKind.COMMISSION, booking_id=booking_id, charge=amount)
    if record.paid_at is not None:
        yield Posting(at=record.paid_at, kind=PostingKind.PAYMENT, booking_id=booking_id, credit=amount)
    if record.waived_at is not None:
        yield Posting(at=record.waived_at, kind=PostingKind.WAIVER, booking_id=booking_id, credit=amount)
    elif record.reversed_at is not None:
        yield Posting(at=record.reversed_at, kind=PostingKind.REVERSAL, booking_id=booking_id, credit=amount)
