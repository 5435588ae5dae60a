"""Ringing once more at therapists who have not answered an offer."""

from datetime import datetime
from typing import final

from marketplace.booking.model import Booking
from marketplace.booking.repository import SHARDS, Bookings, checking_booking
from marketplace.booking.ringing import due_ring
from marketplace.notification.repository import adding_notice
from marketplace.platform.dynamodb.store import Store, TransactionRefused
from marketplace.services.announcements import ringing_notice


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
