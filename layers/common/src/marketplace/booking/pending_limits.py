"""How many pending bookings one customer, and all customers of one network, may have at once."""

from collections.abc import Collection, Mapping
from copy import replace
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct, field

from marketplace.booking.model import Booking
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.dynamodb.actions import Action, Put, Update, absent, at_version
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.record import Record
from marketplace.platform.refusals import TooManyRequests

MOST_OF_CUSTOMER: Final = 5
MOST_OF_NETWORK: Final = 40
"""A hotel's guests may share one address."""
_KEPT_AFTER: Final = timedelta(hours=1)


@final
class PendingLimit(Struct, frozen=True, kw_only=True):
    """Whose pending bookings are counted, and how many there may be; ``most`` is scaled already."""

    owner: str
    """``customer#c-wayan``, or a pseudonym of a network: ``network#4f1c…``."""
    most: int

    @property
    def key(self) -> dict[str, str]:
        """The key of the list among the claims."""
        return {"claimKey": f"pending#{self.owner}", "claimId": "open"}


@final
class PendingList(Record, frozen=True, kw_only=True):
    """The bookings that count against a limit, by when they no longer do; ``version`` 0 means none was ever stored.

    Nothing is taken from it when a booking is answered: whoever would be refused looks at the bookings themselves.
    """

    owner: str
    held_until: Mapping[str, Instant] = field(default_factory=dict)
    version: int = 0

    def live(self, now: datetime) -> frozenset[str]:
        """Return the bookings that still count."""
        return frozenset(booking_id for booking_id, until in self.held_until.items() if now < until)

    def without(self, booking_ids: Collection[str]) -> "PendingList":
        """Return the list as it is once those bookings have been answered."""
        left = {each: until for each, until in self.held_until.items() if each not in booking_ids}
        return replace(self, held_until=left)

    def is_full(self, most: int, now: datetime) -> bool:
        """Say whether no other booking fits in."""
        return len(self.live(now)) >= most

    def check_room(self, most: int, now: datetime) -> None:
        """Refuse one too many.

        Raises:
            TooManyRequests: none fits in until the first of them has run out of time.
        """
        if self.is_full(most, now):
            soonest = min(until for until in self.held_until.values() if now < until)
            raise TooManyRequests(retry_after=max(1, int((soonest - now).total_seconds())))


def pending_list_of(owner: str, item: Item | None) -> PendingList:
    """Return the list that an item holds, an empty one where there is no item."""
    return from_record(PendingList, {**(item or {}), "owner": owner})


def adding_pending(stored: PendingList, kept: PendingList, limit: PendingLimit, booking: Booking) -> Action:
    """Return the action that counts a booking; what is not ``kept`` of the ``stored`` ones makes room for it."""
    expires_at = int((booking.response_deadline + _KEPT_AFTER).timestamp())
    if stored.version == 0:
        return Put(
            label=f"pending:{limit.owner}",
            table="claims",
            item={
                **limit.key,
                "heldUntil": {booking.booking_id: format_utc(booking.response_deadline)},
                "version": 1,
                "expiresAtEpoch": expires_at,
            },
            condition=absent("version"),
        )
    live = kept.live(booking.created_at)
    return Update(
        label=f"pending:{limit.owner}",
        table="claims",
        key=limit.key,
        condition=at_version(stored.version),
        assign={
            f"heldUntil.{booking.booking_id}": format_utc(booking.response_deadline),
            "expiresAtEpoch": expires_at,
        },
        remove=[f"heldUntil.{each}" for each in stored.held_until if each not in live and each != booking.booking_id],
        add={"version": 1},
    )
