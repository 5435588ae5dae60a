"""The bodies of the steps that admins and therapists take with a commission."""

from collections.abc import Iterable
from typing import Annotated, final

from pydantic import Field

from marketplace.commission.states import DisputeOutcome
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Reason


@final
class RejectCommission(RequestModel):
    """Why a proof of payment does not hold."""

    reason: Reason


@final
class WaiveCommission(RequestModel):
    """Why a debt is let go; without ``confirm`` nothing happens but the question whether it is meant."""

    reason: Reason
    confirm: bool = False


@final
class RevokeCommission(RequestModel):
    """Why an approval or a waiver is taken back; without ``confirm`` nothing happens but the question."""

    reason: Reason
    confirm: bool = False


@final
class DisputeCommission(RequestModel):
    """Why a therapist does not accept a commission."""

    reason: Reason


@final
class ResolveDispute(RequestModel):
    """How a dispute ends; ``amount`` in rupiah is what is owed from now on, where it is reduced."""

    outcome: Annotated[DisputeOutcome, Lax]
    amount: Omissible[Annotated[int, Field(ge=0, le=1_000_000_000)]] = None
    reason: Reason

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for the amount where it is reduced, and only there."""
        if self.outcome is DisputeOutcome.REDUCED and self.amount is None:
            yield "amount", "This is required."
        if self.outcome is not DisputeOutcome.REDUCED and self.amount is not None:
            yield "amount", "Only a reduced commission has another amount."
