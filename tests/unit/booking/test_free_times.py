"""What is listed as free is what can be booked, in every zone whose offset changes, and nothing else is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.booking.calendar.model import Calendar, DaySheet, Hold
from marketplace.booking.calendar.slots import free_starts, sheet_days
from marketplace.catalogue.therapist.model import DURATIONS, MenuItem, Therapist
from marketplace.catalogue.therapist.opening_hours import GRID, DayOverride, OpeningHours, Window
from marketplace.platform.refusals import SlotTaken, ValidationFailed
from tests.therapist_rows import a_therapist, every_day

NOW: Final = datetime(2026, 11, 22, 3, 7, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 2026, 2027
NIGHT_AND_DAY: Final = every_day(("00:00", "03:30"), ("09:00", "12:10"), ("20:00", "24:00"))


@cache
def changes_of_offset() -> tuple[tuple[str, date], ...]:
    """Return a zone and local date for every change of an offset in 2026 and 2027 that any zone of the world makes.

    Zones that change at the same instant between the same offsets are one: nothing else enters the reckoning.
    """
    found: dict[tuple[datetime, timedelta | None, timedelta | None], tuple[str, date]] = {}
    begin, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    for name in zones_of_the_world():
        zone = ZoneInfo(name)
        offsets = [day.astimezone(zone).utcoffset() for day in days]
        for day, before, after in zip(days, offsets, offsets[1:], strict=False):
            if before != after:
                change = day
                while change.astimezone(zone).utcoffset() == before:
                    change += GRID
                found.setdefault((change, before, after), (name, change.astimezone(zone).date()))
    return tuple(found.values())


def zones_of_the_world() -> Iterator[str]:
    """Yield a name of each zone; names of the same rules are one zone."""
    known: set[bytes] = set()
    for name in sorted(available_timezones()):
        written = files("tzdata").joinpath("zoneinfo", name)
        rules = written.read_bytes() if written.is_file() else name.encode()
        if rules not in known:
            known.add(rules)
            yield name


def empty_calendar(*holds: Hold) -> Calendar:
    days = {day for hold in holds for day in hold.days}
    return Calendar(
        therapist_id="t-ayu",
        sheets={
            day: DaySheet(
                therapist_id="t-ayu",
                day=day,
                holds={hold.booking_id: hold for hold in holds if day in hold.days},
                version=1,
            )
            for day in days
        },
    )


def quarters_around(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield every quarter of an hour whose local date it is, and those of the hours beside it."""
    middle = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    start = middle.replace(minute=0) - timedelta(hours=16)
    while start < middle + timedelta(hours=16):
        yield start
        start += GRID


FIVE_MINUTES: Final = timedelta(minutes=5)


def open_moments(hours: OpeningHours, day: date, zone: ZoneInfo) -> set[datetime]:
    """Return when the clock on the wall shows an opening hour, every five minutes around a day; hours end on fives."""
    quarters = list(quarters_around(day, zone))
    moment, last = quarters[0], quarters[-1] + timedelta(minutes=max(DURATIONS))
    windows = cache(hours.windows_on)
    found = set()
    while moment < last:
        local = moment.astimezone(zone)
        wall = f"{local.hour:02d}:{local.minute:02d}"
        if any(window.opens <= wall < window.closes for window in windows(local.date())):
            found.add(moment)
        moment += FIVE_MINUTES
    return found


@cache
def days_of_change() -> tuple[tuple[str, date, set[datetime]], ...]:
    """Return each zone and day on which an offset changes, with the moments that are within opening hours."""
    return tuple((name, day, open_moments(NIGHT_AND_DAY, day, ZoneInfo(name))) for name, day in changes_of_offset())


def test_the_zones_of_the_world_change_their_offset_in_these_years() -> None:
    assert len(changes_of_offset()) > 40


