"""A therapist's time: which stretches are held, by which booking, and until when."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, final
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import SlotTaken

PROPOSED: Final = "~"
"""Behind a booking's id: the hold of the time to which one of its parties proposes to move it."""


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
    visit_at: Instant | None = None
    """When the visit begins, where that is later than the time that is kept for it."""

    @property
    def owner(self) -> str:
        """The booking that holds it: a proposed time is held under the booking's id with a mark behind it."""
        return self.booking_id.removesuffix(PROPOSED)

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
    visits: frozenset[str] = frozenset()
    """Visits that took place, whose time is held no more: ``2026-11-22#b-4w2…`` by the therapist's own date."""


@final
class Calendar(Struct, frozen=True, kw_only=True):
    """The day sheets of one therapist that matter for a decision."""

    therapist_id: str
    sheets: Mapping[date, DaySheet]
    beds: int = 1
    """How many holds may overlap: a place can have several beds."""

    def check_free(self, wanted: Hold, now: datetime) -> None:
        """Refuse a hold that overlaps a live one of another booking."""
        if not self.is_free(wanted, now):
            raise SlotTaken

    def is_free(self, wanted: Hold, now: datetime) -> bool:
        """Say whether a bed stays free for the whole of ``wanted`` beside the live holds of other bookings."""
        others = {
            hold.booking_id: hold
            for hold in self._holds_on(wanted.days)
            if hold.owner != wanted.owner and hold.is_live(now) and hold.overlaps(wanted)
        }
        if len(others) < self.beds:
            return True
        # As many as ever overlap do so at the start of one of them, or at the start of what is wanted.
        starts = {max(wanted.starts_at, hold.starts_at) for hold in others.values()}
        return all(
            sum(hold.starts_at <= start < hold.ends_at for hold in others.values()) < self.beds for start in starts
        )

    def check_day(self, wanted: Hold, zone: ZoneInfo, most: int | None, now: datetime) -> None:
        """Refuse a visit on a local date on which ``most`` visits begin already; the calendar must have all of it."""
        if most is not None and self.visits_on(_begins_at(wanted, zone), zone, now, beside=wanted.owner) >= most:
            raise SlotTaken

    def visits_on(self, day: date, zone: ZoneInfo, now: datetime, *, beside: str = "") -> int:
        """Return how many visits begin on a local date, those that are over included."""
        written = day.isoformat()
        over = (entry.partition("#") for sheet in self.sheets.values() for entry in sheet.visits)
        found = {booking_id for began_on, _, booking_id in over if began_on == written}
        found |= {
            hold.owner for hold in self._holds_on(self.sheets) if hold.is_live(now) and _begins_at(hold, zone) == day
        }
        return len(found - {beside})

    def pending_bookings(self, now: datetime) -> frozenset[str]:
        """Return the bookings that hold time only until somebody answers, and still do."""
        return frozenset(
            hold.owner for hold in self._holds_on(self.sheets) if hold.held_until is not None and hold.is_live(now)
        )

    def without(self, booking_ids: Collection[str]) -> "Calendar":
        """Return the calendar as it is once the holds of those bookings are gone."""
        return replace(
            self,
            sheets={
                day: replace(sheet, holds=_without(sheet.holds, booking_ids)) for day, sheet in self.sheets.items()
            },
        )

    def sheet(self, day: date) -> DaySheet:
        """Return the sheet of a date, an empty one where none is stored."""
        return self.sheets.get(day) or DaySheet(therapist_id=self.therapist_id, day=day)

    def _holds_on(self, days: Iterable[date]) -> Iterator[Hold]:
        for day in days:
            yield from self.sheet(day).holds.values()


def _begins_at(hold: Hold, zone: ZoneInfo) -> date:
    return (hold.visit_at or hold.starts_at).astimezone(zone).date()


def days_of_local_date(instant: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the UTC dates that the whole local date of an instant touches."""
    midnight = instant.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return days_between(midnight, midnight + timedelta(days=1))


def _without(holds: Mapping[str, Hold], booking_ids: Collection[str]) -> dict[str, Hold]:
    return {key: hold for key, hold in holds.items() if hold.owner not in booking_ids}


def days_between(starts_at: datetime, ends_at: datetime) -> tuple[date, ...]:
    """Return the UTC dates that a half-open stretch touches."""
    first = starts_at.astimezone(UTC).date()
    last = (ends_at - timedelta(microseconds=1)).astimezone(UTC).date()
    return tuple(first + timedelta(days=offset) for offset in range((last - first).days + 1))
