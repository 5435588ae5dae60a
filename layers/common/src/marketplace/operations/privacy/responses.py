"""What is said to customers of what is known of them."""

from typing import Any, Literal, TypedDict


class PersonalEntry(TypedDict):
    """One thing that is known of a customer; ``entry`` is as its own route shows it."""

    kind: Literal["booking", "message", "notification", "review", "favourite"]
    entry: dict[str, Any]


class Erased(TypedDict):
    """The caller is forgotten; ``erasedBookings`` are those that this call went through."""

    customerId: str
    erasedBookings: int
