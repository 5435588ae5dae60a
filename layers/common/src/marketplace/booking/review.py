"""What the parties of a completed visit say of each other: each once, and neither before the other has spoken.

A review is hidden until both are in or seven days are over since the completion; that decides, swept or not.
"""

from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition, NotFound

WRITABLE_FOR: Final = timedelta(days=14)
HIDDEN_FOR: Final = timedelta(days=7)


@final
class Review(Record, frozen=True, kw_only=True):
    """One party's review of one visit."""

    booking_id: str
    author: Role
    therapist_id: str
    customer_id: str
    rating: int
    """1 to 5."""
    created_at: Instant
    show_at: Instant
    """From when on others see it."""
    text: str | None = None
    version: int = 1
    is_counted: bool = False
    """Whether it is in the therapist's rating."""
    reply: str | None = None
    replied_at: Instant | None = None
    is_test: bool = False

    @classmethod
    def of(  # noqa: PLR0913 - what a review consists of
        cls, booking: Booking, *, rating: int, text: str | None, other: "Review | None", by: Caller, now: datetime
    ) -> "Review":
        """Return somebody's review of a visit; the ``other`` party's, if it is in, lets both be seen at once.

        Raises:
            NotFound: the caller is not a party.
            InvalidTransition: the visit is not completed, or it is too late.
        """
        if not booking.is_party(by):
            raise NotFound
        completed_at = booking.completed_at
        if booking.status is not BookingStatus.COMPLETED or completed_at is None or now >= completed_at + WRITABLE_FOR:
            raise InvalidTransition(booking.as_of(now).status)
        return cls(
            booking_id=booking.booking_id,
            author=by.role,
            therapist_id=booking.therapist_id,
            customer_id=booking.customer_id,
            rating=rating,
            text=text,
            created_at=now,
            show_at=now if other is not None else max(now, completed_at + HIDDEN_FOR),
            is_test=booking.is_test,
        )

    def is_shown(self, now: datetime) -> bool:
        """Say whether others than its author see it."""
        return now >= self.show_at

    @property
    def counts(self) -> bool:
        """Say whether it belongs to the therapist's rating."""
        return self.author is Role.CUSTOMER and not self.is_test

    def shown(self, now: datetime) -> "Review":
        """Return it as it is once it is seen and counted."""
        return replace(self, show_at=min(self.show_at, now), is_counted=True, version=self.version + 1)

    def answered(self, text: str, *, by: Caller, now: datetime) -> "Review":
        """Return a customer's review with the therapist's answer.

        Raises:
            NotFound: it is not of the caller.
            InvalidTransition: it is hidden still, or answered already.
        """
        if by.role is not Role.THERAPIST or by.user_id != self.therapist_id:
            raise NotFound
        if not self.is_shown(now) or self.reply is not None:
            raise InvalidTransition
        return replace(self, reply=text, replied_at=now, version=self.version + 1)
