"""What can still be done when a booking's therapist did not take it or fell away: who else could."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, final

from marketplace.booking.alternatives import MOST, Alternative, candidate, ranked, wanted_hold
from marketplace.booking.calendar.model import days_of_local_date
from marketplace.booking.holds import Holds, requests_key, requests_of
from marketplace.booking.model import Booking, allowed
from marketplace.booking.repository import Bookings
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import Therapist
from marketplace.moderation.blocks import blocked_among
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound, Refusal

_PAGE: Final = 100
_LOOKED_AT: Final = 12
"""So many of the best are asked for their time, so that an answer costs the same however many therapists there are."""


@final
class Rescue:
    """Finds alternatives."""

    def __init__(
        self, store: Store, *, bookings: Bookings, catalogue: Catalogue, holds: Holds, policies: Policies
    ) -> None:
        """Look for them among the therapists of ``catalogue``, whose time is in ``holds``; blocks are in ``store``."""
        self._store = store
        self._bookings = bookings
        self._catalogue = catalogue
        self._holds = holds
        self._policies = policies

    def alternatives(self, booking_id: str, *, by: Caller, now: datetime) -> list[Alternative]:
        """Return at most three who can take a booking now, best first; nobody while its therapist still can.

        Raises:
            NotFound: there is no such booking, or it is another customer's.
        """
        booking = self._bookings.get(booking_id)
        if by.role is Role.CUSTOMER and not booking.is_customer(by):
            raise NotFound
        return list(self.alternatives_to(booking, now, most=MOST))

    def alternatives_to(self, booking: Booking, now: datetime, *, most: int | None) -> Iterator[Alternative]:
        """Yield who can take a booking now by every rule of a new one, best first.

        ``most`` bounds how many are wanted; without it everybody who was looked at is.
        """
        if not allowed.may_be_redispatched(booking, now):
            return
        policy = self._policies.in_force()
        fitting = (candidate(booking, each, now) for each in self._listed() if policy.lets_offer_to(each, now))
        best = ranked(each for each in fitting if each is not None)[:_LOOKED_AT]
        ids = [each.therapist.therapist_id for each in best]
        without = self._out_of_question(booking, ids, now) if ids else frozenset()
        free = (
            each for each in best if each.therapist.therapist_id not in without and self._is_free(booking, each, now)
        )
        yield from islice(free, most)

    def _out_of_question(self, booking: Booking, therapist_ids: Sequence[str], now: datetime) -> frozenset[str]:
        """Return who has blocked its customer, or was, and whom its number is asking already."""
        (item,) = self._store.batch_get([("claims", requests_key(booking.customer_whats_app))])
        others = (each for each in requests_of(booking.customer_whats_app, item).live(now))
        asked = {each.therapist_id for each in others if each.booking_id != booking.booking_id}
        return blocked_among(self._store, booking.customer_id, therapist_ids) | asked

    def _listed(self) -> Iterator[Therapist]:
        start: Mapping[str, Any] | None = None
        while True:
            page = self._catalogue.find_therapists(limit=_PAGE, start=start)
            yield from readable_records(Therapist, page.items, key="therapistId")
            start = page.next_key
            if start is None:
                return

    def _is_free(self, booking: Booking, alternative: Alternative, now: datetime) -> bool:
        therapist = alternative.therapist
        window = self._policies.get(booking.policy_version).response_window
        wanted = wanted_hold(booking, alternative, now + window)
        days = sorted({*wanted.days, *days_of_local_date(alternative.starts_at, therapist.zone)})
        calendar = self._holds.standing_calendar(therapist.therapist_id, days, now, beds=therapist.beds)
        try:
            calendar.check_free(wanted, now)
            calendar.check_day(wanted, therapist.zone, therapist.visits_per_day, now)
        except Refusal:
            return False
        return True
