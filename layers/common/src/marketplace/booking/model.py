"""A booking and its life: pending, answered, and over.

The whole state machine is :data:`TRANSITIONS`; the commands on :class:`Booking` add who may take a step
and when. Nothing here reads a clock: every rule that depends on time takes ``now``.
"""

import hashlib
from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never, final

from marketplace.booking.calendar.model import PROPOSED, Hold
from marketplace.catalogue.discount.model import FundedBy
from marketplace.catalogue.place.location import Location, Point, point_of
from marketplace.catalogue.therapist.model import Therapist, TherapistType
from marketplace.platform.caller import SYSTEM, Caller, Language, Role
from marketplace.platform.clock import Instant
from marketplace.platform.money import CURRENCY, share_less_discount, share_of
from marketplace.platform.record import Record
from marketplace.platform.refusals import (
    BookingNotPending,
    DeadlinePassed,
    InvalidTransition,
    NotFound,
    ValidationFailed,
    VersionChanged,
)


class BookingStatus(StrEnum):
    """Where a booking stands (contract, section 5)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    """One of the parties did not come."""


class BookingType(StrEnum):
    """As soon as possible, or at an agreed time; the wire calls it ``mode`` as well."""

    IMMEDIATE = "immediate"
    SCHEDULED = "scheduled"


class Source(StrEnum):
    """Which control of the client made the booking."""

    BOOKING_BUTTON = "bookingButton"
    CHAT_WINDOW = "chatWindow"
    MENU_SLIDER = "menuSlider"
    SCHEDULED = "scheduled"
    PRICE_SLIDER = "priceSlider"
    DIRECT = "direct"

    @classmethod
    def of(
        cls, given: "Source | None", booking_type: BookingType, service_id: str | None, *, chat_window_open: bool
    ) -> "Source":
        """Keep a given source, else derive it (contract, section 4)."""
        if given is not None:
            return given
        if booking_type is BookingType.SCHEDULED:
            return cls.SCHEDULED
        if service_id is not None:
            return cls.MENU_SLIDER
        return cls.CHAT_WINDOW if chat_window_open else cls.DIRECT


class BookingEvent(StrEnum):
    """What happened to a booking, as events and history call it."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    REASSIGNED = "reassigned"
    REDISPATCHED = "redispatched"
    """Its customer chose somebody else after the therapist did not take it or fell away."""
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    STARTED = "started"
    NO_SHOW = "no_show"
    RESCHEDULED = "rescheduled"
    PROPOSED = "proposed"
    PROPOSAL_ACCEPTED = "proposal_accepted"
    PROPOSAL_DECLINED = "proposal_declined"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PROPOSAL_EXPIRED = "proposal_expired"
    IMPORTED = "imported"
    """It was brought here from another system, as it stood there."""
    ERASED = "erased"
    """Nothing changed but that the customer is forgotten."""


class VisitStep(StrEnum):
    """How far a confirmed visit has come, in the order in which it goes."""

    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    STARTED = "started"
    FINISHED = "finished"

    @property
    def place(self) -> int:
        """Where the step stands in the order, from 0."""
        return tuple(VisitStep).index(self)


STAYING: Final = frozenset(
    {
        BookingEvent.ERASED,
        BookingEvent.EN_ROUTE,
        BookingEvent.ARRIVED,
        BookingEvent.STARTED,
        BookingEvent.RESCHEDULED,
        BookingEvent.PROPOSED,
        BookingEvent.PROPOSAL_ACCEPTED,
        BookingEvent.PROPOSAL_DECLINED,
        BookingEvent.PROPOSAL_WITHDRAWN,
        BookingEvent.PROPOSAL_EXPIRED,
    }
)
"""What happens to a booking without changing its status."""