@pytest.mark.parametrize("duration", DURATIONS)
def test_no_slot_is_shifted_missing_or_double_on_a_day_that_changes_its_offset(duration: int) -> None:
    for name, day, moments in days_of_change():
        zone = ZoneInfo(name)
        therapist = a_therapist(time_zone=name, opening_hours=NIGHT_AND_DAY, notice_minutes=0)
        now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=3)
        listed = list(free_starts(therapist, empty_calendar(), day, duration, now))

        assert len(set(listed)) == len(listed), name
        assert listed == sorted(listed), name
        for start in quarters_around(day, zone):
            is_of_day = start.astimezone(zone).date() == day
            is_open = all(start + number * FIVE_MINUTES in moments for number in range(duration // 5))
            bookable = _can_be_booked(therapist, empty_calendar(), start, duration, now)
            assert (start in listed) == (bookable and is_of_day), (name, start)
            # Where the clock goes back, hours that end in the doubled time end in its first pass.
            if bookable != is_open and not _in_doubled_time(start, duration, zone):
                assert not bookable, (name, start)
                assert not is_of_day, (name, start)


def _in_doubled_time(start: datetime, duration: int, zone: ZoneInfo) -> bool:
    moments = (start.astimezone(zone), (start + timedelta(minutes=duration)).astimezone(zone))
    return (
        any(local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset() for local in moments)
        or moments[0].utcoffset() != moments[1].utcoffset()
    )


@given(
    zone=st.sampled_from(["Asia/Makassar", "Asia/Jakarta", "Asia/Kathmandu", "Pacific/Chatham", "America/Havana"]),
    duration=st.sampled_from(DURATIONS),
    days_ahead=st.integers(-2, 33),
    bounds=st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted),
    holds=st.lists(st.tuples(st.integers(-20, 3_000), st.integers(1, 16), st.booleans()), max_size=6),
    notice=st.sampled_from([0, 60, 24 * 60]),
)
def test_every_listed_slot_can_be_booked_and_nothing_else_can(  # noqa: PLR0913, PLR0917 - what a day is made of
    zone: str,
    duration: int,
    days_ahead: int,
    bounds: list[int],
    holds: list[tuple[int, int, bool]],
    notice: int,
) -> None:
    windows = tuple((_wall(opens), _wall(closes)) for opens, closes in zip(bounds[::2], bounds[1::2], strict=False))
    therapist = a_therapist(time_zone=zone, opening_hours=every_day(*windows), notice_minutes=notice, horizon_days=30)
    day = NOW.astimezone(ZoneInfo(zone)).date() + timedelta(days=days_ahead)
    midnight = NOW.replace(hour=0, minute=0)
    calendar = empty_calendar(
        *(
            Hold(
                booking_id=f"b-{number}",
                starts_at=midnight + first * GRID,
                ends_at=midnight + (first + length) * GRID,
                held_until=NOW - timedelta(seconds=1) if is_over else None,
            )
            for number, (first, length, is_over) in enumerate(holds)
        )
    )

    listed = list(free_starts(therapist, calendar, day, duration, NOW))

    for start in quarters_around(day, ZoneInfo(zone)):
        is_of_day = start.astimezone(ZoneInfo(zone)).date() == day
        assert (start in listed) == (is_of_day and _can_be_booked(therapist, calendar, start, duration)), start
    for start in listed:
        assert set(_visit(start, duration, therapist).days) <= set(sheet_days(therapist, day, duration, NOW))


def _wall(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


def _visit(start: datetime, duration: int, therapist: Therapist) -> Hold:
    end = start + timedelta(minutes=duration) + therapist.buffer
    return Hold(booking_id="b-new", starts_at=start, ends_at=end)


def _can_be_booked(
    therapist: Therapist, calendar: Calendar, start: datetime, duration: int, now: datetime = NOW
) -> bool:
    """Ask the rules that a booking is judged by."""
    try:
        therapist.check_can_start_at(start, duration, now)
        calendar.check_free(_visit(start, duration, therapist), now)
    except (ValidationFailed, SlotTaken):
        return False
    return True


# Single days ------------------------------------------------------------------------------------------


def starts(therapist: Therapist, day: date, duration: int = 60, *holds: Hold) -> list[str]:
    """Return the free starts of a day on the therapist's wall."""
    return [
        f"{start.astimezone(therapist.zone):%H:%M}"
        for start in free_starts(therapist, empty_calendar(*holds), day, duration, NOW)
    ]


TOMORROW: Final = date(2026, 11, 23)


def test_a_day_from_nine_to_nine_has_its_starts_every_quarter_and_the_buffer_may_lie_outside() -> None:
    found = starts(a_therapist(), TOMORROW, 120)

    assert (found[0], found[-1], len(found)) == ("09:00", "19:00", 41)


def test_a_hold_blocks_and_adjacent_visits_go() -> None:
    held = Hold(
        booking_id="b-1",
        starts_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 23, 5, 15, tzinfo=UTC),
    )

    found = starts(a_therapist(), TOMORROW, 60, held)

    assert "10:45" in found  # ends with its buffer at noon, when the hold begins
    assert "11:00" not in found
    assert "13:00" not in found
    assert "13:15" in found


def test_a_pending_hold_blocks_until_its_deadline_and_no_longer() -> None:
    held = Hold(
        booking_id="b-1",
        starts_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 23, 5, 15, tzinfo=UTC),
        held_until=NOW + timedelta(milliseconds=1),
    )
    therapist, calendar = a_therapist(), empty_calendar(held)

    before = list(free_starts(therapist, calendar, TOMORROW, 60, NOW))
    after = list(free_starts(therapist, calendar, TOMORROW, 60, NOW + timedelta(milliseconds=1)))

    assert held.starts_at not in before
    assert held.starts_at in after


