"""A booking as it is stored, who may see it, and what time makes of it.

Nothing here reads a clock: every rule that depends on time takes ``now``.
"""

from copy import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never, final

from marketplace.booking.calendar.model import PROPOSED, Hold
from marketplace.booking.model.states import (
    DEADLINE_RULES,
    REVEALING,
    TRANSITIONS,
    BookingEvent,
    BookingStatus,
    BookingType,
    DeadlineRule,
    Source,
    VisitStep,
)
from marketplace.catalogue.discount.model import FundedBy
from marketplace.catalogue.place.location import Location, Point, point_of
from marketplace.catalogue.therapist.model import TherapistType
from marketplace.platform.caller import SYSTEM, Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.language import Language
from marketplace.platform.money import CURRENCY, share_less_discount, share_of
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition, NotFound, VersionChanged

IMMEDIATE_BEGINS_AFTER: Final = timedelta(minutes=30)
"""How long after its confirmation an immediate visit counts as begun: the way to the customer."""

STAND_IN_PREFIX: Final = "+999"
"""No telephone number begins so: the code is kept in reserve by the ITU (E.164 assigned codes)."""


@final
class Proposal(Record, frozen=True, kw_only=True):
    """Another time for a confirmed visit, which the other party may take until it expires."""

    scheduled_time: Instant
    by: Role
    expires_at: Instant


