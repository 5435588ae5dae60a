"""States of a booking, the steps between them, and what a deadline decides."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never


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


DEADLINE_RULES: Final[Mapping[BookingEvent, DeadlineRule]] = {
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


REVEALING: Final = frozenset({BookingStatus.CONFIRMED, BookingStatus.COMPLETED})
"""The states in which the therapist sees the customer's number and exact place."""
