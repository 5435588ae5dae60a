"""A booking and its life: pending, answered, and over."""

from marketplace.booking.model.booking import Booking, Proposal
from marketplace.booking.model.states import (
    LIVE,
    REVEALING,
    STAYING,
    TRANSITIONS,
    BookingEvent,
    BookingStatus,
    BookingType,
    DeadlineRule,
    Source,
    VisitStep,
)

__all__ = (
    "LIVE",
    "REVEALING",
    "STAYING",
    "TRANSITIONS",
    "Booking",
    "BookingEvent",
    "BookingStatus",
    "BookingType",
    "DeadlineRule",
    "Proposal",
    "Source",
    "VisitStep",
)
