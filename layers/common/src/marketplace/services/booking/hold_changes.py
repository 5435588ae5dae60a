"""What a step of a booking writes on the calendar: time narrowed, released, moved, or taken anew."""

from collections.abc import Sequence
from copy import replace
from datetime import date, datetime
from typing import Final, final
from zoneinfo import ZoneInfo

from marketplace.booking.calendar.model import Calendar, Hold, days_of_local_date
from marketplace.booking.discount_uses import taking_use
from marketplace.booking.holds import (
    Holds,
    adding_request,
    checking_day,
    narrowing_hold,
    releasing_hold,
    requests_key,
    requests_of,
    rewriting_holds,
    sheet_key,
    sheet_of,
    taking_time,
)
from marketplace.booking.model import Booking, BookingEvent, BookingStatus
from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.booking.opening import CLAIMED, open_request, pending_in
from marketplace.booking.repository import Bookings
from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.repository import discount_code_key, therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.moderation.blocks import checking_no_block
from marketplace.platform.dynamodb.actions import Action
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    DeadlinePassed,
    SlotTaken,
)
from marketplace.services.booking.context import optional
from marketplace.services.booking.transitions import Transition

_NO_LIMIT: Final = 1_000_000
_TAKES_TIME: Final = frozenset({BookingEvent.RESCHEDULED, BookingEvent.PROPOSED})
"""What takes time that was not held before."""


