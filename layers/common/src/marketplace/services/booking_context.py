"""A booking with what decisions about it need, in one read."""

from typing import TYPE_CHECKING, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_key
from marketplace.catalogue.repository import therapist_key
from marketplace.catalogue.therapist import Therapist
from marketplace.chat.model import Room
from marketplace.chat.repository import room_key
from marketplace.platform import identifiers
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.record import Record
from marketplace.platform.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping


@final
class BookingContext(Struct, frozen=True, kw_only=True):
    """A booking, its room, and the therapist whom a command is about, if one is named."""

    booking: Booking
    room: Room | None
    therapist: Therapist | None = None


def load_booking(store: Store, booking_id: str, *, with_therapist: str | None = None) -> BookingContext:
    """Return a booking with its room, and a therapist if one is named, in one read.

    Raises:
        NotFound: there is no such booking.
    """
    wanted: list[tuple[str, Mapping[str, str]]] = [booking_key(booking_id), room_key(identifiers.room_id(booking_id))]
    if with_therapist is not None:
        wanted.append(therapist_key(with_therapist))
    booking_item, room_item, *rest = store.batch_get(wanted)
    if booking_item is None:
        raise NotFound
    return BookingContext(
        booking=from_record(Booking, booking_item),
        room=optional(Room, room_item),
        therapist=optional(Therapist, rest[0]) if rest else None,
    )


def optional[T: Record](kind: type[T], item: Item | None) -> T | None:
    """Return what an item holds, nothing where there is no item."""
    return None if item is None else from_record(kind, item)
