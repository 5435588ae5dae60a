"""Discount codes: what they take off, and when and how often they may be used."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never, final

from marketplace.platform.clock import Instant
from marketplace.platform.money import share_of
from marketplace.platform.record import Record
from marketplace.platform.refusals import DiscountUnavailable


class DiscountKind(StrEnum):
    """A share of the price in basis points, or an amount in rupiah."""

    SHARE = "share"
    AMOUNT = "amount"


class FundedBy(StrEnum):
    """Who bears a discount: the therapist by a lower price, or the marketplace out of its commission."""

    THERAPIST = "therapist"
    PLATFORM = "platform"


@final
class DiscountCode(Record, frozen=True, kw_only=True):
    """A code; ``value`` is basis points or rupiah by ``kind``, ``used`` counts the bookings that hold a use."""

    discount_code: str
    kind: DiscountKind
    value: int
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    used: int = 0
    funded_by: FundedBy = FundedBy.THERAPIST
    active: bool = True
    listed: str | None = "yes"
    version: int = 1

    def taken_off(self, list_price: int, now: datetime) -> int:
        """Return the rupiah that the code takes off, never more than the price.

        Raises:
            DiscountUnavailable: the code is out of its dates or used up.
        """
        self.check_usable(now)
        match self.kind:
            case DiscountKind.SHARE:
                return min(list_price, share_of(list_price, self.value))
            case DiscountKind.AMOUNT:
                return min(list_price, self.value)
            case _:
                assert_never(self.kind)

    def check_usable(self, now: datetime) -> None:
        """Refuse a code that is retired, out of its dates or without a use left."""
        if not self.active:
            raise DiscountUnavailable
        too_early = self.valid_from is not None and now < self.valid_from
        too_late = self.valid_until is not None and now >= self.valid_until
        if too_early or too_late:
            raise DiscountUnavailable
        self.check_left()

    def check_left(self) -> None:
        """Refuse a code that has no use left."""
        if self.max_uses is not None and self.used >= self.max_uses:
            raise DiscountUnavailable


def normalised_code(typed: str) -> str:
    """Return the code as it is stored: codes are upper case, people type them as they like."""
    return typed.strip().upper()
