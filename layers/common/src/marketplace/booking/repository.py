"""Bookings, and the transactions in which everything that belongs to one changes together."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.calendar import Calendar, DaySheet, Hold, days_between
from marketplace.booking.model import Booking, BookingEvent, BookingStatus
from marketplace.booking.open_requests import OpenRequest, OpenRequests
from marketplace.booking.opening import Circumstances, Opening, Order, open_request, pending_in
from marketplace.catalogue.discount import DiscountCode
from marketplace.catalogue.hotel import Hotel
from marketplace.catalogue.therapist import LONGEST_BUFFER, Therapist
from marketplace.chat.model import Message, MessageType, Room, room_for
from marketplace.chat.repository import Rooms, booking_key, room_key, room_record, therapist_key
from marketplace.commission.model import Commission, PaymentStatus
from marketplace.identity.allowances import Allowance
from marketplace.notification.announcement import Announcement, Template, notices_for, transition_announcement
from marketplace.notification.repository import notice_put
from marketplace.platform import identifiers
from marketplace.platform.caller import Language
from marketplace.platform.clock import utc_now, written
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.conflicts import until_won
from marketplace.platform.dynamodb.records import from_record, readable, to_record
from marketplace.platform.dynamodb.store import (
    Action,
    Condition,
    Delete,
    Page,
    Put,
    Store,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
    present_at,
)
from marketplace.platform.i18n import said
from marketplace.platform.record import Record
from marketplace.platform.refusals import (
    ConfirmationRequired,
    DeadlinePassed,
    DiscountUnavailable,
    DuplicateBooking,
    IdempotencyKeyReused,
    NotFound,
    Refusal,
    SlotTaken,
    TooManyRequests,
)

SHARDS: Final = 8
_RELEASE: Final = "release:"
_COUNTED_OUT: Final = frozenset({"discount", "discount-customer"})


@final
class File(Struct, frozen=True, kw_only=True):
    """A booking with what a decision about it needs."""

    booking: Booking
    room: Room | None
    therapist: Therapist | None = None


@final
class Step(Struct, frozen=True, kw_only=True):
    """A decision about a booking: what it becomes, and what comes with it."""

    booking: Booking
    commission: Commission | None = None
    bank_details: Mapping[str, str] | None = None
    is_repeat: bool = False
    """Whether the step was taken before, so that nothing needs to be written."""


@final
class Opened(Struct, frozen=True, kw_only=True):
    """What a creation left behind: new, or found again by a repeat of the same request."""

    booking: Booking
    room: Room
    messages: Sequence[Message]
    is_new: bool


@final
class Saved(Struct, frozen=True, kw_only=True):
    """What a step left behind."""

    booking: Booking
    room: Room | None
    commission: Commission | None
    is_repeat: bool = False


@final
class Bookings:
    """The bookings of the marketplace."""

    def __init__(self, store: Store, rooms: Rooms) -> None:
        """Keep bookings in ``store``, beside their ``rooms``."""
        self._store = store
        self._rooms = rooms

    # Reading ----------------------------------------------------------------------------------------

    def get(self, booking_id: str) -> Booking:
        """Return a booking.

        Raises:
            NotFound: there is none.
        """
        table, key = booking_key(booking_id)
        item = self._store.get(table, key)
        if item is None:
            raise NotFound
        return from_record(Booking, item)

    def load(self, booking_id: str, *, with_therapist: str | None = None) -> File:
        """Return a booking with its room, and a therapist if one is named, in one read.

        Raises:
            NotFound: there is no such booking.
        """
        wanted: list[tuple[str, Mapping[str, str]]] = [
            booking_key(booking_id),
            room_key(identifiers.room_id(booking_id)),
        ]
        if with_therapist is not None:
            wanted.append(therapist_key(with_therapist))
        booking_item, room_item, *rest = self._store.batch_get(wanted)
        if booking_item is None:
            raise NotFound
        return File(
            booking=from_record(Booking, booking_item),
            room=_optional(Room, room_item),
            therapist=_optional(Therapist, rest[0]) if rest else None,
        )

    def find_page(  # noqa: PLR0913 - each is a clause of the query
        self,
        *,
        index: str,
        attribute: str,
        value: str,
        limit: int,
        start: Mapping[str, Any] | None = None,
        keeping: Condition | None = None,
        created: Condition | None = None,
    ) -> Page:
        """Return a page of stored bookings of one index, newest first.

        ``created`` is a condition on ``createdAt``, by which every index of lists is sorted, so that a period
        costs what it holds; ``keeping`` filters after reading.
        """
        where = Condition(expression=f"#{attribute} = :value", values={"value": value})
        return self._store.query(
            "bookings",
            index=index,
            where=where & created if created else where,
            newest_first=True,
            limit=limit,
            start=start,
            keeping=keeping,
        )

    def find_due(self, shard: int, now: datetime) -> Iterator[str]:
        """Yield the ids of the pending bookings of a shard whose deadline has come, earliest first."""
        where = Condition(
            expression="#pendingShard = :shard AND #responseDeadline <= :now",
            values={"shard": str(shard), "now": written(now)},
        )
        for item in self._store.query_all("bookings", where=where, index="pendingByDeadline"):
            yield str(item["bookingId"])

    def find_offers(self, shard: int, now: datetime) -> list[Booking]:
        """Return the bookings of a shard that await an answer."""
        where = Condition(
            expression="#pendingShard = :shard AND #responseDeadline > :now",
            values={"shard": str(shard), "now": written(now)},
        )
        keys = [
            booking_key(str(item["bookingId"]))
            for item in self._store.query_all("bookings", where=where, index="pendingByDeadline")
        ]
        items = [item for item in self._store.batch_get(keys) if item is not None]
        return readable(Booking, items, key="bookingId")

    # Coming into being ------------------------------------------------------------------------------

    def open(  # noqa: PLR0913 - the order, whose it is, under which name, and how to decide
        self,
        order: Order,
        *,
        now: datetime,
        window: timedelta,
        booking_id: str,
        request_hash: str,
        may_be_repeat: bool,
        decide: Callable[[Circumstances], Opening],
        allowance: Allowance | None = None,
    ) -> Opened:
        """Bring a booking into being with its hold, claims, room, messages and notification: all or none.

        One read, one transaction. Whoever loses a race reads again and learns what stands now. Before a no,
        a second look makes sure that what stands in the way does so by its booking, whose deadline alone
        counts, and that the same request has not been carried out meanwhile. Of an ``allowance`` one is taken
        in the same transaction.

        Raises:
            IdempotencyKeyReused: the id is taken by a request with another body.
            TooManyRequests: nothing is left of the allowance.
        """

        def attempt() -> Opened | None:
            found, circumstances = self._circumstances(
                order, now=now, window=window, booking_id=booking_id, may_be_repeat=may_be_repeat
            )
            if found is not None:
                return self._repeated(found, request_hash)
            over: frozenset[str] = frozenset()
            try:
                opening = decide(circumstances)
            except Refusal as refusal:
                found, over = self._second_look(refusal, circumstances, now, booking_id if may_be_repeat else None)
                if found is not None:
                    return self._repeated(found, request_hash)
                if not over:
                    raise
                opening = decide(circumstances.without(over))
            return self._write_opening(opening, circumstances, over, now, request_hash, allowance)

        return until_won(attempt)

    def _circumstances(
        self, order: Order, *, now: datetime, window: timedelta, booking_id: str, may_be_repeat: bool
    ) -> tuple[File | None, Circumstances]:
        starts_at = order.wanted.scheduled_time or now
        latest_start = order.wanted.scheduled_time or now + window
        longest = timedelta(minutes=order.wanted.duration) + LONGEST_BUFFER
        # What lies at the end of all time is refused anyway, but only once the therapist has been read.
        days = days_between(starts_at, latest_start + longest) if latest_start < _END_OF_TIME - longest else ()
        wanted: list[tuple[str, Mapping[str, str]]] = [
            therapist_key(order.wanted.therapist_id),
            ("claims", requests_key(order.customer_whats_app)),
            *(("calendar", sheet_key(order.wanted.therapist_id, day)) for day in days),
        ]
        optional = {
            "hotel": ("hotels", {"hotelVillaId": order.hotel_villa_id}) if order.hotel_villa_id else None,
            "code": ("discount_codes", {"discountCode": order.wanted.discount_code})
            if order.wanted.discount_code
            else None,
            "booking": booking_key(booking_id) if may_be_repeat else None,
            "room": room_key(identifiers.room_id(booking_id)) if may_be_repeat else None,
        }
        asked = [name for name, key in optional.items() if key]
        wanted += [key for key in optional.values() if key]
        therapist, requests, *rest = self._store.batch_get(wanted)
        sheets = dict(zip(days, rest[: len(days)], strict=True))
        extra = dict(zip(asked, rest[len(days) :], strict=True))
        circumstances = Circumstances(
            therapist=_optional(Therapist, therapist),
            hotel=_optional(Hotel, extra.get("hotel")),
            discount_code=_optional(DiscountCode, extra.get("code")),
            calendar=Calendar(
                therapist_id=order.wanted.therapist_id,
                sheets={day: sheet_of(order.wanted.therapist_id, day, item) for day, item in sheets.items()},
            ),
            open_requests=requests_of(order.customer_whats_app, requests),
        )
        if extra.get("booking") is None:
            return None, circumstances
        return _file(extra["booking"], extra.get("room")), circumstances

    def _second_look(
        self, refusal: Refusal, circumstances: Circumstances, now: datetime, booking_id: str | None
    ) -> tuple[File | None, frozenset[str]]:
        """Return the booking that a repeat asks for, if there is one by now, and what no longer stands in the way."""
        claimed = circumstances.pending_bookings() if isinstance(refusal, _CLAIMED) else ()
        own = [booking_key(booking_id), room_key(identifiers.room_id(booking_id))] if booking_id else []
        others = sorted(each for each in claimed if each != booking_id)
        if not own and not others:
            return None, frozenset()
        items = self._store.batch_get([*own, *(booking_key(each) for each in others)])
        found = _file(items[0], items[1]) if own else None
        over = (each for each, item in zip(others, items[len(own) :], strict=True) if not _still_holds(item, now))
        return found, frozenset(over)

    def _repeated(self, found: File, request_hash: str) -> Opened:
        if found.booking.request_hash != request_hash:
            raise IdempotencyKeyReused
        if found.room is None:
            raise NotFound
        messages = self._rooms.messages(found.room.conversation_id, after=0).messages
        return Opened(booking=found.booking, room=found.room, messages=messages, is_new=False)

    def _write_opening(  # noqa: PLR0913, PLR0917 - the decision, what it was based on, and what comes with it
        self,
        opening: Opening,
        circumstances: Circumstances,
        over: Collection[str],
        now: datetime,
        request_hash: str,
        allowance: Allowance | None,
    ) -> Opened | None:
        booking = replace(opening.booking, request_hash=request_hash)
        room, messages = opened_room(booking, opening.announcements, now)
        actions: list[Action] = [
            Put(label="booking", table="bookings", item=booking_record(booking), condition=absent("bookingId")),
            *_taking_time(opening.hold, circumstances.calendar, over, now),
            _adding_request(circumstances.open_requests, opening.request, over, now),
            Put(label="room", table="chat_rooms", item=room_record(room), condition=absent("conversationId")),
            *(self._rooms.putting(message) for message in messages),
            *(notice_put(notice, now, booking.version) for notice in opening.notices),
        ]
        if opening.discount_code is not None:
            uses, counters = _using(opening.discount_code, booking, now)
            booking = replace(booking, discount_counters=counters)
            actions[0] = Put(
                label="booking", table="bookings", item=booking_record(booking), condition=absent("bookingId")
            )
            actions += uses
        if allowance is not None:
            actions.append(allowance.taking)
        try:
            self._store.transact(actions)
        except TransactionRefused as lost:
            if allowance is not None and allowance.label in lost.refused:
                raise allowance.refusal() from None
            if lost.refused.keys() <= _COUNTED_OUT:
                raise DiscountUnavailable from None
            return None
        return Opened(booking=booking, room=room, messages=messages, is_new=True)

    # Changing ---------------------------------------------------------------------------------------

    def change(
        self,
        booking_id: str,
        decide: Callable[[File], Step],
        *,
        now: datetime,
        seen_until: datetime | None = None,
        with_therapist: str | None = None,
    ) -> Saved:
        """Load a booking, decide, and save the step; whoever lost a race decides again on what stands.

        ``decide`` returns the step or raises a refusal. With ``seen_until``, the latest date of a step that whoever
        asks can have seen, a step that was overtaken by another is refused even where it would still be legal.
        """
        seen_version: int | None = None

        def attempt() -> Saved | None:
            nonlocal seen_version
            file = self.load(booking_id, with_therapist=with_therapist)
            seen_version = seen_version or file.booking.version
            step = decide(file)
            if seen_until is not None and not step.is_repeat:
                file.booking.check_not_overtaken(seen_version=seen_version, seen_until=seen_until, now=utc_now())
            return self.save(file, step, now=now)

        return until_won(attempt)

    def save(self, file: File, step: Step, *, now: datetime) -> Saved | None:
        """Write a step in one transaction; ``None`` says that something moved since the file was read.

        What a step gives back (hold, claims, discount use) may be gone already, after a repair for
        instance; then it is left out rather than holding up the booking.
        """
        if step.is_repeat:
            return Saved(booking=step.booking, room=file.room, commission=None, is_repeat=True)
        gone: set[str] = set()
        while True:
            prepared = self._prepare(file, step, now=now, gone=gone)
            if prepared is None:
                return None
            saved, actions = prepared
            try:
                self._store.transact(actions)
            except TransactionRefused as lost:
                if lost.refused.keys() <= _COUNTED_OUT:
                    raise DiscountUnavailable from None
                if not all(label.startswith(_RELEASE) for label in lost.refused):
                    return None
                gone |= lost.refused.keys()
                continue
            return saved

    def _prepare(self, file: File, step: Step, *, now: datetime, gone: set[str]) -> tuple[Saved, list[Action]] | None:
        before, after = file.booking, step.booking
        actions: list[Action] = []
        hold = after.hold()
        after = replace(after, held_days=tuple(day.isoformat() for day in hold.days) if hold else ())
        if after.event is BookingEvent.REASSIGNED:
            taken = self._taking_over(before, after, now)
            actions += taken[0]
            after = replace(after, discount_counters=taken[1])
        else:
            actions += self._moving_hold(before, hold, gone, now)
            if before.status is BookingStatus.PENDING:
                actions.append(_dropping_request(before))
        room = file.room
        if room is not None:
            text = transition_announcement(after, step.bank_details)
            followed, message = room.following(after, now).announce(
                text,
                message_type=MessageType.STATUS_UPDATE,
                text=said(text.template, text.parameters, Language.ENGLISH, private=False),
                now=now,
            )
            actions += [self._rooms.moving(room, followed), self._rooms.putting(message)]
            room = followed
        actions += [notice_put(notice, now, after.version) for notice in notices_for(after)]
        commission = step.commission
        if commission is not None:
            actions.append(adding_commission(commission))
        if before.status is BookingStatus.CONFIRMED and after.status is BookingStatus.CANCELLED:
            actions.append(_reversing_commission(after, now))
        if after.discount_code and before.status is BookingStatus.PENDING and after.status in _ENDED_UNCONFIRMED:
            actions += _giving_back(before)
        actions.insert(0, _updating(before, after, now))
        kept = [action for action in actions if action.label not in gone]
        return Saved(booking=after, room=room, commission=commission), kept

    # A therapist's time -----------------------------------------------------------------------------

    def calendar(self, therapist_id: str, days: Sequence[date]) -> Calendar:
        """Return a therapist's day sheets of the given UTC dates, in one read."""
        items = self._store.batch_get([("calendar", sheet_key(therapist_id, day)) for day in days])
        return Calendar(
            therapist_id=therapist_id,
            sheets={day: sheet_of(therapist_id, day, item) for day, item in zip(days, items, strict=True)},
        )

    def standing_calendar(self, therapist_id: str, days: Sequence[date], now: datetime) -> Calendar:
        """Return a therapist's calendar without what bookings no longer hold, by their own rows: a second read.

        Only what is pending is read again, for its booking's deadline decides and the hold's own is a copy.
        """
        calendar = self.calendar(therapist_id, days)
        pending = calendar.pending_bookings(now)
        return calendar.without(self._no_longer_holding(pending, now)) if pending else calendar

    def _moving_hold(self, before: Booking, hold: Hold | None, gone: set[str], now: datetime) -> list[Action]:
        """Narrow or release the hold where it is written down, without reading the sheets.

        A hold to be narrowed must still stand there: after its deadline somebody else may have taken its
        time over. If it does not, the time is taken anew, where it is free.

        Raises:
            DeadlinePassed: somebody else has taken the time over.
        """
        kept = tuple(day.isoformat() for day in hold.days) if hold else ()
        actions: list[Action] = [_releasing_hold(before, day) for day in before.held_days if day not in kept]
        if hold is None:
            return actions
        narrowing = [_narrowing_hold(before, day, hold) for day in kept]
        if all(action.label not in gone for action in narrowing):
            return [*actions, *narrowing]
        calendar = self.calendar(before.therapist_id, hold.days)
        if not calendar.is_free(hold, now):
            raise DeadlinePassed(BookingStatus.EXPIRED)
        return [*actions, *_taking_time(hold, calendar, (), now)]

    def _taking_over(self, before: Booking, after: Booking, now: datetime) -> tuple[list[Action], tuple[str, ...]]:
        """Move hold, request and discount use to the new therapist, checked as at creation.

        As there, what stands in the way does so by its booking, whose deadline alone counts.
        """
        hold = after.hold()
        if hold is None:
            raise AssertionError
        requests_item, code_item, *sheets = self._store.batch_get(
            [
                ("claims", requests_key(after.customer_whats_app)),
                ("discount_codes", {"discountCode": after.discount_code or "-"}),
                *(("calendar", sheet_key(after.therapist_id, day)) for day in hold.days),
            ]
        )
        calendar = Calendar(
            therapist_id=after.therapist_id,
            sheets={day: sheet_of(after.therapist_id, day, item) for day, item in zip(hold.days, sheets, strict=True)},
        )
        requests = requests_of(after.customer_whats_app, requests_item)
        request = open_request(after)
        over: frozenset[str] = frozenset()
        try:
            _check_takeable(hold, calendar, request, requests, now)
        except _CLAIMED:
            over = self._no_longer_holding(pending_in(calendar, requests) - {after.booking_id}, now)
            if not over:
                raise
            _check_takeable(hold, calendar.without(over), request, requests.without(over), now)
        actions: list[Action] = [
            *_taking_time(hold, calendar, over, now),
            _adding_request(requests, request, over, now),
        ]
        released_days = set(before.held_days)
        if before.therapist_id == after.therapist_id:
            released_days -= set(after.held_days)
        actions += [_releasing_hold(before, day) for day in sorted(released_days)]
        counters = before.discount_counters
        if after.discount_code and before.status is not BookingStatus.PENDING:
            # Price and discount stay, so the code's dates were judged at the creation; its uses are counted anew.
            counters = ()
            if code_item is not None:
                code = from_record(DiscountCode, code_item)
                code.check_left()
                uses, counters = _using(code, after, now)
                actions += uses
        return actions, counters

    def _no_longer_holding(self, booking_ids: Collection[str], now: datetime) -> frozenset[str]:
        """Return which of these bookings hold nothing any more, by their own rows."""
        listed = sorted(booking_ids)
        items = self._store.batch_get([booking_key(each) for each in listed])
        return frozenset(each for each, item in zip(listed, items, strict=True) if not _still_holds(item, now))


