"""How a booking comes into being: booking, hold, claims, room, messages and notification, all or none."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, final

from msgspec import Struct

from marketplace.booking.calendar.model import Calendar, days_between, days_of_local_date
from marketplace.booking.discount_uses import is_used_up, taking_use
from marketplace.booking.holds import (
    adding_request,
    checking_day,
    requests_key,
    requests_of,
    sheet_key,
    sheet_of,
    taking_time,
)
from marketplace.booking.model import Booking
from marketplace.booking.opening import CLAIMED, Opening, OpeningContext, Order, open_booking
from marketplace.booking.pending_limits import (
    MOST_OF_CUSTOMER,
    MOST_OF_NETWORK,
    PendingLimit,
    adding_pending,
    pending_list_of,
)
from marketplace.booking.repository import adding_booking, awaits_answer, booking_key, still_holds
from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.policy.model import Policy, Verification
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.repository import discount_code_key, hotel_key, therapist_key
from marketplace.catalogue.therapist.model import LONGEST_BUFFER, Therapist
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.repository import Rooms
from marketplace.chat.rows import adding_room, room_key
from marketplace.identity.allowances import Allowance, Allowances
from marketplace.identity.verification import verified_key
from marketplace.moderation.blocks import BLOCK_LABEL, checking_no_block
from marketplace.notification.repository import adding_notice
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import Action, TransactionRefused
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.limits import WRONG_CODES
from marketplace.platform.refusals import (
    DiscountUnavailable,
    IdempotencyKeyReused,
    NotFound,
    Refusal,
    TherapistUnavailable,
)
from marketplace.platform.runtime.observability import logger
from marketplace.services.booking.context import BookingContext, optional
from marketplace.services.booking.transitions import opened_room
from marketplace.services.notification.announcements import notices_for

if TYPE_CHECKING:
    from marketplace.services.booking.instant_confirmations import InstantConfirmation, InstantConfirmations

_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


@final
class Opened(Struct, frozen=True, kw_only=True):
    """What a creation left behind: new, or found again by a repeat of the same request."""

    booking: Booking
    room: Room
    messages: Sequence[Message]
    is_new: bool


@final
class BookingRequest(Struct, frozen=True, kw_only=True):
    """An order with whose it is and under which name: a repeat of the same request finds its booking."""

    order: Order
    by: Caller
    booking_id: str
    request_hash: str
    """Of the whole body, by which a key that comes with another one is told."""
    may_be_repeat: bool
    """Whether the id follows from a key, so that its booking may stand already."""
    now: datetime
    network: str | None = None
    """A pseudonym of the network that it comes from, where it comes from one."""


@final
class NewBookings:
    """The opening of bookings."""

    def __init__(
        self,
        store: Store,
        *,
        rooms: Rooms,
        policies: Policies,
        limit_scale: int,
        instant_confirmations: "Callable[[], InstantConfirmations]",
    ) -> None:
        """Open bookings in ``store`` under the policy in force; ``limit_scale`` multiplies what a number may ask.

        ``instant_confirmations`` is made where a therapist asks for it: most of what it needs no other opening does.
        """
        self._store = store
        self._rooms = rooms
        self._policies = policies
        self._instant_confirmations = instant_confirmations
        self._limit_scale = limit_scale

    def open(self, asked: BookingRequest, allowance: Allowance | None = None) -> Opened:
        """Bring a booking into being with its hold, claims, room, messages and notification: all or none.

        One read, one transaction. Whoever loses a race reads again and learns what stands now. Before a no,
        a second look makes sure that what stands in the way does so by its booking, whose deadline alone
        counts, and that the same request has not been carried out meanwhile. Of an ``allowance`` one is taken
        in the same transaction.

        Raises:
            IdempotencyKeyReused: the id is taken by a request with another body.
            TooManyRequests: nothing is left of the allowance.
            Refusal: whatever of the order's own stands against it, as the model says.
        """
        policy = self._policies.in_force()

        def attempt() -> Opened | None:
            found, circumstances = self._circumstances(asked, policy)
            if found is not None:
                return self._repeated(found, asked.request_hash)
            standing, over = circumstances, frozenset[str]()
            try:
                opening = self._decide(asked, standing, policy)
            except Refusal as refusal:
                found, over, answered = self._second_look(refusal, circumstances, asked)
                if found is not None:
                    return self._repeated(found, asked.request_hash)
                if not over and not answered:
                    raise
                standing = circumstances.without(over, answered)
                opening = self._decide(asked, standing, policy)
            return self._write(opening, circumstances, standing, over, asked, allowance, policy)

        try:
            return retry_on_conflict(attempt)
        except DiscountUnavailable:
            Allowances(self._store).take(self._wrong_codes(asked))
            raise

    def _wrong_codes(self, asked: BookingRequest) -> Allowance:
        scale = self._limit_scale
        return Allowance(limit=WRONG_CODES, who=asked.by.user_id, scale=scale, now=asked.now)

    def _limits(self, asked: BookingRequest) -> list[PendingLimit]:
        scale = self._limit_scale
        limits = [PendingLimit(owner=f"customer#{asked.by.user_id}", most=MOST_OF_CUSTOMER * scale)]
        if asked.network is not None:
            limits.append(PendingLimit(owner=f"network#{asked.network}", most=MOST_OF_NETWORK * scale))
        return limits

    def _decide(self, asked: BookingRequest, circumstances: OpeningContext, policy: Policy) -> Opening:
        if circumstances.therapist is not None:  # else the id is whatever the client made up
            logger().append_keys(therapist_id=circumstances.therapist.therapist_id)
        return open_booking(
            asked.order,
            by=asked.by,
            circumstances=circumstances,
            now=asked.now,
            policy=policy,
            limit_scale=self._limit_scale,
            booking_id=asked.booking_id,
        )

    def _circumstances(self, asked: BookingRequest, policy: Policy) -> tuple[BookingContext | None, OpeningContext]:
        order, now = asked.order, asked.now
        # The therapist, whose buffer lies before a scheduled visit, is not known before this read.
        scheduled = order.wanted.scheduled_time
        # What lies before all bookings is refused anyway, and has no day before it.
        starts_at = scheduled - LONGEST_BUFFER if scheduled and scheduled > now else now
        latest_start = order.wanted.scheduled_time or now + policy.response_window
        longest = timedelta(minutes=order.wanted.duration) + LONGEST_BUFFER
        # What lies at the end of all time is refused anyway, but only once the therapist has been read.
        days = days_between(starts_at, latest_start + longest) if latest_start < _END_OF_TIME - longest else ()
        wanted: list[tuple[str, Mapping[str, str]]] = [
            therapist_key(order.wanted.therapist_id),
            ("claims", requests_key(order.customer_whats_app)),
            *(("calendar", sheet_key(order.wanted.therapist_id, day)) for day in days),
        ]
        limits = self._limits(asked)
        extra_keys = {
            **{limit.owner: ("claims", limit.key) for limit in limits},
            "wrong codes": ("claims", self._wrong_codes(asked).key) if order.wanted.discount_code else None,
            "verified": (
                verified_key(asked.by.user_id, order.customer_whats_app)
                if policy.verification is Verification.REQUIRED
                else None
            ),
            "hotel": hotel_key(order.hotel_villa_id) if order.hotel_villa_id else None,
            "code": discount_code_key(order.wanted.discount_code) if order.wanted.discount_code else None,
            "booking": booking_key(asked.booking_id) if asked.may_be_repeat else None,
            "room": room_key(identifiers.room_id(asked.booking_id)) if asked.may_be_repeat else None,
        }
        named = [name for name, key in extra_keys.items() if key]
        wanted += [key for key in extra_keys.values() if key]
        therapist, requests, *rest = self._store.batch_get(wanted)
        sheets = dict(zip(days, rest[: len(days)], strict=True))
        extra = dict(zip(named, rest[len(days) :], strict=True))
        found = optional(Therapist, therapist)
        if found is not None and _limits_day(found, order) and days:
            sheets |= self._rest_of_day(found, order.wanted.scheduled_time or now, days)
        circumstances = OpeningContext(
            therapist=found,
            hotel=optional(Hotel, extra.get("hotel")),
            discount_code=optional(DiscountCode, extra.get("code")),
            calendar=Calendar(
                therapist_id=order.wanted.therapist_id,
                sheets={day: sheet_of(order.wanted.therapist_id, day, item) for day, item in sheets.items()},
                beds=found.beds if found else 1,
            ),
            open_requests=requests_of(order.customer_whats_app, requests),
            pending=tuple((limit, pending_list_of(limit.owner, extra[limit.owner])) for limit in limits),
            number_is_verified=extra.get("verified") is not None,
            wrong_codes_left=self._wrong_codes(asked).is_left(extra.get("wrong codes")),
        )
        return _context_of(extra.get("booking"), extra.get("room")), circumstances

    def _rest_of_day(self, therapist: Therapist, start: datetime, known: Sequence[date]) -> dict[date, Item | None]:
        """Return the further sheets of the local date, where its visits are counted: a second read."""
        days = [day for day in days_of_local_date(start, therapist.zone) if day not in known]
        items = self._store.batch_get([("calendar", sheet_key(therapist.therapist_id, day)) for day in days])
        return dict(zip(days, items, strict=True))

    def _second_look(
        self, refusal: Refusal, circumstances: OpeningContext, asked: BookingRequest
    ) -> tuple[BookingContext | None, frozenset[str], frozenset[str]]:
        """Look at the bookings themselves before a no.

        Return the booking that a repeat asks for, if there is one by now, what no longer stands in the way, and what
        has been answered, in whatever way.
        """
        claimed = circumstances.pending_bookings(asked.now) if isinstance(refusal, CLAIMED) else ()
        booking_id = asked.booking_id if asked.may_be_repeat else None
        own = [booking_key(booking_id), room_key(identifiers.room_id(booking_id))] if booking_id else []
        others = sorted(each for each in claimed if each != booking_id)
        if not own and not others:
            return None, frozenset(), frozenset()
        items = self._store.batch_get([*own, *(booking_key(each) for each in others)])
        found = _context_of(items[0], items[1]) if own else None
        stored = dict(zip(others, items[len(own) :], strict=True))
        over = frozenset(each for each, item in stored.items() if not still_holds(item, asked.now))
        answered = frozenset(each for each, item in stored.items() if not awaits_answer(item, asked.now))
        return found, over, answered

    def _repeated(self, found: BookingContext, request_hash: str) -> Opened:
        if not (found.booking.request_hash or "").startswith(request_hash):  # once whole, by now its first half
            raise IdempotencyKeyReused
        if found.room is None:
            raise NotFound
        messages = self._rooms.messages(found.room.conversation_id, after=0).messages
        return Opened(booking=found.booking, room=found.room, messages=messages, is_new=False)

    def _write(  # noqa: PLR0913, PLR0917 - the decision, on what it was made, and what else is counted
        self,
        opening: Opening,
        circumstances: OpeningContext,
        standing: OpeningContext,
        over: Collection[str],
        asked: BookingRequest,
        allowance: Allowance | None,
        policy: Policy,
    ) -> Opened | None:
        now, booking, hold = asked.now, replace(opening.booking, request_hash=asked.request_hash), opening.hold
        uses: list[Action] = []
        if opening.discount_code is not None:
            uses, counters = taking_use(opening.discount_code, booking, now)
            booking = replace(booking, discount_counters=counters)
        room, messages = opened_room(booking, now)
        notices = notices_for(booking)
        asking: list[Action] = [
            adding_request(circumstances.open_requests, opening.request, over, now),
            *(
                adding_pending(stored, kept, limit, booking)
                for (limit, stored), (_, kept) in zip(circumstances.pending, standing.pending, strict=True)
            ),
        ]
        confirmation = self._confirmation(booking, room, standing, policy, now)
        if confirmation is not None:
            booking, hold, room = confirmation.booking, confirmation.hold, confirmation.room
            messages, notices, asking = [*messages, confirmation.message], tuple(confirmation.notices), []
        counts_day = opening.limits_day or confirmation is not None
        actions: list[Action] = [
            adding_booking(booking),
            *taking_time(hold, circumstances.calendar, over, now),
            *(checking_day(circumstances.calendar, hold) if counts_day else ()),
            *asking,
            checking_no_block(booking.customer_id, booking.therapist_id),
            adding_room(room),
            *(self._rooms.adding_message(message) for message in messages),
            *(adding_notice(notice, now, booking.version) for notice in notices),
            *uses,
            *(confirmation.records if confirmation is not None else ()),
        ]
        if allowance is not None:
            actions.append(allowance.taking)
        try:
            self._store.transact(actions)
        except TransactionRefused as lost:
            if allowance is not None and allowance.label in lost.refused:
                raise allowance.refusal() from None
            if is_used_up(lost.refused):
                raise DiscountUnavailable from None
            if BLOCK_LABEL in lost.refused:
                raise TherapistUnavailable from None
            return None
        return Opened(booking=booking, room=room, messages=messages, is_new=True)

    def _confirmation(
        self, booking: Booking, room: Room, standing: OpeningContext, policy: Policy, now: datetime
    ) -> "InstantConfirmation | None":
        """Return the confirmation of a booking whose therapist wishes it at once; most answer themselves."""
        therapist = standing.therapist
        if therapist is None or therapist.instant_confirm is None or booking.scheduled_time is None:
            return None
        return self._instant_confirmations().confirm(
            booking, room, therapist=therapist, calendar=standing.calendar, policy=policy, now=now
        )


def _limits_day(therapist: Therapist, order: Order) -> bool:
    """Say whether the visits of the whole local date are counted."""
    confirms_at_once = therapist.instant_confirm is not None and order.wanted.scheduled_time is not None
    return therapist.visits_per_day is not None or confirms_at_once


def _context_of(booking_item: Item | None, room_item: Item | None) -> BookingContext | None:
    if booking_item is None:
        return None
    return BookingContext(booking=from_record(Booking, booking_item), room=optional(Room, room_item))
