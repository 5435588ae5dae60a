"""Sums over confirmed bookings, as revenue and audits report them."""

from collections.abc import Mapping
from typing import final

from marketplace.booking.model import Source
from marketplace.platform.record import Record


@final
class Sums(Record, frozen=True, kw_only=True):
    """How many bookings, what customers pay for them, and the platform's share, in rupiah."""

    bookings: int = 0
    amount: int = 0
    commission: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Return both together."""
        return Sums(
            bookings=self.bookings + other.bookings,
            amount=self.amount + other.amount,
            commission=self.commission + other.commission,
        )


def by_every_source(sums: Mapping[str, Sums]) -> dict[Source, Sums]:
    """Return the sums of all six sources, zeros included; what is none of the six is left out."""
    return {source: sums.get(source.value, Sums()) for source in Source}
