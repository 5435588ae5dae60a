"""How a booking comes into being: from what the customer orders and what the tables say, all or nothing."""

from collections.abc import Collection, Sequence
from copy import replace
from datetime import datetime
from typing import Final, final

from msgspec import Struct

from marketplace.booking.calendar.model import Calendar, Hold
from marketplace.booking.model import Booking, BookingStatus, BookingType, Source
from marketplace.booking.model.booking import deadline_for, end_of
from marketplace.booking.open_requests import OpenRequest, OpenRequests, own_bookings
from marketplace.booking.pending_limits import PendingLimit, PendingList
from marketplace.catalogue.discount.model import DiscountCode, FundedBy
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.place.location import Location, Point
from marketplace.catalogue.policy.model import Policy, Verification
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform import identifiers
from marketplace.platform.caller import Caller
from marketplace.platform.limits import WRONG_CODES
from marketplace.platform.refusals import (
    ConfirmationRequired,
    DiscountUnavailable,
    DuplicateBooking,
    NotFound,
    QuoteStale,
    SlotTaken,
    TooManyRequests,
    ValidationFailed,
    VerificationRequired,
)

CLAIMED: Final = (SlotTaken, DuplicateBooking, ConfirmationRequired, TooManyRequests)
"""What is refused because of what other bookings hold."""


@final
class VisitRequest(Struct, frozen=True, kw_only=True):
    """The visit that a price or a booking is asked for."""

    therapist_id: str
    duration: int
    booking_type: BookingType
    service_id: str | None = None
    scheduled_time: datetime | None = None
    discount_code: str | None = None


@final
class Terms(Struct, frozen=True, kw_only=True):
    """A visit and what it costs, in rupiah; a quote promises exactly these."""

    wanted: VisitRequest
    list_price: int
    discount: int

    @property
    def price(self) -> int:
        """What the customer pays."""
        return self.list_price - self.discount

    def promises(self, terms: "Terms") -> bool:
        """Say whether these are the terms in question; a quote without a time holds for any."""
        if self.wanted.scheduled_time is not None:
            return self == terms
        any_time = replace(self.wanted, scheduled_time=terms.wanted.scheduled_time)
        return replace(self, wanted=any_time) == terms


@final
class Order(Struct, frozen=True, kw_only=True):
    """What a customer orders, already checked at the edge; the number is in E.164."""

    wanted: VisitRequest
    customer_name: str
    customer_whats_app: str
    location: Location | None = None
    hotel_villa_id: str | None = None
    room_number: str | None = None
    source: Source | None = None
    chat_window_open: bool = False
    confirm_other_pending: bool = False
    consent_version: str | None = None
    quote: Terms | None = None
    quote_is_stale: bool = False
    """Whether a quote was given that is altered or too old."""


@final
class OpeningContext(Struct, frozen=True, kw_only=True):
    """What the tables say about an order: read once, decided on, and held still by the transaction."""

    therapist: Therapist | None
    hotel: Hotel | None
    discount_code: DiscountCode | None
    calendar: Calendar
    open_requests: OpenRequests
    pending: Sequence[tuple[PendingLimit, PendingList]] = ()
    """What the customer and their network have asked for, beside how much they may."""
    wrong_codes_left: bool = True
    """Whether the caller may still try discount codes."""
    number_is_verified: bool = False
    """Whether the customer has verified the number, where it has been looked up."""

    def pending_bookings(self, now: datetime) -> frozenset[str]:
        """Return the bookings that are taken for pending here and may stand in the way."""
        full = (listed.live(now) for limit, listed in self.pending if listed.is_full(limit.most, now))
        return pending_in(self.calendar, self.open_requests).union(*full)

    def without(self, booking_ids: Collection[str], answered: Collection[str] = ()) -> "OpeningContext":
        """Return what stands once those bookings hold nothing any more, and the ``answered`` ones wait for nobody."""
        return replace(
            self,
            calendar=self.calendar.without(booking_ids),
            open_requests=self.open_requests.without(booking_ids),
            pending=tuple((limit, listed.without(answered)) for limit, listed in self.pending),
        )


