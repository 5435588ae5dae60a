"""An offer that stands rings again after 5, 10 and 13 minutes: each ring once, the latest one alone."""

from copy import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.model import BookingStatus
from marketplace.booking.ringing import RINGS_AFTER, due_ring
from tests.offers import OFFER, OFFERED


@pytest.mark.parametrize(
    ("minutes", "ring"), [(0, None), (4.99, None), (5, 5), (9.9, 5), (10, 10), (13, 13), (14.9, 13), (15, None)]
)
def test_the_ring_that_is_due(minutes: float, ring: int | None) -> None:
    expected = None if ring is None else OFFERED + timedelta(minutes=ring)
    assert due_ring(OFFER, OFFERED + timedelta(minutes=minutes)) == expected


@given(st.sampled_from(BookingStatus), st.integers(0, 3_600))
def test_nothing_rings_once_the_offer_is_answered_or_over(status: BookingStatus, seconds: int) -> None:
    ring = due_ring(replace(OFFER, status=status), OFFERED + timedelta(seconds=seconds))
    if status is not BookingStatus.PENDING or seconds >= 15 * 60:
        assert ring is None


@given(st.integers(30, 70))
def test_a_schedule_of_about_a_minute_finds_every_ring_once(every: int) -> None:
    runs = [OFFERED + timedelta(seconds=seconds) for seconds in range(0, 15 * 60, every)]
    found = {ring for run in runs if (ring := due_ring(OFFER, run))}
    assert found == {OFFERED + after for after in RINGS_AFTER}


def test_a_long_window_does_not_ring_for_ever() -> None:
    patient = replace(OFFER, response_deadline=OFFERED + timedelta(days=1))
    assert due_ring(patient, OFFERED + timedelta(minutes=17)) is None