class DeadlineRule(StrEnum):
    """On which side of the deadline to answer a step must be taken."""

    BEFORE = "before"
    PASSED = "passed"

    def holds(self, deadline: datetime, now: datetime) -> bool:
        """Say whether a moment lies on the right side; the deadline itself has passed."""
        match self:
            case DeadlineRule.BEFORE:
                return now < deadline
            case DeadlineRule.PASSED:
                return now >= deadline
            case _:
                assert_never(self)


_DEADLINE_RULES: Final[Mapping[BookingEvent, DeadlineRule]] = {
    BookingEvent.CONFIRMED: DeadlineRule.BEFORE,
    BookingEvent.DECLINED: DeadlineRule.BEFORE,
    BookingEvent.EXPIRED: DeadlineRule.PASSED,
}
"""The steps that the deadline decides; the model and the condition of the write follow from this alone."""

TRANSITIONS: Final[Mapping[BookingStatus, frozenset[BookingStatus]]] = {
    BookingStatus.PENDING: frozenset(
        {
            BookingStatus.CONFIRMED,
            BookingStatus.DECLINED,
            BookingStatus.EXPIRED,
            BookingStatus.CANCELLED,
            BookingStatus.PENDING,
        }
    ),
    BookingStatus.CONFIRMED: frozenset({BookingStatus.COMPLETED, BookingStatus.CANCELLED, BookingStatus.NO_SHOW}),
    BookingStatus.DECLINED: frozenset({BookingStatus.PENDING}),
    BookingStatus.EXPIRED: frozenset({BookingStatus.PENDING}),
    BookingStatus.CANCELLED: frozenset({BookingStatus.PENDING}),
    BookingStatus.COMPLETED: frozenset(),
    BookingStatus.NO_SHOW: frozenset({BookingStatus.PENDING}),
}
"""Every step there is; back to pending lead reassignment and, after the therapist fell away, the customer's choice."""

LIVE: Final = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})
"""The states in which somebody still waits for somebody."""

IMMEDIATE_BEGINS_AFTER: Final = timedelta(minutes=30)
"""How long after its confirmation an immediate visit counts as begun: the way to the customer."""

FORGOTTEN: Final = "Former customer"
"""The name of a customer who wished to be forgotten."""

STAND_IN_PREFIX: Final = "+999"
"""No telephone number begins so: the code is kept in reserve by the ITU (E.164 assigned codes)."""

