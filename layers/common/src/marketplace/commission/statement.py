"""A therapist's statement of a month: what was owed when it began, what was posted, what is owed at its end.

A balance is the sum of the ledger's postings before it, so the closing balance of a month is the opening balance of
the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import final

from msgspec import Struct

from marketplace.catalogue.place.market_days import stretch_of_month
from marketplace.commission.ledger.model import Posting, PostingReason
from marketplace.commission.model import Commission
from marketplace.commission.states import PaymentStatus
from marketplace.commission.sums import Sums


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
    def by_kind(self) -> Mapping[PostingReason, int]:
        """By how much the debt moved in the month, by why it did."""
        return {
            reason: sum(abs(posting.change) for posting in self.postings if posting.reason is reason)
            for reason in PostingReason
        }


OUTSTANDING = frozenset({PaymentStatus.PENDING, PaymentStatus.OVERDUE, PaymentStatus.PROOF_SUBMITTED})
"""States in which money is owed still."""


def statement_of(
    therapist_id: str, month: str, records: Sequence[Commission], postings: Iterable[Posting]
) -> Statement:
    """Return the statement of a month from a therapist's records and postings up to its end; test ones never count."""
    begins, ends = stretch_of_month(month)
    moving = [posting for posting in postings if posting.change]
    in_month = [posting for posting in moving if begins <= posting.at < ends]
    opening = sum(posting.change for posting in moving if posting.at < begins)
    return Statement(
        therapist_id=therapist_id,
        month=month,
        opening_balance=opening,
        closing_balance=opening + sum(posting.change for posting in in_month),
        postings=in_month,
        commissions=sorted(
            (record for record in records if not record.is_test and begins <= record.booking_date < ends),
            key=lambda record: (record.booking_date, record.booking_id),
        ),
    )