def test_an_override_replaces_the_day_and_time_off_empties_it() -> None:
    hours = every_day(
        ("09:00", "21:00"),
        overrides=(
            DayOverride(date="2026-11-23", windows=(Window(opens="10:00", closes="11:30"),)),
            DayOverride(date="2026-11-24"),
        ),
    )

    assert starts(a_therapist(opening_hours=hours), TOMORROW) == ["10:00", "10:15", "10:30"]
    assert starts(a_therapist(opening_hours=hours), date(2026, 11, 24)) == []


def test_hours_that_go_on_past_midnight_take_visits_across_it() -> None:
    found = starts(a_therapist(opening_hours=every_day(("00:00", "01:00"), ("22:00", "24:00"))), TOMORROW)

    assert found == ["00:00", "22:00", "22:15", "22:30", "22:45", "23:00", "23:15", "23:30", "23:45"]


def test_a_visit_does_not_span_a_break() -> None:
    found = starts(a_therapist(opening_hours=every_day(("09:00", "10:30"), ("10:45", "12:00"))), TOMORROW)

    assert found == ["09:00", "09:15", "09:30", "10:45", "11:00"]


def test_notice_and_horizon_cut_off_both_ends() -> None:
    therapist = a_therapist(time_zone="UTC", opening_hours=every_day(("00:00", "24:00")))

    assert starts(therapist, NOW.date())[0] == "04:15"  # 03:07 and an hour's notice
    assert starts(therapist, NOW.date() - timedelta(days=1)) == []
    assert starts(therapist, NOW.date() + timedelta(days=30))[-1] == "03:00"
    assert starts(therapist, NOW.date() + timedelta(days=31)) == []


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_time_have_no_slots(day: date) -> None:
    assert starts(a_therapist(), day) == []
    assert sheet_days(a_therapist(), day, 60, NOW) == ()


def test_a_duration_that_nothing_on_the_menu_has_has_no_slots() -> None:
    menu = (MenuItem(service_id="short", name="Short", prices={"60": 1}),)

    assert starts(a_therapist(menu=menu), TOMORROW, 60) != []
    assert starts(a_therapist(menu=menu), TOMORROW, 90) == []


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (datetime(2026, 11, 23, 4, 7, tzinfo=UTC), "grid"),
        (datetime(2026, 11, 22, 3, 0, tzinfo=UTC), "past"),
        (datetime(2026, 11, 22, 4, 0, tzinfo=UTC), "notice"),
        (datetime(2026, 12, 23, 4, 0, tzinfo=UTC), "ahead"),
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), "opening hours"),
        (datetime.max.replace(tzinfo=UTC, minute=45, second=0, microsecond=0), "ahead"),
        (datetime.min.replace(tzinfo=UTC), "past"),
    ],
)
def test_a_wrong_start_is_told_which_rule_it_breaks(start: datetime, message: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        a_therapist().check_can_start_at(start, 60, NOW)

    (error,) = refused.value.errors
    assert error.path == "scheduledTime"
    assert message in error.message
