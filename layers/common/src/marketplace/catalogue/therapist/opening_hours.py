"""When a therapist works: weekly hours, single days that differ, and the bookable starts that follow from them.

Hours are written in the therapist's own wall-clock time and resolved to instants day by day, so that a
change of the zone's offset neither shifts, doubles nor drops a slot.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

from msgspec import field

from marketplace.platform.record import Record

GRID: Final = timedelta(minutes=15)
DAY_END: Final = "24:00"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@final
class Window(Record, frozen=True, kw_only=True):
    """A stretch of one local day, ``09:00`` to ``21:00``; ``24:00`` closes at midnight."""

    opens: str
    closes: str


@final
class DayOverride(Record, frozen=True, kw_only=True):
    """A single local date with hours of its own; without any it is a day off."""

    date: str
    windows: tuple[Window, ...] = ()


@final
class OpeningHours(Record, frozen=True, kw_only=True):
    """Weekly windows by weekday name, and the dates that differ."""

    weekly: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    overrides: tuple[DayOverride, ...] = ()

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """Return the windows that hold on a local date."""
        written = day.isoformat()
        for override in self.overrides:
            if override.date == written:
                return override.windows
        return self.weekly.get(WEEKDAYS[day.weekday()], ())

    def open_intervals(self, day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
        """Return the stretches of a local date and the next, touching ones joined, as instants in UTC.

        A visit that begins on the date may end on the next, where the hours go on past midnight.
        """
        joined: list[tuple[datetime, datetime]] = []
        for opens, closes in sorted(
            (_instant(each, window.opens, zone), _instant(each, window.closes, zone))
            for each in (day, day + timedelta(days=1))
            for window in self.windows_on(each)
        ):
            if joined and joined[-1][1] >= opens:
                joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
            elif opens < closes:
                joined.append((opens, closes))
        return tuple(joined)

    def covers(self, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """Say whether a visit from ``start`` to ``end`` lies inside the hours without a break."""
        local_day = start.astimezone(zone).date()
        return any(opens <= start and end <= closes for opens, closes in self.open_intervals(local_day, zone))

    def starts_on(self, day: date, zone: ZoneInfo, visit: timedelta) -> Iterator[datetime]:
        """Yield every start on the grid and on that local date whose whole visit lies inside the hours."""
        for opens, closes in self.open_intervals(day, zone):
            start = next_on_grid(opens)
            while start + visit <= closes and start.astimezone(zone).date() == day:
                yield start
                start += GRID


def is_on_grid(instant: datetime) -> bool:
    """Say whether an instant is a whole quarter of an hour; every zone in use is offset by whole quarters."""
    return instant.minute % 15 == 0 and instant.second == 0 and instant.microsecond == 0


def next_on_grid(instant: datetime) -> datetime:
    """Return the first whole quarter of an hour that is not before ``instant``."""
    whole = instant.replace(second=0, microsecond=0)
    whole -= timedelta(minutes=whole.minute % 15)
    return whole if whole == instant else whole + GRID


def _instant(day: date, wall_clock: str, zone: ZoneInfo) -> datetime:
    """Resolve a wall-clock time: the first instant at which the clock on the wall shows it or a later one.

    One that a change of offset skips is the moment of the change; of one that comes twice it is the first.
    """
    if wall_clock == DAY_END:
        day, wall_clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(wall_clock), tzinfo=zone)
    by_offset_before, by_offset_after = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if by_offset_after >= by_offset_before:
        return by_offset_before
    return _change_between(by_offset_after, by_offset_before, zone)


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant of the new offset, after ``early`` and not after ``late``."""
    offset = late.astimezone(zone).utcoffset()
    while (seconds := int((late - early).total_seconds())) > 1:
        middle = early + timedelta(seconds=seconds // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late