_NO_LIMIT: Final = 1_000_000
_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)
_CLAIMED: Final = (SlotTaken, DuplicateBooking, ConfirmationRequired, TooManyRequests)
"""What is refused because of what other bookings hold."""
_ENDED_UNCONFIRMED: Final = frozenset({BookingStatus.DECLINED, BookingStatus.EXPIRED, BookingStatus.CANCELLED})


def opened_room(booking: Booking, announcements: Iterable[Announcement], now: datetime) -> tuple[Room, list[Message]]:
    """Return the room that opens with a booking, and its first messages."""
    room, messages = room_for(booking), []
    for announcement in announcements:
        kind = MessageType.BOOKING if announcement.template is Template.BOOKING_DETAILS else MessageType.SYSTEM
        text = said(announcement.template, announcement.parameters, Language.ENGLISH, private=False)
        room, message = room.announce(announcement, message_type=kind, text=text, now=now)
        messages.append(message)
    return room, messages


def booking_record(booking: Booking) -> Item:
    """Return a booking as it is stored: with the wire's second names and the keys of the sparse indexes.

    What has no value is left out, which keeps the usual booking within one write unit, in each of its indexes too.
    """
    record = {
        **to_record(booking),
        "mode": booking.booking_type.value,
        "providerId": booking.therapist_id,
        "providerType": booking.therapist_type.value,
        "createdMonth": written(booking.created_at)[:7],
    }
    if booking.status is BookingStatus.PENDING:
        record["pendingShard"] = shard_of(booking.booking_id)
    if booking.confirmed_at is not None:
        record["confirmedDay"] = written(booking.confirmed_at)[:10]
    return {name: value for name, value in record.items() if value is not None}


