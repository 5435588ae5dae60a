"""What happens to bookings after their end: the policy may offer them to somebody else, and their place is erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.model import LIVE, Booking
from marketplace.booking.model.allowed import may_be_redispatched
from marketplace.booking.model.erasing import erase_place, place_due_at
from marketplace.booking.repository import Bookings, saving_booking
from marketplace.notification.announcement import Template
from marketplace.platform.dynamodb.actions import Action, Condition, TransactionRefused, Update
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound, VersionChanged
from marketplace.services.booking.automatic_offers import AutomaticOffers, Looked

_PLACE_PARAMETERS: Final = frozenset({"address", "latitude", "longitude", "roomNumber"})
_OPENING_MESSAGES: Final = 3
"""Among which a room tells of its booking's place."""


def first_look_at(booking: Booking) -> datetime | None:
    """Return when a booking is first looked at after its end: at once where somebody else may be found for it."""
    if booking.status in LIVE or booking.place_erased_at is not None:
        return None
    return booking.updated_at if may_be_redispatched(booking, booking.updated_at) else place_due_at(booking)


def plan_first_look(bookings: Bookings, booking: Booking) -> None:
    """Note when a booking is first looked at after its end; nothing while it is not over."""
    due_at = first_look_at(booking)
    if due_at is not None:
        bookings.plan_afterwards(booking.booking_id, due_at)


@final
class Afterwards:
    """Looks at bookings that are over when something about them is due."""

    def __init__(self, store: Store, *, bookings: Bookings, offers: AutomaticOffers) -> None:
        """Work on ``bookings``, which are kept in ``store``."""
        self._store = store
        self._bookings = bookings
        self._offers = offers

    def look_at(self, booking_id: str, now: datetime) -> str:
        """Do what is due about a booking, and note what is next; return in a word what was done."""
        try:
            booking = self._bookings.get(booking_id)
        except NotFound:
            return "gone"
        if booking.status in LIVE or booking.place_erased_at is not None:
            self._bookings.plan_afterwards(booking_id, None, seen_at=now)
            return "none"
        if now >= place_due_at(booking):
            self._forget_place(booking, now)
            self._bookings.plan_afterwards(booking_id, None, seen_at=now)
            return "forgotten"
        try:
            looked = self._offers.look(booking, now)
        except VersionChanged:
            return "overtaken"
        match looked:
            case Looked.OFFERED:
                self._bookings.plan_afterwards(booking_id, None, seen_at=now)
            case Looked.OVER:
                self._bookings.plan_afterwards(booking_id, place_due_at(booking), seen_at=now)
            case Looked.LATER:  # the note stays due
                pass
        return looked.value

    def _forget_place(self, booking: Booking, now: datetime) -> None:
        """Erase room number, address and coordinates, in the booking and where its room tells of it."""
        after = erase_place(booking, now)
        where = Condition(
            expression="#conversationId = :room AND #sequence <= :opening",
            values={"room": booking.chat_room_id, "opening": _OPENING_MESSAGES},
        )
        actions: list[Action] = [saving_booking(booking, after, now)]
        actions += [
            _without_place(item)
            for item in self._store.query_all("chat_messages", where=where, strongly=True)
            if _tells_place(item)
        ]
        try:
            self._store.transact(actions)
        except TransactionRefused:
            raise VersionChanged(booking.status, booking.version) from None


def _metadata(message: Item) -> Mapping[str, Any]:
    metadata = message.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _tells_place(message: Item) -> bool:
    metadata = _metadata(message)
    parameters = metadata.get("parameters")
    is_details = metadata.get("template") == Template.BOOKING_DETAILS.value
    return is_details and isinstance(parameters, Mapping) and not _PLACE_PARAMETERS.isdisjoint(parameters)


def _without_place(message: Item) -> Update:
    metadata = _metadata(message)
    kept = {name: value for name, value in metadata["parameters"].items() if name not in _PLACE_PARAMETERS}
    return Update(
        label=f"message:{message['sequence']}",
        table="chat_messages",
        key={"conversationId": str(message["conversationId"]), "sequence": int(message["sequence"])},
        condition=Condition(expression="attribute_exists(#sequence)"),
        assign={"metadata": {**metadata, "parameters": kept}},
    )
