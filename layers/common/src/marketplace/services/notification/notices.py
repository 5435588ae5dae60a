"""Ringing once more at therapists who have not answered an offer, and taking back what rang for one that fell away."""

from datetime import datetime
from typing import Final, final

from marketplace.booking.model import Booking, BookingEvent, BookingStatus
from marketplace.booking.repository import SHARDS, Bookings, checking_booking
from marketplace.booking.ringing import due_ring
from marketplace.notification.repository import Notices, adding_notice
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.store import Store
from marketplace.services.notification.announcements import ringing_notice


@final
class Rings:
    """The rings of offers that stand."""

    def __init__(self, store: Store, bookings: Bookings) -> None:
        """Ring for offers among ``bookings`` in ``store``."""
        self._store = store
        self._bookings = bookings

    def ring_all(self, now: datetime) -> tuple[int, int]:
        """Write every ring that is due; return how many offers stand, and for how many this call rang."""
        offers = [offer for shard in range(SHARDS) for offer in self._bookings.find_offers(shard, now)]
        return len(offers), sum(self.ring(offer, now) for offer in offers)

    def ring(self, offer: Booking, now: datetime) -> bool:
        """Write the ring that is due for an offer, once and only while it stands; say whether this call did."""
        moment = due_ring(offer, now)
        if moment is None:
            return False
        try:
            self._store.transact([checking_booking(offer), adding_notice(ringing_notice(offer), moment, offer.version)])
        except TransactionRefused:
            return False
        return True


_CALLED_OFF: Final = frozenset({BookingEvent.CANCELLED, BookingEvent.REASSIGNED})


def falls_away(before: Booking, after: Booking) -> bool:
    """Say whether a change ends an offer without the therapist's yes."""
    if before.status is not BookingStatus.PENDING or after.status is BookingStatus.CONFIRMED:
        return False
    same_offer = (before.therapist_id, before.offered_at) == (after.therapist_id, after.offered_at)
    return after.status is not BookingStatus.PENDING or not same_offer


def withdraw(notices: Notices, offer: Booking, end: Booking) -> int:
    """Take what rang for an offer that fell away out of its therapist's unread ones; return how many there were.

    If they had seen nothing of it, they need not read that it was called off either. That it ran out of time
    stays news: they missed it.
    """
    unread = notices.find_unread_about(
        offer.therapist_id, offer.booking_id, since=offer.offered_at, until=end.updated_at
    )
    was_seen = not any(version < end.version for _, version in unread)
    # The end first: cut off in between, a repeat must still see that the offer was not read.
    return sum(
        notices.withdraw(offer.therapist_id, notification_id)
        for notification_id, version in sorted(unread, key=lambda each: each[1], reverse=True)
        if version < end.version or (end.event in _CALLED_OFF and not was_seen)
    )