def shard_of(booking_id: str) -> str:
    """Return the shard of the index of pending bookings: ``"0"`` to ``"7"``, even over ids."""
    return str(sum(booking_id.encode()) % SHARDS)


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


def adding_commission(commission: Commission) -> Put:
    """Return the action that writes the one commission record of a booking."""
    return Put(
        label="commission",
        table="commission_records",
        item=commission_record(commission),
        condition=absent("bookingId"),
    )


def commission_record(commission: Commission) -> Item:
    """Return a commission as it is stored, with the rate as the wire writes it."""
    return {**to_record(commission), "commissionRate": commission.commission_rate}


def _optional[T: Record](kind: type[T], item: Item | None) -> T | None:
    return None if item is None else from_record(kind, item)


def _file(booking_item: Item | None, room_item: Item | None) -> File | None:
    if booking_item is None:
        return None
    return File(booking=from_record(Booking, booking_item), room=_optional(Room, room_item))


def _updating(before: Booking, after: Booking, now: datetime) -> Update:
    old, new = booking_record(before), booking_record(after)
    unchanged = at_version(before.version) & Condition(
        expression="#status = :readStatus", values={"readStatus": before.status.value}
    )
    in_time = {
        BookingEvent.CONFIRMED: "#responseDeadline > :now",
        BookingEvent.DECLINED: "#responseDeadline > :now",
        BookingEvent.EXPIRED: "#responseDeadline <= :now",
    }.get(after.event)
    if in_time:
        unchanged &= Condition(expression=in_time, values={"now": written(now)})
    return Update(
        label="booking",
        table="bookings",
        key={"bookingId": before.booking_id},
        condition=unchanged,
        assign={name: value for name, value in new.items() if name not in old or old[name] != value},
        remove=[name for name in old if name not in new],
    )


