"""The open requests of one WhatsApp number: what makes a second one a duplicate, a question, or too many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, final

from marketplace.domain.refusals import ConfirmationRequired, DuplicateBooking, TooManyRequests

MOST_PENDING: Final = 3


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A pending booking of the number; it counts until ``held_until`` at the latest."""

    booking_id: str
    therapist_id: str
    customer_id: str
    held_until: datetime


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequests:
    """Every open request of one number; ``version`` 0 means that none was ever stored."""

    whats_app: str
    requests: Mapping[str, OpenRequest] = field(default_factory=dict)
    version: int = 0

    def live(self, now: datetime) -> tuple[OpenRequest, ...]:
        """Return the requests that still count."""
        return tuple(request for request in self.requests.values() if now < request.held_until)

    def check_may_open(self, wanted: OpenRequest, *, confirmed: bool, limit_scale: int, now: datetime) -> None:
        """Refuse a duplicate, one too many, or one that needs the customer's word.

        ``confirmed`` is the customer's word that a request beside those with other therapists is meant.
        Only the caller's own bookings are ever named.
        """
        others = [request for request in self.live(now) if request.booking_id != wanted.booking_id]
        for request in others:
            if request.therapist_id == wanted.therapist_id:
                own = request.customer_id == wanted.customer_id
                raise DuplicateBooking(request.booking_id if own else None)
        if len(others) >= MOST_PENDING * limit_scale:
            soonest = min(request.held_until for request in others)
            raise TooManyRequests(retry_after=max(1, int((soonest - now).total_seconds())))
        if others and not confirmed:
            named = [request.booking_id for request in others if request.customer_id == wanted.customer_id]
            raise ConfirmationRequired(named)
