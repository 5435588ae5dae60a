"""What the end of a booking costs its customer and what commission it leaves, by the policy under which it was made."""

from datetime import datetime, timedelta
from typing import final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.catalogue.policy.model import CancellationRules, Policy
from marketplace.platform.caller import Role
from marketplace.platform.money import share_of


@final
class CancellationFee(Struct, frozen=True, kw_only=True):
    """What cancelling at one instant costs, in whole rupiah."""

    fee: int
    fee_bps: int
    free_until: datetime | None
    """Until when cancelling costs nothing; None if it does not even now."""


@final
class Outcome(Struct, frozen=True, kw_only=True):
    """What a booking comes to, in whole rupiah."""

    fee: int
    """What the customer pays for the end of it."""
    base: int
    """The amount on which commission is owed: the price, the fee, or nothing."""
    commission: int


def outcome(booking: Booking, policy: Policy) -> Outcome:
    """Return what a booking comes to as it stands now under a policy.

    Only a customer's cancellation or absence costs a fee, and only after the confirmation; what a therapist or the
    marketplace calls off leaves nothing.
    """
    fee = _fee(booking, policy) if booking.confirmed_at is not None else 0
    match booking.status:
        case BookingStatus.CONFIRMED | BookingStatus.COMPLETED:
            return Outcome(fee=fee, base=booking.price, commission=booking.share_of_price(policy.commission_rate_bps))
        case _:
            base = fee
    return Outcome(fee=fee, base=base, commission=share_of(base, policy.commission_rate_bps))


def _fee(booking: Booking, policy: Policy) -> int:
    match booking.status:
        case BookingStatus.CANCELLED if booking.cancelled_by is Role.CUSTOMER:
            ended_at, begins_at = booking.cancelled_at, booking.begins_at
            if ended_at is None or begins_at is None:
                return 0
            return cancellation_fee(
                policy.cancellation,
                price=booking.price,
                created_at=booking.created_at,
                begins_at=begins_at,
                at=ended_at,
            ).fee
        case BookingStatus.NO_SHOW if booking.no_show_by is Role.CUSTOMER:
            return share_of(booking.price, policy.no_show_fee_bps)
        case _:
            return 0


def cancellation_fee(
    rules: CancellationRules, *, price: int, created_at: datetime, begins_at: datetime, at: datetime
) -> CancellationFee:
    """Return what a customer pays for cancelling at an instant before the visit begins.

    Args:
        rules: of the booking's own policy.
        price: what the visit costs, in rupiah.
        created_at: when the booking was made, from when the grace runs.
        begins_at: when the visit begins.
        at: the instant in question.
    """
    bps = 0 if at <= created_at + timedelta(minutes=rules.grace_minutes) else _tier_at(rules, begins_at, at)
    free_until = _free_until(rules, created_at, begins_at)
    return CancellationFee(
        fee=share_of(price, bps), fee_bps=bps, free_until=free_until if free_until is None or at <= free_until else None
    )


def _tier_at(rules: CancellationRules, begins_at: datetime, at: datetime) -> int:
    """Return the fee of the first tier whose hours the visit is still away; past its beginning, of the last."""
    for tier in rules.tiers:
        if begins_at - at >= timedelta(hours=tier.hours_before):
            return tier.fee_bps
    return rules.tiers[-1].fee_bps


def _free_until(rules: CancellationRules, created_at: datetime, begins_at: datetime) -> datetime | None:
    """Return until when cancelling costs nothing: by the grace or by the tiers, whichever lasts longer."""
    grace = created_at + timedelta(minutes=rules.grace_minutes)
    by_tiers: datetime | None = None
    for tier in rules.tiers:
        if tier.fee_bps > 0:
            break
        by_tiers = begins_at - timedelta(hours=tier.hours_before)
    return min(begins_at, grace if by_tiers is None else max(grace, by_tiers))
