"""What bookings hold of others: a therapist's time on day sheets, and a number's open requests among the claims."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import final
from zoneinfo import ZoneInfo

from marketplace.booking.calendar.model import Calendar, DaySheet, Hold
from marketplace.booking.model import Booking
from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.booking.repository import Bookings
from marketplace.catalogue.repository import therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.dynamodb.actions import Action, Check, Put, Update, absent, at_version, present_at
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store


@final
class Holds:
    """The day sheets of all therapists."""

    def __init__(self, store: Store, bookings: Bookings) -> None:
        """Keep day sheets in ``store``; a doubtful hold is judged by its booking among ``bookings``."""
        self._store = store
        self._bookings = bookings

    def calendar(self, therapist_id: str, days: Sequence[date], *, beds: int = 1) -> Calendar:
        """Return the day sheets of the given UTC dates of a therapist, or a place of several beds, in one read."""
        items = self._store.batch_get([("calendar", sheet_key(therapist_id, day)) for day in days])
        return Calendar(
            therapist_id=therapist_id,
            sheets={day: sheet_of(therapist_id, day, item) for day, item in zip(days, items, strict=True)},
            beds=beds,
        )

    def calendar_with_beds(self, therapist_id: str, days: Sequence[date]) -> Calendar:
        """Return a therapist's day sheets and, from the therapist's own row, how many beds there are, in one read."""
        therapist, *sheets = self._store.batch_get(
            [therapist_key(therapist_id), *(("calendar", sheet_key(therapist_id, day)) for day in days)]
        )
        return Calendar(
            therapist_id=therapist_id,
            sheets={day: sheet_of(therapist_id, day, item) for day, item in zip(days, sheets, strict=True)},
            beds=from_record(Therapist, therapist).beds if therapist else 1,
        )

    def standing_calendars(
        self, wanted: Mapping[str, tuple[int, Sequence[date]]], now: datetime
    ) -> dict[str, Calendar]:
        """Return the calendars of several therapists, by their beds and days, without what bookings no longer hold.

        One read of the day sheets, and one of the bookings that are pending there.
        """
        places = [(therapist_id, day) for therapist_id, (_, days) in wanted.items() for day in days]
        items = self._store.batch_get([("calendar", sheet_key(*place)) for place in places])
        sheets = {place: sheet_of(*place, item) for place, item in zip(places, items, strict=True)}
        calendars = {
            therapist_id: Calendar(
                therapist_id=therapist_id, sheets={day: sheets[therapist_id, day] for day in days}, beds=beds
            )
            for therapist_id, (beds, days) in wanted.items()
        }
        pending = frozenset[str]().union(*(calendar.pending_bookings(now) for calendar in calendars.values()))
        if not pending:
            return calendars
        released = self._bookings.released(pending, now)
        return {therapist_id: calendar.without(released) for therapist_id, calendar in calendars.items()}

    def standing_calendar(self, therapist_id: str, days: Sequence[date], now: datetime, *, beds: int = 1) -> Calendar:
        """Return a therapist's calendar without what bookings no longer hold, by their own rows: a second read.

        Only what is pending is read again, for its booking's deadline decides and the hold's own is a copy.
        """
        calendar = self.calendar(therapist_id, days, beds=beds)
        pending = calendar.pending_bookings(now)
        return calendar.without(self._bookings.released(pending, now)) if pending else calendar


def sheet_key(therapist_id: str, day: date) -> dict[str, str]:
    """Return the key of a day sheet: ``t-ayu`` / ``2026-11-22``."""
    return {"therapistId": therapist_id, "day": day.isoformat()}


def requests_key(whats_app: str) -> dict[str, str]:
    """Return the key of a number's open requests: ``customer#+628123…`` / ``open``."""
    return {"claimKey": f"customer#{whats_app}", "claimId": "open"}


def sheet_of(therapist_id: str, day: date, item: Item | None) -> DaySheet:
    """Return the day sheet that an item holds, an empty one where there is none."""
    if item is None:
        return DaySheet(therapist_id=therapist_id, day=day)
    return from_record(DaySheet, {**item, "day": day.isoformat()})


def requests_of(whats_app: str, item: Item | None) -> OpenRequests:
    """Return the open requests that an item holds, none where there is no item."""
    return from_record(OpenRequests, {**(item or {}), "whatsApp": whats_app})


def taking_time(hold: Hold, calendar: Calendar, over: Collection[str], now: datetime) -> Iterator[Action]:
    """Yield the actions that write a hold down on its days; holds that count no more make room for it."""
    for day in hold.days:
        yield _writing_hold(calendar.sheet(day), hold, over, now)


def checking_day(calendar: Calendar, hold: Hold) -> Iterator[Action]:
    """Yield what makes sure that nothing was added to the rest of a local date whose visits are counted."""
    for day in calendar.sheets:
        if day not in hold.days:
            yield Check(
                label=f"day:{day}",
                table="calendar",
                key=sheet_key(calendar.therapist_id, day),
                condition=at_version(calendar.sheet(day).version),
            )


