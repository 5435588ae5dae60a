"""What a provider of payments does for us, whoever it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, final

from msgspec import Struct


@final
class QrCode(Struct, frozen=True, kw_only=True):
    """A code that the provider made: what it holds, and what the provider calls it."""

    reference: str
    content: str


@final
class Received(Struct, frozen=True, kw_only=True):
    """Money that came in, as the provider tells it: under its id, for which payment of ours, in rupiah."""

    received_id: str
    payment_id: str
    amount: int


class PaymentProvider(Protocol):
    """A provider of QRIS codes."""

    @property
    def name(self) -> str:
        """By which the wire knows it."""
        ...

    def create_code(self, payment_id: str, amount: int, expires_at: datetime) -> QrCode:
        """Return the code of a payment, the same one however often it is asked for.

        Raises:
            ServiceUnavailable: the provider fails, hangs or answers garbage; whether it made one is unknown.
        """
        ...

    def payments_of(self, code: str) -> Sequence[Received]:
        """Return what came in by a code of the provider's, for its call may be lost.

        Raises:
            ServiceUnavailable: the provider fails, hangs or answers garbage.
        """
        ...

    def is_authentic(self, headers: Mapping[str, str]) -> bool:
        """Say whether a call comes from the provider; header names are in lower case."""
        ...

    def received(self, event: Mapping[str, Any]) -> Received | None:
        """Return what came in by an event, nothing where it tells of something else.

        Raises:
            ValidationFailed: it cannot be read.
        """
        ...
