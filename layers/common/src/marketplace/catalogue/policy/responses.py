"""Policies as their readers see them, in wire names."""

from typing import TypedDict

from marketplace.catalogue.policy.model import ContactGuard, Policy, Redispatch, Verification
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc


class ShownTier(TypedDict):
    """The fee of a cancellation at least so many hours before the visit."""

    hoursBefore: int
    feeBps: int
    """Of the price, in basis points."""


class ShownCancellation(TypedDict):
    """What cancelling costs a customer."""

    graceMinutes: int
    """From the booking's creation, in which cancelling is free."""
    tiers: list[ShownTier]
    """The first one whose hours the visit is still away counts."""


class ShownCommissionAccount(TypedDict):
    """Where therapists pay their commissions to."""

    bankName: str
    accountNumber: str
    accountHolder: str


class PolicyVersion(TypedDict):
    """One version of the marketplace's rules."""

    version: int
    """0 is the template's parameters and the defaults."""
    effectiveAt: Time | None
    """From when on it was in force for new bookings; null for version 0."""
    by: str
    """Who made it."""
    reason: str | None
    responseWindowSeconds: int
    commissionRateBps: int
    commissionDueDays: int
    cancellation: ShownCancellation
    noShowFeeBps: int
    noShowAfterMinutes: int
    autoCompleteAfterMinutes: int
    startCode: bool
    redispatch: Redispatch
    redispatchMaxOffers: int
    redispatchMaxMinutes: int
    contactGuard: ContactGuard
    verification: Verification
    requiredDocuments: list[str]
    pauseOffersWhenOverdueDays: int | None
    missedOffersUntilOffline: int | None
    commissionAccount: ShownCommissionAccount | None


class ReplaySums(TypedDict):
    """What bookings come to together, in rupiah."""

    commission: int
    fees: int


class ReplayedPolicy(TypedDict):
    """What the bookings of the last days come to, under their own policies and under the one that was tried out."""

    bookings: int
    before: ReplaySums
    after: ReplaySums


def policy_view(policy: Policy) -> PolicyVersion:
    """Return a policy as everybody who may see it sees it."""
    return {
        "version": policy.version,
        "effectiveAt": None if policy.effective_at is None else format_utc(policy.effective_at),
        "by": policy.by,
        "reason": policy.reason,
        "responseWindowSeconds": policy.response_window_seconds,
        "commissionRateBps": policy.commission_rate_bps,
        "commissionDueDays": policy.commission_due_days,
        "cancellation": {
            "graceMinutes": policy.cancellation.grace_minutes,
            "tiers": [{"hoursBefore": tier.hours_before, "feeBps": tier.fee_bps} for tier in policy.cancellation.tiers],
        },
        "noShowFeeBps": policy.no_show_fee_bps,
        "noShowAfterMinutes": policy.no_show_after_minutes,
        "autoCompleteAfterMinutes": policy.auto_complete_after_minutes,
        "startCode": policy.start_code,
        "redispatch": policy.redispatch,
        "redispatchMaxOffers": policy.redispatch_max_offers,
        "redispatchMaxMinutes": policy.redispatch_max_minutes,
        "contactGuard": policy.contact_guard,
        "verification": policy.verification,
        "requiredDocuments": list(policy.required_documents),
        "pauseOffersWhenOverdueDays": policy.pause_offers_when_overdue_days,
        "missedOffersUntilOffline": policy.missed_offers_until_offline,
        "commissionAccount": commission_account_view(policy),
    }


def commission_account_view(policy: Policy) -> ShownCommissionAccount | None:
    """Return where therapists pay their commissions to, where the policy names an account."""
    account = policy.commission_account
    if account is None:
        return None
    return {
        "bankName": account.bank_name,
        "accountNumber": account.account_number,
        "accountHolder": account.account_holder,
    }