@final
class HoldChanges:
    """The actions that move a booking's times, and what goes with them to another therapist."""

    def __init__(self, store: Store, bookings: Bookings, holds: Holds) -> None:
        """Read what is held from ``store``."""
        self._store = store
        self._bookings = bookings
        self._holds = holds

    def narrow_or_release(
        self, transition: Transition, gone: set[str], now: datetime
    ) -> tuple[list[Action], list[Action]]:
        """Narrow or release the hold where it is written down, without reading the sheets.

        A hold to be narrowed must still stand there: after its deadline somebody else may have taken its
        time over. If it does not, the time is taken anew, where it is free.

        Raises:
            DeadlinePassed: somebody else has taken the time over.
        """
        before, hold, kept = transition.before, transition.hold, transition.after.held_days
        is_over = transition.after.status is BookingStatus.COMPLETED
        releasing: list[Action] = [
            releasing_hold(before, day, visit_over=is_over) for day in before.held_days if day not in kept
        ]
        if hold is None:
            return [], releasing
        narrowing = [narrowing_hold(before, day, hold) for day in kept]
        if all(action.label not in gone for action in narrowing):
            return [], [*releasing, *narrowing]
        calendar = self._holds.calendar_with_beds(before.therapist_id, hold.days)
        if not calendar.is_free(hold, now):
            raise DeadlinePassed(BookingStatus.EXPIRED)
        return [*taking_time(hold, calendar, (), now)], releasing

    def rewrite(self, transition: Transition, now: datetime) -> list[Action]:
        """Leave the booking with the times that it holds now; a new one must be free, as at the creation.

        Of a pending one the open request moves along, for it ends with the deadline.

        Raises:
            SlotTaken: another booking holds the time.
        """
        before, after = transition.before, transition.after
        was = [hold for hold in (before.hold(), before.proposed_hold()) if hold is not None]
        holds = [hold for hold in (transition.hold, after.proposed_hold()) if hold is not None]
        days = {day for hold in (*was, *holds) for day in hold.days} | _dates(before.held_days)
        takes_time = after.event in _TAKES_TIME
        if takes_time:
            calendar, over = self._calendar_to_take(after, holds[-1], days, now)
        else:
            calendar, over = self._holds.calendar(after.therapist_id, sorted(days)), frozenset()
        required: list[Action] = [*rewriting_holds(after, holds, calendar, over, now, takes_time=takes_time)]
        if after.status is BookingStatus.PENDING:
            (item,) = self._store.batch_get([("claims", requests_key(after.customer_whats_app))])
            requests = requests_of(after.customer_whats_app, item)
            required.append(adding_request(requests, open_request(after), over, now))
        return required

    def _calendar_to_take(
        self, booking: Booking, wanted: Hold, days: set[date], now: datetime
    ) -> tuple[Calendar, frozenset[str]]:
        """Return the sheets of the days and of the whole local date of a new time, once that is free, and who is over.

        Raises:
            SlotTaken: another booking holds the time, or as many visits begin on that date as the therapist makes.
        """
        (item,) = self._store.batch_get([therapist_key(booking.therapist_id)])
        therapist = from_record(Therapist, item or {})
        if therapist.visits_per_day is not None:
            days |= set(days_of_local_date(wanted.visit_at or wanted.starts_at, therapist.zone))
        calendar = self._holds.calendar(booking.therapist_id, sorted(days), beds=therapist.beds)
        over: frozenset[str] = frozenset()
        try:
            _check_takeable_time(calendar, wanted, therapist, now)
        except SlotTaken:
            over = self._bookings.released(calendar.pending_bookings(now) - {booking.booking_id}, now)
            if not over:
                raise
            _check_takeable_time(calendar.without(over), wanted, therapist, now)
        return calendar, over

    def take_over(self, transition: Transition, now: datetime) -> tuple[list[Action], list[Action], Booking]:
        """Move hold, request and discount use to the new therapist, checked as at creation.

        As there, what stands in the way does so by its booking, whose deadline alone counts.
        """
        before, after, hold = transition.before, transition.after, transition.hold
        if hold is None:
            raise AssertionError
        zone = ZoneInfo(after.time_zone)
        days = sorted({*hold.days, *days_of_local_date(hold.visit_at or hold.starts_at, zone)})
        therapist_item, requests_item, code_item, *sheets = self._store.batch_get(
            [
                therapist_key(after.therapist_id),
                ("claims", requests_key(after.customer_whats_app)),
                discount_code_key(after.discount_code or "-"),
                *(("calendar", sheet_key(after.therapist_id, day)) for day in days),
            ]
        )
        therapist = optional(Therapist, therapist_item)
        most = therapist.visits_per_day if therapist else None
        calendar = Calendar(
            therapist_id=after.therapist_id,
            sheets={day: sheet_of(after.therapist_id, day, item) for day, item in zip(days, sheets, strict=True)},
            beds=therapist.beds if therapist else 1,
        )
        requests = requests_of(after.customer_whats_app, requests_item)
        request = open_request(after)
        over: frozenset[str] = frozenset()
        try:
            _check_takeable(hold, calendar, request, requests, now)
            calendar.check_day(hold, zone, most, now)
        except CLAIMED:
            over = self._bookings.released(pending_in(calendar, requests) - {after.booking_id}, now)
            if not over:
                raise
            _check_takeable(hold, calendar.without(over), request, requests.without(over), now)
            calendar.without(over).check_day(hold, zone, most, now)
        required: list[Action] = [
            *taking_time(hold, calendar, over, now),
            adding_request(requests, request, over, now),
            checking_no_block(after.customer_id, after.therapist_id),
            *(checking_day(calendar, hold) if most is not None else ()),
        ]
        released_days = set(before.held_days)
        if before.therapist_id == after.therapist_id:
            released_days -= set(after.held_days)
        if after.discount_code and before.status is not BookingStatus.PENDING:
            # Price and discount stay, so the code's dates were judged at the creation; its uses are counted anew.
            counters: tuple[str, ...] = ()
            if code_item is not None:
                code = from_record(DiscountCode, code_item)
                code.check_left()
                uses, counters = taking_use(code, after, now)
                required += uses
            after = replace(after, discount_counters=counters)
        return required, [releasing_hold(before, day) for day in sorted(released_days)], after


def _check_takeable_time(calendar: Calendar, wanted: Hold, therapist: Therapist, now: datetime) -> None:
    calendar.check_free(wanted, now)
    calendar.check_day(wanted, therapist.zone, therapist.visits_per_day, now)


def _dates(written_days: Sequence[str]) -> set[date]:
    return {date.fromisoformat(day) for day in written_days}


def _check_takeable(
    hold: Hold, calendar: Calendar, request: OpenRequest, requests: OpenRequests, now: datetime
) -> None:
    """Refuse a time that is held, or a therapist whom the same number is asking already."""
    calendar.check_free(hold, now)
    requests.check_may_open(request, confirmed=True, limit_scale=_NO_LIMIT, now=now)
