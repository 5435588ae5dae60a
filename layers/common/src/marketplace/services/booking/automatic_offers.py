"""Bookings whose policy has them offered anew by itself: to one therapist after the other, at no higher price."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final, final

from marketplace.booking.model import Booking
from marketplace.booking.model.allowed import may_be_redispatched
from marketplace.booking.model.offers import fell_away_at, looking_since
from marketplace.catalogue.policy.model import Redispatch
from marketplace.catalogue.policy.repository import Policies
from marketplace.platform.caller import SYSTEM
from marketplace.platform.refusals import (
    DuplicateBooking,
    QuoteStale,
    SlotTaken,
    TherapistUnavailable,
    ValidationFailed,
)
from marketplace.services.booking.bookings import BookingCommands
from marketplace.services.booking.rescue import Rescue

_STANDS_AGAINST_ONE: Final = (SlotTaken, TherapistUnavailable, DuplicateBooking, QuoteStale, ValidationFailed)
"""What keeps one therapist from a booking, and perhaps not the next."""


class Looked(Enum):
    """What came of looking for somebody else."""

    OFFERED = "offered"
    LATER = "later"
    """Nobody is free just now, and there is time left."""
    OVER = "over"
    """Nobody is looked for, or not any more."""


@final
class AutomaticOffers:
    """Offers bookings anew in the marketplace's name."""

    def __init__(self, *, rescue: Rescue, commands: BookingCommands, policies: Policies) -> None:
        """Choose by ``rescue`` as customers are shown it, within the bounds of each booking's own policy."""
        self._rescue = rescue
        self._commands = commands
        self._policies = policies

    def look(self, booking: Booking, now: datetime) -> Looked:
        """Offer a booking to the best therapist who costs no more and was not asked yet.

        The booking's version is part of the condition: whatever happens to it meanwhile, there is one offer at a time.

        Raises:
            VersionChanged: something happened to the booking since it was read.
        """
        policy = self._policies.get(booking.policy_version)
        if policy.redispatch is not Redispatch.AUTO or booking.is_test or not may_be_redispatched(booking, now):
            return Looked.OVER
        since, asked = looking_since(booking, fell_away_at(booking, now))
        is_late = now >= since + timedelta(minutes=policy.redispatch_max_minutes)
        if is_late or len(asked) >= policy.redispatch_max_offers:
            return Looked.OVER
        for each in self._rescue.alternatives_to(booking, now, most=None):
            if each.price > booking.price or each.therapist.therapist_id in asked:
                continue
            try:
                self._commands.redispatch(
                    booking.booking_id,
                    to=each.therapist.therapist_id,
                    price=each.price,
                    by=SYSTEM,
                    now=now,
                    expected_version=booking.version,
                )
            except _STANDS_AGAINST_ONE:
                continue
            return Looked.OFFERED
        return Looked.LATER
