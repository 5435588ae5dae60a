"""A therapist who lets offers run out of time, several in a row, goes offline and is told."""

from copy import replace
from datetime import datetime
from typing import final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import Bookings
from marketplace.catalogue.policy.repository import Policies
from marketplace.catalogue.repository import Catalogue
from marketplace.catalogue.therapist.model import Presence, Therapist
from marketplace.notification.announcement import Notice
from marketplace.platform.caller import SYSTEM, Role
from marketplace.platform.dynamodb.records import readable_records


@final
class MissedOffers:
    """What follows from offers that nobody answered."""

    def __init__(self, *, bookings: Bookings, catalogue: Catalogue, policies: Policies) -> None:
        """Judge therapists of ``catalogue`` by their ``bookings``."""
        self._bookings = bookings
        self._catalogue = catalogue
        self._policies = policies

    def judge(self, expired: Booking, now: datetime) -> bool:
        """Take the therapist of an expired offer offline, if the policy says so; say whether this call did.

        The latest offers since the therapist last changed anything count, so that whoever comes back begins anew.
        """
        most = self._policies.get(expired.policy_version).missed_offers_until_offline
        if most is None:
            return False
        therapist = self._catalogue.therapist(expired.therapist_id)
        if therapist.status is not Presence.ONLINE or not self._has_missed(therapist, expired, most, now):
            return False
        notice = Notice(user_id=therapist.therapist_id, role=Role.THERAPIST, kind="went_offline", parameters={})
        self._catalogue.change_therapist(
            therapist.therapist_id,
            lambda before: replace(before, status=Presence.OFFLINE),
            by=SYSTEM,
            now=now,
            announcing=notice,
        )
        return True

    def _has_missed(self, therapist: Therapist, expired: Booking, most: int, now: datetime) -> bool:
        page = self._bookings.find_page(
            index="byTherapist", attribute="therapistId", value=therapist.therapist_id, limit=2 * most
        )
        known = {booking.booking_id: booking for booking in readable_records(Booking, page.items, key="bookingId")}
        known[expired.booking_id] = expired  # which the index may not show yet
        offers = sorted(
            (
                booking.as_of(now)
                for booking in known.values()
                if therapist.updated_at is None or booking.offered_at >= therapist.updated_at
            ),
            key=lambda booking: booking.offered_at,
            reverse=True,
        )
        answered = [booking for booking in offers if booking.status is not BookingStatus.PENDING][:most]
        return len(answered) == most and all(booking.status is BookingStatus.EXPIRED for booking in answered)