REVEALING: Final = frozenset({BookingStatus.CONFIRMED, BookingStatus.COMPLETED})
"""The states in which the therapist sees the customer's number and exact place."""


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
    """When its customer last chose somebody else; a commission of before stays reversed until the next acceptance."""
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
    customer_language: Language = Language.ENGLISH
    """In which the customer read when they booked."""
    imported_at: Instant | None = None
    """When it was brought here from another system, where it began."""

    # Who may see it ---------------------------------------------------------------------------------

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

    def reveals_customer_to(self, role: Role) -> bool:
        """Say whether a reader of that role sees the customer's number and exact place."""
        return role is not Role.THERAPIST or self.status in REVEALING

    def is_accepted_by(self, caller: Caller) -> bool:
        """Say whether the caller's own yes stands already, so that saying it again changes nothing."""
        return self.is_therapist(caller) and self.status is BookingStatus.CONFIRMED

    # What time makes of it --------------------------------------------------------------------------

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
        return _DEADLINE_RULES.get(self.event)

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

    def allowed_actions(self, caller: Caller, now: datetime) -> tuple[str, ...]:  # noqa: C901 - one branch a command
        """Return the commands that would succeed for the caller now, for clients to offer."""
        status = self.as_of(now).status
        actions: list[str] = []
        if status is BookingStatus.PENDING and self.is_therapist(caller):
            actions += ["accept", "decline"]
        if self.may_be_cancelled_by(caller, now):
            actions.append("cancel")
        may_complete = caller.is_admin or self.is_therapist(caller)
        if status is BookingStatus.CONFIRMED and may_complete and self._has_begun(now):
            actions.append("complete")
        if status is BookingStatus.CONFIRMED and self.is_therapist(caller):
            actions.append("visit")
        if caller.is_admin and self._may_be_reassigned(status, now):
            actions.append("reassign")
        if self.is_customer(caller) and self.may_be_redispatched(now):
            actions.append("redispatch")
        if self._may_be_rescheduled_by(caller, now):
            actions.append("reschedule")
        if self._may_be_moved(now) and self.is_party(caller):
            proposal = self.open_proposal(now)
            if proposal is None:
                actions.append("propose")
            elif proposal.by is caller.role:
                actions.append("withdrawProposal")
            else:
                actions += ["acceptProposal", "declineProposal"]
        return tuple(actions)

    # What people and the clock do to it -------------------------------------------------------------

    def accept(
        self, *, by: Caller, now: datetime, whats_app: str | None = None, start_code: str | None = None
    ) -> "Booking":
        """Confirm the booking in the name of its therapist, strictly before its deadline.

        ``whats_app`` is the therapist's number, which the customer may use from now on; ``start_code`` what the
        therapist needs to begin, if anything.

        Raises:
            NotFound: the caller is not its therapist.
            DeadlinePassed: the time to answer is over, swept or not.
            BookingNotPending: it was answered or cancelled.
        """
        self._check_answerable(by, now)
        return self._moved(
            BookingStatus.CONFIRMED,
            BookingEvent.CONFIRMED,
            by,
            now,
            confirmed_at=now,
            confirmed_therapist_id=self.therapist_id,
            therapist_whats_app=whats_app,
            start_code=start_code,
            ends_at=end_of(self.scheduled_time or now, self.duration),
        )

    def decline(self, *, by: Caller, now: datetime, reason: str | None = None) -> "Booking":
        """Refuse the booking in the name of its therapist; the same refusals as :meth:`accept`."""
        self._check_answerable(by, now)
        return self._moved(BookingStatus.DECLINED, BookingEvent.DECLINED, by, now, declined_at=now, reason=reason)

    def withdraw_offer(self, *, by: Caller, now: datetime) -> "Booking":
        """End the offer as declined because its therapist takes no more bookings; the same refusals as accept."""
        if self.as_of(now).status is not BookingStatus.PENDING:
            raise BookingNotPending(self.as_of(now).status)
        return self._moved(BookingStatus.DECLINED, BookingEvent.DECLINED, by, now, declined_at=now)

    def cancel(self, *, by: Caller, now: datetime, reason: str | None = None) -> "Booking":
        """Call the visit off; what that costs is another matter.

        The customer may until the visit begins or is started, the therapist, with a reason, until it begins or they
        have arrived, an admin until it is completed.

        Raises:
            NotFound: the caller may not see the booking.
            InvalidTransition: the state does not allow it.
            ValidationFailed: a therapist gives no reason.
        """
        self.check_visible_to(by)
        if not self.may_be_cancelled_by(by, now):
            raise InvalidTransition(self.as_of(now).status)
        if reason is None and self.is_therapist(by):
            raise ValidationFailed.at("reason", "A therapist's cancellation needs a reason.")  # noqa: EM101 - a path
        return self._moved(
            BookingStatus.CANCELLED,
            BookingEvent.CANCELLED,
            by,
            now,
            cancelled_at=now,
            cancelled_by=by.role,
            reason=reason,
        )

    def complete(self, *, by: Caller, now: datetime) -> "Booking":
        """Record that the visit took place; a scheduled one not before its start.

        Raises:
            NotFound: the caller is neither its therapist nor an admin.
            InvalidTransition: it is not confirmed, or has not begun.
            ValidationFailed: it has a start code that the therapist has not given.
        """
        if not (by.is_admin or self.is_therapist(by)):
            raise NotFound
        if self.status is not BookingStatus.CONFIRMED or not self._has_begun(now):
            raise InvalidTransition(self.as_of(now).status)
        if not by.is_admin:
            self._check_start_code(None)
        return self._completed(by, now)

    def complete_overdue(self, *, now: datetime, after: timedelta) -> "Booking":
        """Complete a visit that nobody has closed, ``after`` its planned end.

        Raises:
            InvalidTransition: it is not confirmed, or it is too early.
        """
        end = self.planned_end
        if self.status is not BookingStatus.CONFIRMED or end is None or now < end + after:
            raise InvalidTransition(self.as_of(now).status)
        return self._completed(SYSTEM, now)

    def take_step(self, step: VisitStep, *, by: Caller, now: datetime, start_code: str | None = None) -> "Booking":
        """Go on with a confirmed visit, forward only; the last step completes it. A repeated step changes nothing.

        Raises:
            NotFound: the caller is not its therapist.
            InvalidTransition: it is not confirmed, has come further already, or is finished before it has begun.
            ValidationFailed: the step needs the customer's code, and this is not it.
        """
        if not self.is_therapist(by):
            raise NotFound
        if self.visit_step is step and self.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
            return self
        is_back = self.visit_step is not None and step.place <= self.visit_step.place
        if self.status is not BookingStatus.CONFIRMED or is_back:
            raise InvalidTransition(self.as_of(now).status)
        if step is VisitStep.FINISHED and not self._has_begun(now):
            raise InvalidTransition(self.status)
        if step.place >= VisitStep.STARTED.place:
            self._check_start_code(start_code)
        match step:
            case VisitStep.EN_ROUTE:
                return self._noted(BookingEvent.EN_ROUTE, by, now, visit_step=step, en_route_at=now)
            case VisitStep.ARRIVED:
                return self._noted(BookingEvent.ARRIVED, by, now, visit_step=step, arrived_at=now)
            case VisitStep.STARTED:
                return self._noted(BookingEvent.STARTED, by, now, visit_step=step, started_at=now)
            case VisitStep.FINISHED:
                return replace(self._completed(by, now), visit_step=step, finished_at=now)
            case _:
                assert_never(step)

    def needs_start_code_for(self, step: VisitStep) -> bool:
        """Say whether a step can be taken with the customer's code alone."""
        return self.start_code is not None and self.started_at is None and step.place >= VisitStep.STARTED.place

    def report_no_show(self, *, by: Caller, now: datetime, after: timedelta, note: str | None = None) -> "Booking":
        """Record that the other party did not come, ``after`` the visit's beginning at the earliest.

        A therapist who has started the visit cannot say so any more: it took place.

        Raises:
            NotFound: the caller is not a party.
            InvalidTransition: it is not confirmed, it is too early, or the visit was started.
        """
        if not self.is_party(by):
            raise NotFound
        begins_at = self.begins_at
        if self.status is not BookingStatus.CONFIRMED or begins_at is None or now < begins_at + after:
            raise InvalidTransition(self.as_of(now).status)
        if self.is_therapist(by) and self.started_at is not None:
            raise InvalidTransition(self.status)
        absent = Role.THERAPIST if by.role is Role.CUSTOMER else Role.CUSTOMER
        return self._moved(
            BookingStatus.NO_SHOW, BookingEvent.NO_SHOW, by, now, no_show_at=now, no_show_by=absent, reason=note
        )

    def expire(self, *, now: datetime) -> "Booking":
        """Write down what the clock has done already.

        Raises:
            BookingNotPending: it was answered, or its deadline is still ahead.
        """
        if self.status is not BookingStatus.PENDING or not DeadlineRule.PASSED.holds(self.response_deadline, now):
            raise BookingNotPending(self.status)
        return self._moved(BookingStatus.EXPIRED, BookingEvent.EXPIRED, SYSTEM, now, expired_at=self.response_deadline)

    def reassign(self, *, to: Therapist, by: Caller, now: datetime, window: timedelta) -> "Booking":
        """Offer the booking to another therapist with a new deadline; price and discount stay.

        Raises:
            InvalidTransition: the state does not allow it, its scheduled start is past, that very therapist
                is being asked already, or its customer is forgotten.
            TherapistUnavailable, ValidationFailed: the therapist could not be booked like this either.
        """
        status = self.as_of(now).status
        is_asked = to.therapist_id == self.therapist_id and status is BookingStatus.PENDING
        if is_asked or not self._may_be_reassigned(status, now):
            raise InvalidTransition(status)
        to.price_of(self.duration, self.service_id)
        to.check_comes_to(self.place)
        if self.scheduled_time is None:
            to.check_can_start_now()
        else:
            to.check_can_start_at(self.scheduled_time, self.duration, now)
        return self._moved(
            BookingStatus.PENDING,
            BookingEvent.REASSIGNED,
            by,
            now,
            previous_therapist_id=self.therapist_id,
            therapist_id=to.therapist_id,
            therapist_name=to.name,
            therapist_type=to.therapist_type,
            time_zone=to.time_zone,
            buffer_minutes=to.buffer_minutes,
            buffer_before_minutes=to.buffer_before_minutes,
            distance_km=to.distance_to(self.place),
            offered_at=now,
            response_deadline=deadline_for(now, window, self.scheduled_time),
            declined_at=None,
            expired_at=None,
        )

    def redispatch(self, *, to: Therapist, by: Caller, now: datetime, window: timedelta) -> "Booking":
        """Offer the booking anew to somebody whom its customer chose, at that therapist's own price, without discount.

        Raises:
            NotFound: the caller is not its customer.
            InvalidTransition: the state does not allow it.
            TherapistUnavailable, ValidationFailed: the therapist could not be booked like this.
        """
        if not self.is_customer(by):
            raise NotFound
        if not self.may_be_redispatched(now):
            raise InvalidTransition(self.as_of(now).status)
        price = to.price_of(self.duration, self.service_id)
        to.check_comes_to(self.place)
        if self.scheduled_time is None:
            to.check_can_start_now()
        else:
            to.check_can_start_at(self.scheduled_time, self.duration, now)
        offered = self._moved(
            BookingStatus.PENDING,
            BookingEvent.REDISPATCHED,
            by,
            now,
            previous_therapist_id=self.therapist_id,
            therapist_id=to.therapist_id,
            therapist_name=to.name,
            therapist_type=to.therapist_type,
            time_zone=to.time_zone,
            buffer_minutes=to.buffer_minutes,
            buffer_before_minutes=to.buffer_before_minutes,
            distance_km=to.distance_to(self.place),
            offered_at=now,
            redispatched_at=now,
            response_deadline=deadline_for(now, window, self.scheduled_time),
            list_price=price,
            price=price,
            discount=0,
            discount_code=None,
            discount_counters=(),
            service_name=to.service_name(self.duration, self.service_id),
        )
        return replace(
            offered,
            confirmed_at=None,
            confirmed_therapist_id=None,
            therapist_whats_app=None,
            declined_at=None,
            expired_at=None,
            cancelled_at=None,
            cancelled_by=None,
            cancellation_fee=None,
            no_show_at=None,
            no_show_by=None,
            visit_step=None,
            en_route_at=None,
            arrived_at=None,
            started_at=None,
            start_code=None,
            ends_at=end_of(self.scheduled_time, self.duration),
        )

    def reschedule(
        self, to: datetime, *, therapist: Therapist, by: Caller, now: datetime, window: timedelta
    ) -> "Booking":
        """Move the visit at once: a pending one by its customer, with a new deadline, or either by an admin.

        Raises:
            NotFound: the caller may not see the booking.
            InvalidTransition: the state does not allow it, or it has no agreed time.
            ValidationFailed: the therapist could not be booked for then.
        """
        self.check_visible_to(by)
        if not self._may_be_rescheduled_by(by, now):
            raise InvalidTransition(self.as_of(now).status)
        therapist.check_can_start_at(to, self.duration, now)
        anew: dict[str, Any] = {}
        if self.status is BookingStatus.PENDING:
            anew = {"offered_at": now, "response_deadline": deadline_for(now, window, to)}
        moved = replace(self, scheduled_time=to, ends_at=end_of(to, self.duration), proposal=None)
        return moved._noted(BookingEvent.RESCHEDULED, by, now, **anew)  # noqa: SLF001 - of the same class

    def propose(self, to: datetime, *, therapist: Therapist, by: Caller, now: datetime, window: timedelta) -> "Booking":
        """Ask the other party for another time; both times are held until they answer.

        Raises:
            NotFound: the caller is not a party.
            InvalidTransition: it is not confirmed, has no agreed time, has begun, or another proposal is open.
            ValidationFailed: the therapist could not be booked for then, or it is that time already.
        """
        self._check_movable(by, now)
        if self.open_proposal(now) is not None or self.scheduled_time is None:
            raise InvalidTransition(self.status)
        if to == self.scheduled_time:
            raise ValidationFailed.at("scheduledTime", "The visit is at this time already.")  # noqa: EM101 - a path
        therapist.check_can_start_at(to, self.duration, now)
        expires_at = min(now + window, self.scheduled_time, to)
        proposal = Proposal(scheduled_time=to, by=by.role, expires_at=expires_at)
        return self._noted(BookingEvent.PROPOSED, by, now, proposal=proposal)

    def answer_proposal(self, *, accepted: bool, by: Caller, now: datetime) -> "Booking":
        """Take the other party's proposal, or do not.

        Raises:
            NotFound: the caller is not a party.
            InvalidTransition: none of the other party is open.
        """
        self._check_movable(by, now)
        proposal = self.open_proposal(now)
        if proposal is None or proposal.by is by.role:
            raise InvalidTransition(self.status)
        if not accepted:
            return self._noted(BookingEvent.PROPOSAL_DECLINED, by, now, proposal=None)
        return self._noted(
            BookingEvent.PROPOSAL_ACCEPTED,
            by,
            now,
            proposal=None,
            scheduled_time=proposal.scheduled_time,
            ends_at=end_of(proposal.scheduled_time, self.duration),
        )

    def withdraw_proposal(self, *, by: Caller, now: datetime) -> "Booking":
        """Take one's own proposal back.

        Raises:
            NotFound: the caller is not a party.
            InvalidTransition: none of the caller is open.
        """
        self._check_movable(by, now)
        proposal = self.open_proposal(now)
        if proposal is None or proposal.by is not by.role:
            raise InvalidTransition(self.status)
        return self._noted(BookingEvent.PROPOSAL_WITHDRAWN, by, now, proposal=None)

    def end_proposal(self, *, now: datetime) -> "Booking":
        """Write down that a proposal has expired.

        Raises:
            InvalidTransition: there is none, or it is still open.
        """
        if self.status is not BookingStatus.CONFIRMED or self.proposal is None or self.open_proposal(now) is not None:
            raise InvalidTransition(self.status)
        return self._noted(BookingEvent.PROPOSAL_EXPIRED, SYSTEM, now, proposal=None)

    def erase(self, *, by: Caller, now: datetime, stand_in: str) -> "Booking":
        """Forget who the customer was, at their own wish; what the books need stays.

        Args:
            by: the customer.
            now: the present.
            stand_in: what stands for the telephone number from now on, the same for the same number.

        Raises:
            NotFound: the caller is not its customer.
            InvalidTransition: it is not over yet.
        """
        if not self.is_customer(by):
            raise NotFound
        if self.status in LIVE:
            raise InvalidTransition(self.status)
        return replace(
            self,
            customer_name=FORGOTTEN,
            customer_whats_app=stand_in,
            location=None,
            distance_km=None,
            room_number=None,
            reason=None,
            request_hash=hashlib.sha256(stand_in.encode() + self.booking_id.encode()).hexdigest(),
            discount_counters=tuple(counter for counter in self.discount_counters if counter != "customer"),
            event=BookingEvent.ERASED,
            actor_id=by.user_id,
            actor_role=by.role,
            updated_at=max(now, self.updated_at),
            version=self.version + 1,
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

    def _check_answerable(self, by: Caller, now: datetime) -> None:
        if not self.is_therapist(by):
            raise NotFound
        if self.as_of(now).status is BookingStatus.EXPIRED:
            raise DeadlinePassed(BookingStatus.EXPIRED)
        if self.status is not BookingStatus.PENDING:
            raise BookingNotPending(self.status)

    def may_be_cancelled_by(self, caller: Caller, now: datetime) -> bool:
        """Say whether somebody could call the visit off now."""
        status = self.as_of(now).status
        if status is BookingStatus.PENDING:
            return caller.is_admin or self.is_customer(caller)
        if status is not BookingStatus.CONFIRMED:
            return False
        is_ahead = self.begins_at is not None and now < self.begins_at and self.started_at is None
        if self.is_therapist(caller):
            return is_ahead and self.arrived_at is None
        return caller.is_admin or (self.is_customer(caller) and is_ahead)

    def may_be_redispatched(self, now: datetime) -> bool:
        """Say whether its customer may choose somebody else: nobody took it, or the therapist fell away."""
        seen = self.as_of(now)
        match seen.status:
            case BookingStatus.DECLINED | BookingStatus.EXPIRED:
                fell_away = True
            case BookingStatus.CANCELLED:
                fell_away = seen.cancelled_by is Role.THERAPIST
            case BookingStatus.NO_SHOW:
                fell_away = seen.no_show_by is Role.THERAPIST
            case _:
                fell_away = False
        return fell_away and not self.is_erased and (self.scheduled_time is None or now < self.scheduled_time)

    def _check_movable(self, by: Caller, now: datetime) -> None:
        if not self.is_party(by):
            raise NotFound
        if not self._may_be_moved(now):
            raise InvalidTransition(self.as_of(now).status)

    def _may_be_moved(self, now: datetime) -> bool:
        """Say whether the parties can agree on another time."""
        return self.status is BookingStatus.CONFIRMED and self._is_ahead(now)

    def _may_be_rescheduled_by(self, caller: Caller, now: datetime) -> bool:
        status = self.as_of(now).status
        if status is BookingStatus.PENDING:
            return self.scheduled_time is not None and (caller.is_admin or self.is_customer(caller))
        return caller.is_admin and status is BookingStatus.CONFIRMED and self._is_ahead(now)

    def _is_ahead(self, now: datetime) -> bool:
        is_ahead = self.scheduled_time is not None and now < self.scheduled_time
        return is_ahead and self.started_at is None

    def _check_start_code(self, given: str | None) -> None:
        """Ask for the customer's code before a visit is started, where it has one."""
        if self.start_code is not None and self.started_at is None and given != self.start_code:
            raise ValidationFailed.at("startCode", "This needs the customer's code.")  # noqa: EM101 - a path

    def _completed(self, by: Caller, now: datetime) -> "Booking":
        return self._moved(
            BookingStatus.COMPLETED, BookingEvent.COMPLETED, by, now, completed_at=now, completed_by=by.role
        )

    def _may_be_reassigned(self, status: BookingStatus, now: datetime) -> bool:
        open_states = {BookingStatus.PENDING, BookingStatus.DECLINED, BookingStatus.EXPIRED}
        return (
            status in open_states and not self.is_erased and (self.scheduled_time is None or now < self.scheduled_time)
        )

    def _has_begun(self, now: datetime) -> bool:
        return self.scheduled_time is None or now >= self.scheduled_time

    def _moved(
        self,
        status: BookingStatus,
        event: BookingEvent,
        by: Caller,
        now: datetime,
        **changes: Any,  # noqa: ANN401 - each key is a field of the class, which replace() checks
    ) -> "Booking":
        if status not in TRANSITIONS[self.status]:
            raise InvalidTransition(self.status)
        return self._noted(event, by, now, status=status, proposal=None, **changes)

    def _noted(
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
