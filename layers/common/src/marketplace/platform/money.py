"""Rupiah as whole numbers, and shares of them in basis points."""

from typing import Final

CURRENCY: Final = "IDR"
BASIS_POINTS: Final = 10_000


def share_of(amount: int, basis_points: int) -> int:
    """Return the share of ``amount`` rupiah at ``basis_points`` (3000 = 30 %), rounded half up.

    >>> share_of(250_000, 3_000)
    75000
    >>> share_of(5, 3_000)
    2
    """
    return (amount * basis_points + BASIS_POINTS // 2) // BASIS_POINTS
