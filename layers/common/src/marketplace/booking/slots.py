"""Free times: the same rules and the same holds that a booking is judged by, applied to every start of a day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from marketplace.booking.calendar import Calendar, Hold, days_between, days_of_local_date
from marketplace.catalogue.therapist import Therapist

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
