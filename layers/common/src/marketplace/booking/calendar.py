"""A therapist's time: which stretches are held, by which booking, and until when."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import replace
from datetime import UTC, date, datetime, timedelta
from typing import final

from msgspec import Struct, field

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import SlotTaken


@final
class Hold(Record, frozen=True, kw_only=True):
    """A stretch of time that a live booking keeps, its buffer included; half open, in UTC.

    ``held_until`` is set while the booking is pending: after that instant the hold counts no more,
    whether or not anything has removed it.
    """

    booking_id: str
    starts_at: Instant
    ends_at: Instant
    held_until: Instant | None = None

    def is_live(self, now: datetime) -> bool:
        """Say whether the hold still counts."""
        return self.held_until is None or now < self.held_until

    def overlaps(self, other: "Hold") -> bool:
        """Say whether two holds share any time; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def days(self) -> tuple[date, ...]:
        """The UTC dates that the hold touches, in order."""
        return days_between(self.starts_at, self.ends_at)


@final
class DaySheet(Record, frozen=True, kw_only=True):
    """All holds of one therapist that touch one UTC date; ``version`` 0 means there is no sheet yet."""

    therapist_id: str
    day: date
    holds: Mapping[str, Hold] = field(default_factory=dict)
    version: int = 0


@final
class Calendar(Struct, frozen=True, kw_only=True):
    """The day sheets of one therapist that matter for a decision."""

    therapist_id: str
    sheets: Mapping[date, DaySheet]

    def check_free(self, wanted: Hold, now: datetime) -> None:
        """Refuse a hold that overlaps a live one of another booking."""
        if not self.is_free(wanted, now):
            raise SlotTaken

    def is_free(self, wanted: Hold, now: datetime) -> bool:
        """Say whether no live hold of another booking overlaps ``wanted``."""
        return not any(
            hold.booking_id != wanted.booking_id and hold.is_live(now) and hold.overlaps(wanted)
            for hold in self._holds_on(wanted.days)
        )

    def pending_bookings(self, now: datetime) -> frozenset[str]:
        """Return the bookings that hold time only until somebody answers, and still do."""
        return frozenset(
            hold.booking_id for hold in self._holds_on(self.sheets) if hold.held_until is not None and hold.is_live(now)
        )

    def without(self, booking_ids: Collection[str]) -> "Calendar":
        """Return the calendar as it is once the holds of those bookings are gone."""
        return replace(
            self,
            sheets={
                day: replace(sheet, holds={each: hold for each, hold in sheet.holds.items() if each not in booking_ids})
                for day, sheet in self.sheets.items()
            },
        )

    def sheet(self, day: date) -> DaySheet:
        """Return the sheet of a date, an empty one where none is stored."""
        return self.sheets.get(day) or DaySheet(therapist_id=self.therapist_id, day=day)

    def _holds_on(self, days: Iterable[date]) -> Iterator[Hold]:
        for day in days:
            yield from self.sheet(day).holds.values()


def days_between(starts_at: datetime, ends_at: datetime) -> tuple[date, ...]:
    """Return the UTC dates that a half-open stretch touches."""
    first = starts_at.astimezone(UTC).date()
    last = (ends_at - timedelta(microseconds=1)).astimezone(UTC).date()
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))