@final
class Booking(Record, frozen=True, kw_only=True):
    """One request of a customer to one therapist at a time, with everything that was agreed."""

    booking_id: str
    therapist_id: str
    therapist_name: str
    therapist_type: TherapistType
    customer_id: str
    customer_name: str
    customer_whats_app: str
    duration: int
    list_price: int
    price: int
    discount: int
    commission_rate_bps: int
    status: BookingStatus
    created_at: Instant
    updated_at: Instant
    response_deadline: Instant
    booking_type: BookingType
    source: Source
    chat_room_id: str
    buffer_minutes: int
    buffer_before_minutes: int = 0
    time_zone: str
    offered_at: Instant
    currency: str = CURRENCY
    scheduled_time: Instant | None = None
    chat_window_open: bool = False
    location: Location | None = None
    hotel_villa_id: str | None = None
    hotel_villa_name: str | None = None
    hotel_latitude: float | None = None
    hotel_longitude: float | None = None
    distance_km: int | None = None
    """From the middle of the therapist's service area, in whole kilometres, where both are known."""
    room_number: str | None = None
    service_id: str | None = None
    service_name: str | None = None
    discount_code: str | None = None
    discount_funded_by: FundedBy = FundedBy.THERAPIST
    """Who bears its discount."""
    version: int = 1
    policy_version: int = 0
    """The version of the marketplace's policy under which it was made, and which holds to its end."""
    consent_version: str | None = None
    """Which text on the use of personal data its customer agreed to, where their client said so."""
    is_test: bool = False
    confirmed_at: Instant | None = None
    confirmed_therapist_id: str | None = None
    therapist_whats_app: str | None = None
    """E.164, as the therapist's profile had it at the acceptance."""
    declined_at: Instant | None = None
    expired_at: Instant | None = None
    cancelled_at: Instant | None = None
    completed_at: Instant | None = None
    completed_by: Role | None = None
    no_show_at: Instant | None = None
    no_show_by: Role | None = None
    """Who did not come."""
    cancelled_by: Role | None = None
    cancellation_fee: int | None = None
    """What ending it costs the customer, in rupiah; set by a cancellation and a no-show."""
    ends_at: Instant | None = None
    """When the visit is planned to end; of an immediate one known from its confirmation on."""
    visit_step: VisitStep | None = None
    en_route_at: Instant | None = None
    arrived_at: Instant | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    proposal: Proposal | None = None
    redispatched_at: Instant | None = None
    """When it was last offered to somebody else; a commission of before stays reversed until the next acceptance."""
    looking_since: Instant | None = None
    """Since when the marketplace has looked for somebody else by itself."""
    asked: tuple[str, ...] = ()
    """The therapists who fell away while it did: as many offers has it made."""
    place_erased_at: Instant | None = None
    """When room number, address and coordinates were erased, some time after its end."""
    start_code: str | None = None
    """Four digits that the therapist hears from the customer at the door, where the policy asks for it."""
    reason: str | None = None
    event: BookingEvent = BookingEvent.CREATED
    actor_id: str = SYSTEM.user_id
    actor_role: Role = Role.SYSTEM
    previous_therapist_id: str | None = None
    held_days: tuple[str, ...] = ()
    """The UTC dates on whose day sheets the present hold is written down."""
    other_requests: tuple[str, ...] = ()
    """The customer's own bookings with others that were pending when this one was made."""
    discount_counters: tuple[str, ...] = ()
    """Which counters hold a use of the discount code for this booking: ``total``, ``customer``."""
    request_hash: str | None = None
    formerly: tuple[str, ...] = ()
    """Pseudonyms of the name and number of a customer who is forgotten, by which later texts are judged."""
    customer_language: Language = Language.ENGLISH
    """In which the customer read when they booked."""
    imported_at: Instant | None = None
    """When it was brought here from another system, where it began."""

    def is_party(self, caller: Caller) -> bool:
        """Say whether the caller is the booking's customer or its present therapist."""
        return self.is_customer(caller) or self.is_therapist(caller)

    def is_customer(self, caller: Caller) -> bool:
        """Say whether the caller made the booking."""
        return caller.role is Role.CUSTOMER and caller.user_id == self.customer_id

    def is_therapist(self, caller: Caller) -> bool:
        """Say whether the booking is offered to or taken by the caller."""
        return caller.role is Role.THERAPIST and caller.user_id == self.therapist_id

    def check_visible_to(self, caller: Caller) -> None:
        """Refuse as not found whoever is neither a party nor an admin."""
        if not (caller.is_admin or self.is_party(caller)):
            raise NotFound

    @property
    def place(self) -> Point | None:
        """Where the visit is to be, as far as that is known by coordinates."""
        if self.hotel_villa_id is not None:
            return point_of(self.hotel_latitude, self.hotel_longitude)
        return self.location.point if self.location else None

    def share_of_price(self, basis_points: int) -> int:
        """Return the commission on the whole price at a rate, in rupiah, less a discount that the marketplace bears."""
        if self.discount_funded_by is FundedBy.PLATFORM:
            return share_less_discount(self.list_price, self.discount, basis_points)
        return share_of(self.price, basis_points)

    @property
    def earnings(self) -> int | None:
        """What the therapist keeps of the price, in rupiah; none of a booking that came to no visit."""
        if self.status not in {BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
            return None
        return self.price - self.share_of_price(self.commission_rate_bps)

    def reveals_customer_to(self, role: Role) -> bool:
        """Say whether a reader of that role sees the customer's number and exact place."""
        return role is not Role.THERAPIST or self.status in REVEALING

    def is_accepted_by(self, caller: Caller) -> bool:
        """Say whether the caller's own yes stands already, so that saying it again changes nothing."""
        return self.is_therapist(caller) and self.status is BookingStatus.CONFIRMED

    def as_of(self, now: datetime) -> "Booking":
        """Return the booking as everybody must see it: past its deadline a pending one is expired."""
        if self.status is BookingStatus.PENDING and not DeadlineRule.BEFORE.holds(self.response_deadline, now):
            return replace(self, status=BookingStatus.EXPIRED, expired_at=self.response_deadline)
        if self.proposal is not None and self.open_proposal(now) is None:
            return replace(self, proposal=None)
        return self

    def open_proposal(self, now: datetime) -> Proposal | None:
        """Return the proposal that the other party may still answer."""
        is_open = self.proposal is not None and now < self.proposal.expires_at
        return self.proposal if is_open and self.status is BookingStatus.CONFIRMED else None

    @property
    def deadline_rule(self) -> DeadlineRule | None:
        """On which side of the deadline the booking's latest step had to be taken; none where it does not matter."""
        return DEADLINE_RULES.get(self.event)

    def seconds_remaining(self, now: datetime) -> int | None:
        """Return the seconds left to answer, or nothing when no answer is awaited."""
        if self.as_of(now).status is not BookingStatus.PENDING:
            return None
        return max(0, int((self.response_deadline - now).total_seconds()))

    @property
    def begins_at(self) -> datetime | None:
        """When the visit begins: at the agreed time, an immediate one half an hour after its confirmation."""
        if self.scheduled_time is not None:
            return self.scheduled_time
        return None if self.confirmed_at is None else self.confirmed_at + IMMEDIATE_BEGINS_AFTER

    @property
    def planned_end(self) -> datetime | None:
        """When the visit is planned to end, also of a booking that was stored before it was noted down."""
        return self.ends_at or end_of(self.scheduled_time or self.confirmed_at, self.duration)

    def takes_messages(self, now: datetime) -> bool:
        """Say whether the state alone lets the parties write; a visit that is over has a room with its own end."""
        return self.as_of(now).status in {
            BookingStatus.PENDING,
            BookingStatus.CONFIRMED,
            BookingStatus.COMPLETED,
            BookingStatus.NO_SHOW,
        }

    def has_begun(self, now: datetime) -> bool:
        """Say whether a visit's agreed time has come, if it has one."""
        return self.scheduled_time is None or now >= self.scheduled_time

    def is_ahead(self, now: datetime) -> bool:
        """Say whether a visit has an agreed time that is still to come, and was not started."""
        is_ahead = self.scheduled_time is not None and now < self.scheduled_time
        return is_ahead and self.started_at is None

    def hold(self) -> Hold | None:
        """Return the therapist's time that the booking keeps in its state, its buffer included.

        A pending immediate booking may be accepted until its deadline, so it keeps the time from the
        offer to the latest end; acceptance narrows that to the visit itself.
        """
        match self.status:
            case BookingStatus.PENDING:
                held_until: datetime | None = self.response_deadline
            case BookingStatus.CONFIRMED:
                held_until = None
            case (
                BookingStatus.DECLINED
                | BookingStatus.EXPIRED
                | BookingStatus.CANCELLED
                | BookingStatus.COMPLETED
                | BookingStatus.NO_SHOW
            ):
                return None
            case _:
                assert_never(self.status)
        starts_at = self.scheduled_time or self.confirmed_at or self.offered_at
        latest_start = starts_at
        if self.scheduled_time is None and self.status is BookingStatus.PENDING:
            latest_start = self.response_deadline
        before = timedelta(minutes=self.buffer_before_minutes if self.scheduled_time is not None else 0)
        return Hold(
            booking_id=self.booking_id,
            starts_at=starts_at - before,
            ends_at=latest_start + timedelta(minutes=self.duration + self.buffer_minutes),
            held_until=held_until,
            visit_at=starts_at if before else None,
        )

    def proposed_hold(self) -> Hold | None:
        """Return the time to which it may be moved, which is held until the proposal is answered or expires."""
        if self.proposal is None or self.status is not BookingStatus.CONFIRMED:
            return None
        starts_at, before = self.proposal.scheduled_time, timedelta(minutes=self.buffer_before_minutes)
        return Hold(
            booking_id=self.booking_id + PROPOSED,
            starts_at=starts_at - before,
            ends_at=starts_at + timedelta(minutes=self.duration + self.buffer_minutes),
            held_until=self.proposal.expires_at,
            visit_at=starts_at if before else None,
        )

    def check_version(self, expected: int | None, now: datetime) -> None:
        """Refuse a command whose caller saw another version; without one, commands take effect as they come.

        Raises:
            VersionChanged: the booking has moved on, or was never so.
        """
        if expected is not None and expected != self.version:
            raise VersionChanged(self.as_of(now).status, self.version)

    @property
    def is_erased(self) -> bool:
        """Say whether its customer is forgotten already."""
        return self.customer_whats_app.startswith(STAND_IN_PREFIX)

    def with_status(
        self,
        status: BookingStatus,
        event: BookingEvent,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Booking":
        """Return the next version in another status, to which :data:`TRANSITIONS` lead.

        Raises:
            InvalidTransition: they do not lead there.
        """
        if status not in TRANSITIONS[self.status]:
            raise InvalidTransition(self.status)
        return self.with_event(event, by, now, status=status, proposal=None, **changes)

    def with_event(
        self,
        event: BookingEvent,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Booking":
        """Return the next version, with what happened and by whom."""
        changes.setdefault("reason", None)
        return replace(
            self,
            event=event,
            actor_id=by.user_id,
            actor_role=by.role,
            updated_at=max(now, self.updated_at),
            version=self.version + 1,
            **changes,
        )


def end_of(starts_at: datetime | None, duration: int) -> datetime | None:
    """Return when a visit of so many minutes ends, where it is known when it starts."""
    return None if starts_at is None else starts_at + timedelta(minutes=duration)


def deadline_for(offered_at: datetime, window: timedelta, scheduled_time: datetime | None) -> datetime:
    """Return until when the therapist may answer: the window's end, never later than the visit's start."""
    deadline = offered_at + window
    return deadline if scheduled_time is None else min(deadline, scheduled_time)