def pending_in(calendar: Calendar, requests: OpenRequests) -> frozenset[str]:
    """Return the bookings that are taken for pending: by a hold that ends, or an open request."""
    holds = (hold for sheet in calendar.sheets.values() for hold in sheet.holds.values())
    return frozenset(requests.requests) | {hold.owner for hold in holds if hold.held_until is not None}


@final
class Opening(Struct, frozen=True, kw_only=True):
    """A decision to open a booking: what it is, what it holds, and the code that it uses."""

    booking: Booking
    hold: Hold
    request: OpenRequest
    discount_code: DiscountCode | None
    limits_day: bool = False
    """Whether the visits of the whole local date were counted."""


def agree_terms(
    wanted: VisitRequest, therapist: Therapist | None, discount_code: DiscountCode | None, now: datetime
) -> Terms:
    """Return what a visit costs now.

    Raises:
        NotFound: there is no such therapist.
        ValidationFailed: the menu does not offer it.
        DiscountUnavailable: the code cannot be used.
    """
    if therapist is None:
        raise NotFound
    therapist.check_takes_bookings()
    list_price = therapist.price_of(wanted.duration, wanted.service_id)
    discount = 0
    if wanted.discount_code is not None:
        if discount_code is None:
            raise DiscountUnavailable
        discount = discount_code.taken_off(list_price, now)
    return Terms(wanted=wanted, list_price=list_price, discount=discount)


def open_booking(  # noqa: PLR0913 - who, what, what stands, when, under which rules, as which booking
    order: Order,
    *,
    by: Caller,
    circumstances: OpeningContext,
    now: datetime,
    policy: Policy,
    limit_scale: int,
    booking_id: str,
) -> Opening:
    """Decide on an order.

    Raises:
        NotFound, ValidationFailed, TherapistUnavailable, DiscountUnavailable, QuoteStale,
        DuplicateBooking, ConfirmationRequired, TooManyRequests, SlotTaken: whatever stands against it.
    """
    wanted, therapist = order.wanted, circumstances.therapist
    if therapist is None:
        raise NotFound
    if order.hotel_villa_id is not None and (circumstances.hotel is None or not circumstances.hotel.is_active):
        raise ValidationFailed.at("hotelVillaId", "There is no such hotel or villa.")  # noqa: EM101 - a path, no message
    if needs_verification(policy, circumstances.therapist) and not circumstances.number_is_verified:
        raise VerificationRequired
    if wanted.discount_code is not None and not circumstances.wrong_codes_left:
        raise TooManyRequests(WRONG_CODES.seconds_left(now))
    terms = agree_terms(wanted, therapist, circumstances.discount_code, now)
    if order.quote_is_stale or (order.quote is not None and not order.quote.promises(terms)):
        raise QuoteStale
    if wanted.scheduled_time is None:
        therapist.check_can_start_now()
    else:
        therapist.check_can_start_at(wanted.scheduled_time, wanted.duration, now)

    policy.check_lets_offer_to(therapist, now)
    therapist.check_comes_to(_place_of(order, circumstances.hotel))

    booking = _booking(order, terms, therapist, circumstances, by, now, policy, booking_id)
    request = open_request(booking)
    _check_may_ask(circumstances, request, confirmed=order.confirm_other_pending, limit_scale=limit_scale, now=now)
    hold = booking.hold()
    if hold is None:
        raise AssertionError
    circumstances.calendar.check_free(hold, now)
    circumstances.calendar.check_day(hold, therapist.zone, therapist.visits_per_day, now)
    return Opening(
        booking=replace(
            booking,
            held_days=tuple(day.isoformat() for day in hold.days),
            other_requests=own_bookings(circumstances.open_requests.of_others(request, now), by.user_id),
        ),
        hold=hold,
        request=request,
        discount_code=circumstances.discount_code if wanted.discount_code else None,
        limits_day=therapist.visits_per_day is not None,
    )


