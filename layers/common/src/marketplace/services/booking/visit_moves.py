"""Visits move to another time: at once, or as their parties agree by a proposal that the other answers."""

from datetime import datetime, timedelta
from typing import Protocol, final

from marketplace.booking.model import Booking, moves
from marketplace.booking.repository import Bookings
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import Caller
from marketplace.platform.refusals import (
    NotFound,
    VersionChanged,
)
from marketplace.services.booking.changes import BookingChanges, Done
from marketplace.services.booking.context import BookingContext, MoneyReads


class Decide(Protocol):
    """A decision of the model about another time."""

    def __call__(  # noqa: D102, PLR0913 - as the model's functions say
        self, booking: Booking, to: datetime, *, therapist: Therapist, by: Caller, now: datetime, window: timedelta
    ) -> Booking: ...


@final
class VisitMoves:
    """The commands by which a visit moves, one method each; see :class:`BookingCommands` on ``expected_version``."""

    def __init__(self, changes: BookingChanges, bookings: Bookings) -> None:
        """Change bookings by ``changes``."""
        self._changes = changes
        self._bookings = bookings

    def reschedule(
        self, booking_id: str, to: datetime, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Move a visit at once: old time out, new one in, checked like a new booking.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, TherapistUnavailable, VersionChanged: as the model says.
            SlotTaken: another booking holds the time.
        """
        return self._move(booking_id, moves.reschedule, to, by=by, now=now, expected_version=expected_version)

    def propose(
        self, booking_id: str, to: datetime, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Ask the other party for another time, and hold both.

        Raises:
            NotFound, InvalidTransition, ValidationFailed, TherapistUnavailable, VersionChanged: as the model says.
            SlotTaken: another booking holds the time.
        """
        return self._move(booking_id, moves.propose, to, by=by, now=now, expected_version=expected_version)

    def accept_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Take the other party's time: hold, visit and the commission's deadline move together.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._changes.change(
            booking_id,
            lambda context: moves.answer_proposal(context.booking, accepted=True, by=by, now=now),
            now=now,
            expected_version=expected_version,
            money=MoneyReads.COMMISSION,
        )

    def decline_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Leave the visit at its time; the other one is free at once.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._changes.change(
            booking_id,
            lambda context: moves.answer_proposal(context.booking, accepted=False, by=by, now=now),
            now=now,
            expected_version=expected_version,
        )

    def withdraw_proposal(
        self, booking_id: str, *, by: Caller, now: datetime, expected_version: int | None = None
    ) -> Done:
        """Take one's own proposal back; the time is free at once.

        Raises:
            NotFound, InvalidTransition, VersionChanged: as the model says.
        """
        return self._changes.change(
            booking_id,
            lambda context: moves.withdraw_proposal(context.booking, by=by, now=now),
            now=now,
            expected_version=expected_version,
        )

    def end_proposal(self, booking_id: str, *, now: datetime) -> Done:
        """Write down that a proposal has expired, which it has whether or not anybody writes that down.

        Raises:
            NotFound, InvalidTransition: as the model says.
        """
        return self._changes.change(booking_id, lambda context: moves.end_proposal(context.booking, now=now), now=now)

    def _move(  # noqa: PLR0913 - which visit, how, to when, by whom
        self,
        booking_id: str,
        decide: Decide,
        to: datetime,
        *,
        by: Caller,
        now: datetime,
        expected_version: int | None,
    ) -> Done:
        """Decide on another time with the booking's therapist at hand, who is known only once it has been read."""
        seen = self._bookings.get(booking_id)
        seen.check_visible_to(by)

        def with_therapist(context: BookingContext) -> Booking:
            booking, therapist = context.booking, context.therapist
            if therapist is None:
                raise NotFound
            if therapist.therapist_id != booking.therapist_id:
                raise VersionChanged(booking.as_of(now).status, booking.version)
            window = self._changes.policy_of(booking).response_window
            return decide(booking, to, therapist=therapist, by=by, now=now, window=window)

        return self._changes.change(
            booking_id,
            with_therapist,
            now=now,
            expected_version=expected_version,
            with_therapist=seen.therapist_id,
            money=MoneyReads.COMMISSION,
        )