def _still_holds(item: Item | None, now: datetime) -> bool:
    """Say whether a booking still holds anything; ``responseDeadline`` decides, not any copy of it."""
    if item is None:
        return False
    if item.get("status") == BookingStatus.CONFIRMED.value:
        return True
    return item.get("status") == BookingStatus.PENDING.value and str(item.get("responseDeadline")) > written(now)


def _check_takeable(
    hold: Hold, calendar: Calendar, request: OpenRequest, requests: OpenRequests, now: datetime
) -> None:
    """Refuse a time that is held, or a therapist whom the same number is asking already."""
    calendar.check_free(hold, now)
    requests.check_may_open(request, confirmed=True, limit_scale=_NO_LIMIT, now=now)


def _taking_time(hold: Hold, calendar: Calendar, over: Collection[str], now: datetime) -> Iterator[Action]:
    """Yield what writes a hold down on its days; holds that count no more make room for it."""
    for day in hold.days:
        yield _writing_hold(calendar.sheet(day), hold, over, now)


def _releasing_hold(booking: Booking, day: str) -> Update:
    return Update(
        label=f"{_RELEASE}hold:{day}",
        table="calendar",
        key=sheet_key(booking.therapist_id, date.fromisoformat(day)),
        condition=present_at(f"holds.{booking.booking_id}"),
        remove=[f"holds.{booking.booking_id}"],
        add={"version": 1},
    )