def needs_verification(policy: Policy, therapist: Therapist | None) -> bool:
    """Say whether a policy asks customers of a therapist to verify their number; test bookings have none to verify."""
    return policy.verification is Verification.REQUIRED and not (therapist is not None and therapist.is_test)


def _check_may_ask(
    circumstances: OpeningContext, request: OpenRequest, *, confirmed: bool, limit_scale: int, now: datetime
) -> None:
    """Refuse what the customer, their number or their network has asked for too often, and tell a stranger nothing.

    Of somebody else's request under this number the refusal says no more than that it is there: the contract promises
    one pending request of a number with a therapist, whoever asks.
    """
    circumstances.open_requests.check_may_open(request, confirmed=confirmed, limit_scale=limit_scale, now=now)
    for limit, listed in circumstances.pending:
        listed.check_room(limit.most, now)


def _place_of(order: Order, hotel: Hotel | None) -> Point | None:
    """Return where the visit is to be, as far as that is known by coordinates."""
    if hotel is not None:
        return hotel.point
    return order.location.point if order.location else None


def open_request(booking: Booking) -> OpenRequest:
    """Return the entry that a pending booking has among its number's open requests."""
    return OpenRequest(
        booking_id=booking.booking_id,
        therapist_id=booking.therapist_id,
        customer_id=booking.customer_id,
        held_until=booking.response_deadline,
    )


def _booking(  # noqa: PLR0913, PLR0917 - one argument for each thing that a booking is made of
    order: Order,
    terms: Terms,
    therapist: Therapist,
    circumstances: OpeningContext,
    by: Caller,
    now: datetime,
    policy: Policy,
    booking_id: str,
) -> Booking:
    hotel = circumstances.hotel
    code = circumstances.discount_code if terms.wanted.discount_code else None
    return Booking(
        booking_id=booking_id,
        therapist_id=therapist.therapist_id,
        therapist_name=therapist.name,
        therapist_type=therapist.therapist_type,
        customer_id=by.user_id,
        customer_name=order.customer_name,
        customer_whats_app=order.customer_whats_app,
        customer_language=by.language,
        duration=terms.wanted.duration,
        list_price=terms.list_price,
        price=terms.price,
        discount=terms.discount,
        commission_rate_bps=policy.commission_rate_bps,
        policy_version=policy.version,
        consent_version=order.consent_version,
        status=BookingStatus.PENDING,
        created_at=now,
        updated_at=now,
        offered_at=now,
        response_deadline=deadline_for(now, policy.response_window, terms.wanted.scheduled_time),
        booking_type=terms.wanted.booking_type,
        source=Source.of(
            order.source, terms.wanted.booking_type, terms.wanted.service_id, chat_window_open=order.chat_window_open
        ),
        chat_room_id=identifiers.room_id(booking_id),
        buffer_minutes=therapist.buffer_minutes,
        buffer_before_minutes=therapist.buffer_before_minutes,
        time_zone=therapist.time_zone,
        scheduled_time=terms.wanted.scheduled_time,
        ends_at=end_of(terms.wanted.scheduled_time, terms.wanted.duration),
        chat_window_open=order.chat_window_open,
        location=order.location,
        hotel_villa_id=order.hotel_villa_id,
        hotel_villa_name=hotel.name if hotel else None,
        hotel_latitude=hotel.latitude if hotel else None,
        hotel_longitude=hotel.longitude if hotel else None,
        distance_km=therapist.distance_to(_place_of(order, hotel)),
        room_number=order.room_number,
        service_id=terms.wanted.service_id,
        service_name=therapist.service_name(terms.wanted.duration, terms.wanted.service_id),
        discount_code=terms.wanted.discount_code,
        discount_funded_by=code.funded_by if code else FundedBy.THERAPIST,
        is_test=therapist.is_test,
        actor_id=by.user_id,
        actor_role=by.role,
    )
