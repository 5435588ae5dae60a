"""What a customer pays for cancelling: nothing within the grace, then by how near the visit is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.fees import cancellation_fee
from marketplace.catalogue.policy.model import CancellationRules, CancellationTier

CREATED = datetime(2026, 11, 22, 8, tzinfo=UTC)
BEGINS = CREATED + timedelta(days=2)
RULES = CancellationRules(
    grace_minutes=10,
    tiers=(
        CancellationTier(hours_before=24, fee_bps=0),
        CancellationTier(hours_before=4, fee_bps=2_500),
        CancellationTier(hours_before=0, fee_bps=5_000),
    ),
)


def fee_at(at: datetime, rules: CancellationRules = RULES, begins_at: datetime = BEGINS) -> tuple[int, int]:
    found = cancellation_fee(rules, price=350_001, created_at=CREATED, begins_at=begins_at, at=at)
    return found.fee, found.fee_bps


@pytest.mark.parametrize(
    ("before", "fee"),
    [
        (timedelta(hours=30), (0, 0)),
        (timedelta(hours=24), (0, 0)),
        (timedelta(hours=24) - timedelta(milliseconds=1), (87_500, 2_500)),
        (timedelta(hours=4), (87_500, 2_500)),
        (timedelta(hours=4) - timedelta(milliseconds=1), (175_001, 5_000)),
        (timedelta(0), (175_001, 5_000)),
    ],
)
def test_the_first_tier_that_the_visit_is_still_away_decides(before: timedelta, fee: tuple[int, int]) -> None:
    assert fee_at(BEGINS - before) == fee


def test_the_grace_after_creation_is_free_however_near_the_visit_is() -> None:
    soon = CREATED + timedelta(hours=1)
    assert fee_at(CREATED + timedelta(minutes=10), begins_at=soon) == (0, 0)
    assert fee_at(CREATED + timedelta(minutes=10, milliseconds=1), begins_at=soon) == (175_001, 5_000)


def test_it_is_said_until_when_cancelling_is_free() -> None:
    def free_until(rules: CancellationRules, begins_at: datetime, at: datetime) -> datetime | None:
        return cancellation_fee(rules, price=1, created_at=CREATED, begins_at=begins_at, at=at).free_until

    assert free_until(RULES, BEGINS, CREATED) == BEGINS - timedelta(hours=24)
    assert free_until(RULES, CREATED + timedelta(hours=1), CREATED) == CREATED + timedelta(minutes=10)
    assert free_until(RULES, BEGINS, BEGINS - timedelta(hours=1)) is None
    assert free_until(CancellationRules(), BEGINS, CREATED) == BEGINS


@given(minutes=st.integers(0, 3_000), tiers=st.lists(st.tuples(st.integers(1, 72), st.integers(0, 10_000)), max_size=4))
def test_cancelling_is_free_exactly_until_the_instant_that_is_told(minutes: int, tiers: list[tuple[int, int]]) -> None:
    hours_of_tiers = sorted({hours for hours, _ in tiers}, reverse=True)
    fees = sorted(bps for _, bps in tiers)
    rules = CancellationRules(
        tiers=(
            *(
                CancellationTier(hours_before=hours, fee_bps=bps)
                for hours, bps in zip(hours_of_tiers, fees, strict=False)
            ),
            CancellationTier(hours_before=0, fee_bps=10_000),
        )
    )
    at = min(CREATED + timedelta(minutes=minutes), BEGINS)
    told = cancellation_fee(rules, price=10_000, created_at=CREATED, begins_at=BEGINS, at=at)
    assert (told.fee == 0) == (told.free_until is not None)
    if told.free_until is not None:
        assert at <= told.free_until
        assert cancellation_fee(rules, price=10_000, created_at=CREATED, begins_at=BEGINS, at=told.free_until).fee == 0
