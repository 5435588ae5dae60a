"""How often the marketplace rings at a therapist who has not answered an offer."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from marketplace.booking.model import Booking, BookingStatus

RINGS_AFTER: Final = (timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=13))
"""After the first ring, which comes with the offer itself."""
_LATEST: Final = timedelta(minutes=3)
"""How late the last ring may still come."""


def due_ring(booking: Booking, now: datetime) -> datetime | None:
    """Return the moment of the ring that is due, if one is: the latest that has come, and no earlier one.

    It names the ring: whoever finds it again finds the same moment, until the next one comes.
    """
    if booking.as_of(now).status is not BookingStatus.PENDING:
        return None
    moments = [booking.offered_at + after for after in RINGS_AFTER]
    return next((ring for ring, until in pairwise([*moments, moments[-1] + _LATEST]) if ring <= now < until), None)
