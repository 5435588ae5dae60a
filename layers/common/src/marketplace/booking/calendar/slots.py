"""Free times: the same rules and the same holds that a booking is judged by, applied to every start of a day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from marketplace.booking.calendar.model import Calendar, Hold, days_between, days_of_local_date
from marketplace.catalogue.therapist.model import Presence, Therapist

_NOBODY = ""


def sheet_days(therapist: Therapist, day: date, duration: int, now: datetime) -> tuple[date, ...]:
    """Return the UTC dates whose sheets decide the free times of a local date."""
    busy = timedelta(minutes=duration) + therapist.buffer
    starts = list(therapist.starts_on(day, duration, now))
    if starts and therapist.visits_per_day is not None:
        whole_day = days_of_local_date(starts[0], therapist.zone)
        return tuple(sorted({*whole_day, *days_between(min(starts) - therapist.buffer_before, max(starts) + busy)}))
    return days_between(min(starts) - therapist.buffer_before, max(starts) + busy) if starts else ()


def free_starts(
    therapist: Therapist, calendar: Calendar, day: date, duration: int, now: datetime
) -> Iterator[datetime]:
    """Yield the starts of a local date that could be booked now, earliest first."""
    visit, most = timedelta(minutes=duration), therapist.visits_per_day
    if most is not None and calendar.visits_on(day, therapist.zone, now) >= most:
        return
    for start in therapist.starts_on(day, duration, now):
        wanted = Hold(
            booking_id=_NOBODY, starts_at=start - therapist.buffer_before, ends_at=start + visit + therapist.buffer
        )
        if calendar.is_free(wanted, now):
            yield start


def free_from(therapist: Therapist, calendar: Calendar, window: timedelta, now: datetime) -> datetime | None:
    """Return from when an immediate booking of the shortest duration would be taken, within the therapist's day.

    ``window`` is how long they may take to answer, which such a booking holds as well. The calendar must have the
    days of :func:`free_from_days`.
    """
    shortest = therapist.shortest_duration
    if therapist.is_suspended or therapist.status is not Presence.ONLINE or shortest is None:
        return None
    busy = window + timedelta(minutes=shortest) + therapist.buffer
    ends = {hold.ends_at for sheet in calendar.sheets.values() for hold in sheet.holds.values() if hold.is_live(now)}
    for start in sorted({now, *(end for end in ends if end > now)}):
        if start.astimezone(therapist.zone).date() != now.astimezone(therapist.zone).date():
            return None
        if calendar.is_free(Hold(booking_id=_NOBODY, starts_at=start, ends_at=start + busy), now):
            return start
    return None


def free_from_days(therapist: Therapist, window: timedelta, now: datetime) -> tuple[date, ...]:
    """Return the UTC dates whose sheets decide :func:`free_from`; none where nothing is to be decided."""
    if therapist.status is not Presence.ONLINE or therapist.shortest_duration is None:
        return ()
    busy = window + timedelta(minutes=therapist.shortest_duration) + therapist.buffer
    return days_between(now, now + busy)
