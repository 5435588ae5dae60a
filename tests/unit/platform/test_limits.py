"""Abuse limits count within windows, and say when the next one begins."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marketplace.platform.limits import Limit

HOURLY = Limit(name="example", most=3, window=timedelta(hours=1))
INSTANTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def test_an_hour_s_window_begins_with_the_hour() -> None:
    assert HOURLY.window_of(datetime(2026, 11, 22, 8, 15, 7, tzinfo=UTC)) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert HOURLY.seconds_left(datetime(2026, 11, 22, 8, 15, tzinfo=UTC)) == 45 * 60


@given(INSTANTS)
def test_after_the_seconds_left_another_window_has_begun(now: datetime) -> None:
    later = now + timedelta(seconds=HOURLY.seconds_left(now))
    assert HOURLY.window_of(later) > HOURLY.window_of(now)
    assert HOURLY.window_of(later - timedelta(seconds=1)) == HOURLY.window_of(now)
