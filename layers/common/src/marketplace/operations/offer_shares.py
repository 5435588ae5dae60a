"""How offers were spread over therapists lately, by which admins see whether the ranking of alternatives is fair."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import Bookings
from marketplace.platform.money import BASIS_POINTS


@final
class OfferShare(Struct, frozen=True, kw_only=True):
    """What one therapist was offered; counts of bookings, the share of all offers in basis points."""

    therapist_id: str
    offers: int
    share_bps: int
    accepted: int
    declined: int
    missed: int
    found_anew: int
    """Offers that came to them because somebody else did not take the booking or fell away."""


@final
class OfferShares:
    """Counts the offers of the last days."""

    def __init__(self, bookings: Bookings) -> None:
        """Count in ``bookings``."""
        self._bookings = bookings

    def since(self, since: datetime, now: datetime) -> list[OfferShare]:
        """Return the shares in the offers of bookings made since an instant, the largest first."""
        return shares_of(self._bookings.find_made_since(since), now)


def shares_of(bookings: Iterable[Booking], now: datetime) -> list[OfferShare]:
    """Return everybody's share in the offers of some bookings, the largest first; equals by their ids."""
    offers, anew = Counter[str](), Counter[str]()
    outcomes = Counter[tuple[str, str]]()
    for booking in bookings:
        if booking.is_test:
            continue
        for therapist_id in _offered_before(booking):
            offers[therapist_id] += 1
        offers[booking.therapist_id] += 1
        anew[booking.therapist_id] += booking.redispatched_at is not None
        outcomes[booking.therapist_id, _outcome(booking, now)] += 1
    total = max(1, offers.total())
    shares = [
        OfferShare(
            therapist_id=therapist_id,
            offers=count,
            share_bps=round(BASIS_POINTS * count / total),
            accepted=outcomes[therapist_id, "accepted"],
            declined=outcomes[therapist_id, "declined"],
            missed=outcomes[therapist_id, "missed"],
            found_anew=anew[therapist_id],
        )
        for therapist_id, count in offers.items()
    ]
    return sorted(shares, key=lambda share: (-share.offers, share.therapist_id))


def _offered_before(booking: Booking) -> Iterator[str]:
    """Yield who was offered it before its present therapist, as far as the booking itself remembers."""
    yield from booking.asked
    former = booking.previous_therapist_id
    if former is not None and former not in booking.asked and former != booking.therapist_id:
        yield former


def _outcome(booking: Booking, now: datetime) -> str:
    if booking.confirmed_at is not None:
        return "accepted"
    match booking.as_of(now).status:
        case BookingStatus.DECLINED:
            return "declined"
        case BookingStatus.EXPIRED:
            return "missed"
        case _:
            return "open"
