"""A booking with what decisions about it need, in one read."""

from enum import Flag, auto
from typing import TYPE_CHECKING, final

from msgspec import Struct

from marketplace.booking.model import Booking
from marketplace.booking.repository import booking_key
from marketplace.catalogue.repository import therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.model import Room
from marketplace.chat.rows import room_key
from marketplace.commission.ledger.repository import credits_in, credits_key
from marketplace.commission.model import Commission
from marketplace.commission.repository import commission_key
from marketplace.platform import identifiers
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records
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
    commission: Commission | None = None
    """Where it was asked for, and can be read: one that is lost or malformed is for the audit, and holds nobody up."""
    credits: int = 0
    """What the marketplace owes the named therapist, where it was asked for; in rupiah."""


class MoneyReads(Flag):
    """What is read of a booking's money for a decision."""

    NOTHING = 0
    COMMISSION = auto()
    CREDITS = auto()
    """Of the named therapist."""


def load_booking(
    store: Store, booking_id: str, *, with_therapist: str | None = None, money: MoneyReads = MoneyReads.NOTHING
) -> BookingContext:
    """Return a booking with its room, a therapist if one is named, and what is asked for of its money, in one read.

    Raises:
        NotFound: there is no such booking.
    """
    keys: list[tuple[str, Mapping[str, str]]] = [booking_key(booking_id), room_key(identifiers.room_id(booking_id))]
    if with_therapist is not None:
        keys.append(therapist_key(with_therapist))
    if MoneyReads.COMMISSION in money:
        keys.append(commission_key(booking_id))
    if MoneyReads.CREDITS in money and with_therapist is not None:
        keys.append(credits_key(with_therapist))
    items = dict(zip((str(key) for key in keys), store.batch_get(keys), strict=True))
    booking_item, room_item, *rest = items.values()
    if booking_item is None:
        raise NotFound
    commission_item = items.get(str(commission_key(booking_id)))
    return BookingContext(
        booking=from_record(Booking, booking_item),
        room=optional(Room, room_item),
        therapist=optional(Therapist, rest[0]) if with_therapist is not None else None,
        commission=next(iter(readable_records(Commission, [commission_item], key="bookingId")), None)
        if commission_item
        else None,
        credits=credits_in(items.get(str(credits_key(with_therapist)))) if with_therapist else 0,
    )


def optional[T: Record](kind: type[T], item: Item | None) -> T | None:
    """Return what an item holds, nothing where there is no item."""
    return None if item is None else from_record(kind, item)
