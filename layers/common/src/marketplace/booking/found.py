"""What admins look for among bookings: a part of a name, a telephone number in any writing, or an id."""

from typing import Final, final

from msgspec import Struct
from pydantic_core import PydanticCustomError

from marketplace.identity.phone.numbers import HOME_REGION
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.text.folding import folded

_TELEPHONE: Final = frozenset("0123456789 +-.()")


@final
class LookedFor(Struct, frozen=True, kw_only=True):
    """Words of a search, read in every way in which they could be meant."""

    booking_id: str
    name: str
    number: str | None
    """In E.164, where the words can be read as one."""

    def fits(self, booking: Item) -> bool:
        """Say whether a stored booking is one of those that are meant."""
        return (
            booking.get("bookingId") == self.booking_id
            or (self.number is not None and booking.get("customerWhatsApp") == self.number)
            or bool(self.name and self.name in folded(str(booking.get("customerName", ""))))
        )


def looked_for(words: str) -> LookedFor:
    """Return what the words of a search can mean."""
    return LookedFor(booking_id=words, name=folded(words).strip(), number=_number(words))


def _number(words: str) -> str | None:
    if not set(words) <= _TELEPHONE:
        return None
    from marketplace.identity.phone.plans import read_whats_app_number  # noqa: PLC0415 - the plans are large

    try:
        return read_whats_app_number(words, HOME_REGION)
    except PydanticCustomError:
        return None