def _narrowing_hold(booking: Booking, day: str, hold: Hold) -> Update:
    return Update(
        label=f"{_RELEASE}hold:{day}",
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
            if booking_id != hold.booking_id and (booking_id in over or not other.is_live(now))
        ],
        add={"version": 1},
    )


def _adding_request(requests: OpenRequests, request: OpenRequest, over: Collection[str], now: datetime) -> Action:
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


def _dropping_request(booking: Booking) -> Update:
    return Update(
        label=f"{_RELEASE}request",
        table="claims",
        key=requests_key(booking.customer_whats_app),
        condition=present_at(f"requests.{booking.booking_id}"),
        remove=[f"requests.{booking.booking_id}"],
        add={"version": 1},
    )


def _using(code: DiscountCode, booking: Booking, now: datetime) -> tuple[list[Action], tuple[str, ...]]:
    """Return what takes one use of a code, and which counters it moves; one row names the use."""
    actions: list[Action] = [
        Put(
            label="discount-use",
            table="claims",
            item={**_use_key(booking), "usedAt": written(now), "whatsApp": booking.customer_whats_app},
            condition=absent("claimKey"),
        )
    ]
    counters: list[str] = []
    if code.max_uses is not None:
        counters.append("total")
        actions.append(
            Update(
                label="discount",
                table="discount_codes",
                key={"discountCode": code.discount_code},
                condition=Condition(expression="#used < :most", values={"most": code.max_uses}),
                add={"used": 1},
            )
        )
    if code.max_uses_per_customer is not None:
        counters.append("customer")
        actions.append(
            Update(
                label="discount-customer",
                table="claims",
                key=_customer_uses_key(booking),
                condition=Condition(
                    expression="attribute_not_exists(#used) OR #used < :most",
                    values={"most": code.max_uses_per_customer},
                ),
                add={"used": 1},
            )
        )
    return actions, tuple(counters)


