"""What can still be done when a booking's therapist did not take it or fell away: who else could."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.alternatives import MOST, Alternative, candidate, ranked, wanted_hold
from marketplace.booking.calendar.model import days_of_local_date
from marketplace.booking.holds import Holds
from marketplace.booking.model import Booking, allowed
from marketplace.booking.repository import Bookings
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import Caller, Role
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.refusals import NotFound, Refusal

_PAGE: Final = 100
_LOOKED_AT: Final = 12
"""So many of the best are asked for their time, so that an answer costs the same however many therapists there are."""


@final
class Rescue:
    """Finds alternatives."""

    def __init__(self, *, bookings: Bookings, catalogue: Catalogue, holds: Holds, policies: Policies) -> None:
        """Look for them among the therapists of ``catalogue``, whose time is in ``holds``."""
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
        if not allowed.may_be_redispatched(booking, now):
            return []
        found: list[Alternative] = []
        fitting = (candidate(booking, each, now) for each in self._listed())
        for alternative in ranked(each for each in fitting if each is not None)[:_LOOKED_AT]:
            if self._is_free(booking, alternative, now):
                found.append(alternative)
            if len(found) == MOST:
                break
        return found

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
