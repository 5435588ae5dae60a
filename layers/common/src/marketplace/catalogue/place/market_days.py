"""Days and months of the marketplace, which are those of Jakarta, and the stretches of time that they are."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from marketplace.platform.market import MARKET_ZONE


def day_of(instant: datetime) -> date:
    """Return the market's date of an instant."""
    return instant.astimezone(MARKET_ZONE).date()


def stretch_of_days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants at which the first day begins and the last one is over, in UTC."""
    begins = datetime.combine(first, time(), tzinfo=MARKET_ZONE)
    ends = datetime.combine(last, time(), tzinfo=MARKET_ZONE) + timedelta(days=1)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def stretch_of_month(month: str) -> tuple[datetime, datetime]:
    """Return the instants at which a month such as ``2026-11`` begins and is over, in UTC."""
    year, number = int(month[:4]), int(month[5:])
    first = date(year, number, 1)
    last = date(year, 12, 31) if number == 12 else date(year, number + 1, 1) - timedelta(days=1)  # noqa: PLR2004 - December
    return stretch_of_days(first, last)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the dates from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