def _giving_back(booking: Booking) -> Iterator[Action]:
    yield Delete(label=f"{_RELEASE}discount-use", table="claims", key=_use_key(booking), condition=present("claimKey"))
    taken = Condition(expression="#used > :none", values={"none": 0})
    if "total" in booking.discount_counters:
        yield Update(
            label=f"{_RELEASE}discount",
            table="discount_codes",
            key={"discountCode": str(booking.discount_code)},
            condition=taken,
            add={"used": -1},
        )
    if "customer" in booking.discount_counters:
        yield Update(
            label=f"{_RELEASE}discount-customer",
            table="claims",
            key=_customer_uses_key(booking),
            condition=taken,
            add={"used": -1},
        )


def _use_key(booking: Booking) -> dict[str, str]:
    """Return the key of one use of a code: ``discount#SEKALI`` / ``b-4w2…``."""
    return {"claimKey": f"discount#{booking.discount_code}", "claimId": booking.booking_id}


def _customer_uses_key(booking: Booking) -> dict[str, str]:
    """Return the key of a number's count of uses: ``discount#SEKALI`` / ``+628123…``."""
    return {"claimKey": f"discount#{booking.discount_code}", "claimId": booking.customer_whats_app}


def _reversing_commission(booking: Booking, now: datetime) -> Update:
    return Update(
        label=f"{_RELEASE}commission",
        table="commission_records",
        key={"bookingId": booking.booking_id},
        condition=Condition(
            expression="attribute_exists(#bookingId) AND #paymentStatus <> :reversed",
            values={"reversed": PaymentStatus.REVERSED.value},
        ),
        assign={
            "paymentStatus": PaymentStatus.REVERSED.value,
            "reversedAt": written(now),
            "updatedAt": written(now),
            "actorId": booking.actor_id,
            "actorRole": booking.actor_role.value,
            "reason": booking.reason,
        },
        add={"version": 1},
    )
