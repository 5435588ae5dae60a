"""The open requests of one WhatsApp number: what makes a second one a duplicate, a question, or too many."""

from collections.abc import Collection, Iterable, Mapping
from copy import replace
from datetime import datetime
from typing import Final, final

from msgspec import field

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import ConfirmationRequired, DuplicateBooking, TooManyRequests

MOST_PENDING: Final = 3


@final
class OpenRequest(Record, frozen=True, kw_only=True):
    """A pending booking of the number; it counts until ``held_until`` at the latest."""

    booking_id: str
    therapist_id: str
    customer_id: str
    held_until: Instant


@final
class OpenRequests(Record, frozen=True, kw_only=True):
    """Every open request of one number; ``version`` 0 means that none was ever stored."""

    whats_app: str
    requests: Mapping[str, OpenRequest] = field(default_factory=dict)
    version: int = 0

    def live(self, now: datetime) -> tuple[OpenRequest, ...]:
        """Return the requests that still count."""
        return tuple(request for request in self.requests.values() if now < request.held_until)

    def without(self, booking_ids: Collection[str]) -> "OpenRequests":
        """Return the requests as they are once those bookings are open no more."""
        return replace(
            self, requests={each: request for each, request in self.requests.items() if each not in booking_ids}
        )

    def of_others(self, wanted: OpenRequest, now: datetime) -> tuple[OpenRequest, ...]:
        """Return the requests that count beside ``wanted``."""
        return tuple(request for request in self.live(now) if request.booking_id != wanted.booking_id)

    def check_may_open(self, wanted: OpenRequest, *, confirmed: bool, limit_scale: int, now: datetime) -> None:
        """Refuse a duplicate, one too many, or one that needs the customer's word.

        ``confirmed`` is the customer's word that a request beside those with other therapists is meant.
        Anybody can type a number: what others ask under it is no reason for a question or a limit, and only the
        caller's own bookings are ever named.
        """
        others = self.of_others(wanted, now)
        same_therapist = [request for request in others if request.therapist_id == wanted.therapist_id]
        own = [request for request in others if request.customer_id == wanted.customer_id]
        for request in same_therapist:
            raise DuplicateBooking(request.booking_id if request in own else None)
        if len(own) >= MOST_PENDING * limit_scale:
            soonest = min(request.held_until for request in own)
            raise TooManyRequests(retry_after=max(1, int((soonest - now).total_seconds())))
        if own and not confirmed:
            raise ConfirmationRequired(own_bookings(own, wanted.customer_id))


def own_bookings(requests: Iterable[OpenRequest], customer_id: str) -> tuple[str, ...]:
    """Return the ids of a customer's own bookings among the requests of a number."""
    return tuple(request.booking_id for request in requests if request.customer_id == customer_id)
