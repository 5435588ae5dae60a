"""Where imported rows go: each booking with its room, commission and postings in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.holds import Holds, taking_time
from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import Bookings, adding_booking, booking_key
from marketplace.catalogue.repository import Catalogue, therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.chat.rows import adding_room
from marketplace.commission.ledger.model import postings_of
from marketplace.commission.ledger.repository import booking_of
from marketplace.commission.model import Commission
from marketplace.commission.repository import adding_commission, commission_key
from marketplace.identity.verification import NumberOwner, owner_key, owning_number
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.actions import Action, Check, Condition, TransactionRefused, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import SlotTaken
from tools.ops.original.attributes import UnfitError
from tools.ops.original.messages import IMPORTED_ID


@final
class Imported(Struct, frozen=True, kw_only=True):
    """What of a booking there is already: nothing but ``None``s where it was never imported."""

    booking: Item | None
    commission: Item | None

    @property
    def is_there(self) -> bool:
        """Say whether the booking was imported before."""
        return self.booking is not None

    @property
    def is_somebody_elses(self) -> bool:
        """Say whether a booking of this system has the id."""
        return self.booking is not None and self.booking.get("importedAt") is None


@final
class Target:
    """The tables of one stack; with ``dry`` they are read and never written."""

    def __init__(self, store: Store, *, kept_for: timedelta, dry: bool) -> None:
        """Write to ``store``; messages are kept so long from now on."""
        self._store = store
        self._holds = Holds(store, Bookings(store))
        self._kept_for = kept_for
        self._dry = dry

    def therapist(self, therapist_id: str) -> Therapist | None:
        """Return a therapist who is there."""
        item = self._store.get(*therapist_key(therapist_id))
        return None if item is None else from_record(Therapist, item)

    def add_therapist(self, therapist: Therapist) -> None:
        """Add a therapist.

        Raises:
            UnfitError: a member of staff, or somebody else who was invited, has that id.
        """
        key = {"userId": therapist.therapist_id}
        if self._dry:
            if any(self._store.batch_get([("staff", key), ("sign_ins", key)])):
                raise UnfitError(why=_TAKEN)
            return
        try:
            self._store.transact(
                [
                    Catalogue.adding_therapist(therapist),
                    Check(label="no-staff", table="staff", key=key, condition=absent("userId")),
                    Check(label="no-sign-in", table="sign_ins", key=key, condition=absent("userId")),
                ]
            )
        except TransactionRefused:
            raise UnfitError(why=_TAKEN) from None

    def look_up(self, booking_id: str) -> Imported:
        """Return what there is of a booking."""
        booking, commission = self._store.batch_get([booking_key(booking_id), commission_key(booking_id)])
        return Imported(booking=booking, commission=commission)

    def message_ids(self, room_id: str) -> frozenset[str]:
        """Return the original ids of the messages that a room has."""
        where = Condition(expression="#conversationId = :room", values={"room": room_id})
        metadata = (item.get("metadata") for item in self._store.query_all("chat_messages", where=where))
        return frozenset(str(each[IMPORTED_ID]) for each in metadata if isinstance(each, dict) and IMPORTED_ID in each)

    def customer_of(self, booking: Booking) -> str:
        """Return whose booking it is: whoever has verified the number here, or else the number's customer-to-be."""
        item = self._store.get(*owner_key(booking.customer_whats_app))
        return booking.customer_id if item is None else from_record(NumberOwner, item).customer_id

    def add_booking(
        self, booking: Booking, room: Room, messages: Sequence[Message], commission: Commission | None
    ) -> None:
        """Write a booking with all that belongs to it; the messages first, which nobody sees without their room.

        Raises:
            UnfitError: its time is taken, or it came in between.
        """
        now = booking.imported_at or utc_now()
        actions: list[Action] = [adding_booking(booking), adding_room(room), *self._taking_time(booking, now)]
        if commission is not None:
            actions.append(adding_commission(commission))
            for posting in postings_of(commission):
                actions += booking_of(posting)
        if self._store.get(*owner_key(booking.customer_whats_app)) is None:
            owner = NumberOwner(customer_id=booking.customer_id, verified_at=now)
            actions.append(owning_number(booking.customer_whats_app, owner))
        if self._dry:
            return
        if messages:
            self._store.put_all("chat_messages", [self._row(message, now) for message in messages])
        try:
            self._store.transact(actions)
        except TransactionRefused as refused:
            lost = ", ".join(sorted(refused.refused))
            raise UnfitError(why=f"something changed meanwhile ({lost}): import again") from None

    def _row(self, message: Message, now: datetime) -> dict[str, Any]:
        return {**to_record(message), "expiresAtEpoch": int((now + self._kept_for).timestamp())}

    def _taking_time(self, booking: Booking, now: datetime) -> list[Action]:
        """Return what keeps the time of a visit that is still to come."""
        hold = booking.hold() if booking.status is BookingStatus.CONFIRMED else None
        if hold is None:
            return []
        calendar = self._holds.calendar_with_beds(booking.therapist_id, hold.days)
        try:
            calendar.check_free(hold, now)
        except SlotTaken:
            raise UnfitError(why="its therapist has another visit at that time") from None
        return [*taking_time(hold, calendar, (), now)]


_TAKEN: Final = "somebody else has that id"