def rewriting_holds(  # noqa: PLR0913 - whose holds, on which sheets, and what else stands there
    booking: Booking,
    holds: Sequence[Hold],
    calendar: Calendar,
    over: Collection[str],
    now: datetime,
    *,
    takes_time: bool,
) -> Iterator[Action]:
    """Yield the actions that leave a booking with just these holds on the days of a calendar, as it was read.

    Where it ``takes_time``, no other day that was read for it may have changed; else such days do not matter.
    """
    for day, sheet in calendar.sheets.items():
        kept = {hold.booking_id: to_record(hold) for hold in holds if day in hold.days}
        key = sheet_key(sheet.therapist_id, day)
        if sheet.version == 0:
            if kept:
                item = {**key, "holds": kept, "version": 1}
                yield Put(label=f"hold:{day}", table="calendar", item=item, condition=absent("version"))
            continue
        gone = [
            name
            for name, other in sheet.holds.items()
            if name not in kept and (other.owner == booking.booking_id or other.owner in over or not other.is_live(now))
        ]
        if not (kept or gone):  # read to count the visits of a local date, which must not have grown
            if takes_time:
                yield Check(label=f"day:{day}", table="calendar", key=key, condition=at_version(sheet.version))
        else:
            yield Update(
                label=f"hold:{day}",
                table="calendar",
                key=key,
                condition=at_version(sheet.version),
                assign={f"holds.{name}": hold for name, hold in kept.items()},
                remove=[f"holds.{name}" for name in gone],
                add={"version": 1},
            )


def releasing_hold(booking: Booking, day: str, *, visit_over: bool = False) -> Update:
    """Return the action that gives a day's time back, where it is still held.

    A visit that is over stays counted on the therapist's own date on which it began.
    """
    began = (booking.scheduled_time or booking.confirmed_at or booking.offered_at).astimezone(
        ZoneInfo(booking.time_zone)
    )
    visits = {"visits": frozenset({f"{began.date().isoformat()}#{booking.booking_id}"})} if visit_over else {}
    return Update(
        label=f"release-hold:{day}",
        table="calendar",
        key=sheet_key(booking.therapist_id, date.fromisoformat(day)),
        condition=present_at(f"holds.{booking.booking_id}"),
        remove=[f"holds.{booking.booking_id}"],
        add={"version": 1, **visits},
    )


def narrowing_hold(booking: Booking, day: str, hold: Hold) -> Update:
    """Return the action that changes a hold where it is written down, without reading the sheet."""
    return Update(
        label=f"narrow-hold:{day}",
        table="calendar",
        key=sheet_key(booking.therapist_id, date.fromisoformat(day)),
        condition=present_at(f"holds.{booking.booking_id}"),
        assign={f"holds.{booking.booking_id}": to_record(hold)},
        add={"version": 1},
    )


def _writing_hold(sheet: DaySheet, hold: Hold, over: Collection[str], now: datetime) -> Action:
    key = sheet_key(sheet.therapist_id, sheet.day)
    label = f"hold:{sheet.day}"
    if sheet.version == 0:
        return Put(
            label=label,
            table="calendar",
            item={**key, "holds": {hold.booking_id: to_record(hold)}, "version": 1},
            condition=absent("version"),
        )
    return Update(
        label=label,
        table="calendar",
        key=key,
        condition=at_version(sheet.version),
        assign={f"holds.{hold.booking_id}": to_record(hold)},
        remove=[
            f"holds.{booking_id}"
            for booking_id, other in sheet.holds.items()
            if booking_id != hold.booking_id and (other.owner in over or not other.is_live(now))
        ],
        add={"version": 1},
    )


def adding_request(requests: OpenRequests, request: OpenRequest, over: Collection[str], now: datetime) -> Action:
    """Return the action that writes an open request down; those that count no more make room for it."""
    key = requests_key(requests.whats_app)
    if requests.version == 0:
        return Put(
            label="requests",
            table="claims",
            item={**key, "requests": {request.booking_id: to_record(request)}, "version": 1},
            condition=absent("version"),
        )
    stale = [
        booking_id for booking_id, other in requests.requests.items() if booking_id in over or now >= other.held_until
    ]
    return Update(
        label="requests",
        table="claims",
        key=key,
        condition=at_version(requests.version),
        assign={f"requests.{request.booking_id}": to_record(request)},
        remove=[f"requests.{booking_id}" for booking_id in stale if booking_id != request.booking_id],
        add={"version": 1},
    )


def dropping_request(booking: Booking) -> Update:
    """Return the action that takes a booking from its number's open requests, where it is still there."""
    return Update(
        label="release-request",
        table="claims",
        key=requests_key(booking.customer_whats_app),
        condition=present_at(f"requests.{booking.booking_id}"),
        remove=[f"requests.{booking.booking_id}"],
        add={"version": 1},
    )
