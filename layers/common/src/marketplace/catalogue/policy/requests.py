"""The bodies with which the owner sets the marketplace's policy, and tries one out."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, final

from pydantic import Field

from marketplace.catalogue.policy.model import (
    RULES,
    CancellationRules,
    CancellationTier,
    CommissionAccount,
    ContactGuard,
    Redispatch,
    Verification,
)
from marketplace.catalogue.requests import AccountNumber, BankName
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import PersonName, Reason

_DAY_SECONDS: Final = 86_400
_WEEK_MINUTES: Final = 10_080
Bps = Annotated[int, Field(ge=0, le=10_000)]


@final
class GivenTier(RequestModel):
    """The fee of a cancellation at least so many hours before the visit."""

    hours_before: Annotated[int, Field(ge=0, le=720)]
    fee_bps: Bps


@final
class GivenCancellation(RequestModel):
    """What cancelling costs a customer; tiers from far before the visit to its beginning."""

    grace_minutes: Annotated[int, Field(ge=0, le=_WEEK_MINUTES)]
    tiers: Annotated[tuple[GivenTier, ...], Field(max_length=10, json_schema_extra={"minItems": 1}), Lax]

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for tiers in order, down to the visit's beginning."""
        if not self.tiers:
            yield "tiers", "This must have at least one entry."
        elif self.tiers[-1].hours_before != 0:
            yield "tiers", "The last tier must have hoursBefore 0."
        if any(earlier.hours_before <= later.hours_before for earlier, later in pairwise(self.tiers)):
            yield "tiers", "Each tier must be nearer to the visit than the one before."

    def as_domain(self) -> CancellationRules:
        """Return the rules in the domain's words."""
        return CancellationRules(
            grace_minutes=self.grace_minutes,
            tiers=tuple(CancellationTier(hours_before=tier.hours_before, fee_bps=tier.fee_bps) for tier in self.tiers),
        )


@final
class GivenCommissionAccount(RequestModel):
    """Where therapists pay to."""

    bank_name: BankName
    account_number: AccountNumber
    account_holder: PersonName

    def as_domain(self) -> CommissionAccount:
        """Return the account in the domain's words."""
        return CommissionAccount(
            bank_name=self.bank_name, account_number=self.account_number, account_holder=self.account_holder
        )


class GivenRules(RequestModel):
    """The rules that change; what is left out stays, and null takes away what may be absent."""

    response_window_seconds: Omissible[Annotated[int, Field(ge=1, le=_DAY_SECONDS)]] = None
    commission_rate_bps: Omissible[Bps] = None
    commission_due_days: Omissible[Annotated[int, Field(ge=0, le=365)]] = None
    cancellation: Omissible[GivenCancellation] = None
    no_show_fee_bps: Omissible[Bps] = None
    no_show_after_minutes: Omissible[Annotated[int, Field(ge=0, le=1_440)]] = None
    auto_complete_after_minutes: Omissible[Annotated[int, Field(ge=0, le=_WEEK_MINUTES)]] = None
    start_code: Omissible[bool] = None
    redispatch: Omissible[Annotated[Redispatch, Lax]] = None
    redispatch_max_offers: Omissible[Annotated[int, Field(ge=1, le=20)]] = None
    redispatch_max_minutes: Omissible[Annotated[int, Field(ge=1, le=1_440)]] = None
    contact_guard: Omissible[Annotated[ContactGuard, Lax]] = None
    verification: Omissible[Annotated[Verification, Lax]] = None
    required_documents: Omissible[
        Annotated[tuple[Literal["stpt", "identity", "certificate"], ...], Field(max_length=3), Lax]
    ] = None
    pause_offers_when_overdue_days: Annotated[int, Field(ge=0, le=365)] | None = None
    missed_offers_until_offline: Annotated[int, Field(ge=1, le=100)] | None = None
    commission_account: GivenCommissionAccount | None = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for something to change, and for papers that are named once."""
        if not self.model_fields_set.intersection(RULES):
            yield "", "Give at least one rule to change."
        if self.required_documents and len(set(self.required_documents)) < len(self.required_documents):
            yield "requiredDocuments", "A kind is named twice."

    def given(self) -> Mapping[str, Any]:
        """Return the given rules in the domain's words, by the names of :class:`Policy`."""
        return {name: _as_domain(getattr(self, name)) for name in RULES if name in self.model_fields_set}


@final
class NewPolicy(GivenRules):
    """A new version of the policy."""

    reason: Reason


@final
class PolicyReplay(GivenRules):
    """A policy to be tried out on the bookings of the last days."""

    days: Annotated[int, Field(ge=1, le=30)]


def _as_domain(given: object) -> object:
    return given.as_domain() if isinstance(given, GivenCancellation | GivenCommissionAccount) else given
