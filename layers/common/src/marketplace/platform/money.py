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


def share_less_discount(list_price: int, discount: int, basis_points: int) -> int:
    """Return the share of a list price of which the marketplace bears the discount, in rupiah, never below 0.

    >>> share_less_discount(250_000, 50_000, 3_000)
    25000
    >>> share_less_discount(250_000, 100_000, 3_000)
    0
    """
    return max(0, share_of(list_price, basis_points) - discount)
