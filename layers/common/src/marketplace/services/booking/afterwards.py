"""What happens to bookings after their end: the policy may offer them to somebody else, and their place is erased."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, final

from marketplace.booking.model import LIVE, Booking
from marketplace.booking.model.allowed import may_be_redispatched
from marketplace.booking.model.erasing import erase_place, place_due_at
from marketplace.booking.model.offers import fell_away_at, looking_since
from marketplace.booking.repository import Bookings, saving_booking
from marketplace.catalogue.policy.model import Redispatch
from marketplace.catalogue.policy.repository import Policies
from marketplace.notification.announcement import Template
from marketplace.platform.caller import SYSTEM
from marketplace.platform.dynamodb.actions import Action, Condition, TransactionRefused, Update
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import (
    DuplicateBooking,
    NotFound,
    QuoteStale,
    SlotTaken,
    TherapistUnavailable,
    ValidationFailed,
    VersionChanged,
)
from marketplace.services.booking.bookings import BookingCommands
from marketplace.services.booking.rescue import Rescue

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


_STANDS_AGAINST_ONE: Final = (SlotTaken, TherapistUnavailable, DuplicateBooking, QuoteStale, ValidationFailed)
"""What keeps one therapist from a booking, and perhaps not the next."""


class Looked(Enum):
    """What came of looking for somebody else."""

    OFFERED = "offered"
    LATER = "later"
    """Nobody is free just now, and there is time left."""
    OVER = "over"
    """Nobody is looked for, or not any more."""


@final
class AutomaticOffers:
    """Offers bookings anew in the marketplace's name."""

    def __init__(self, *, rescue: Rescue, commands: BookingCommands, policies: Policies) -> None:
        """Choose by ``rescue`` as customers are shown it, within the bounds of each booking's own policy."""
        self._rescue = rescue
        self._commands = commands
        self._policies = policies

    def look(self, booking: Booking, now: datetime) -> Looked:
        """Offer a booking to the best therapist who costs no more and was not asked yet.

        The booking's version is part of the condition: whatever happens to it meanwhile, there is one offer at a time.

        Raises:
            VersionChanged: something happened to the booking since it was read.
        """
        policy = self._policies.get(booking.policy_version)
        if policy.redispatch is not Redispatch.AUTO or booking.is_test or not may_be_redispatched(booking, now):
            return Looked.OVER
        since, asked = looking_since(booking, fell_away_at(booking, now))
        is_late = now >= since + timedelta(minutes=policy.redispatch_max_minutes)
        if is_late or len(asked) >= policy.redispatch_max_offers:
            return Looked.OVER
        for each in self._rescue.alternatives_to(booking, now, most=None):
            if each.price > booking.price or each.therapist.therapist_id in asked:
                continue
            try:
                self._commands.redispatch(
                    booking.booking_id,
                    to=each.therapist.therapist_id,
                    price=each.price,
                    by=SYSTEM,
                    now=now,
                    expected_version=booking.version,
                )
            except _STANDS_AGAINST_ONE:
                continue
            return Looked.OFFERED
        return Looked.LATER


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
