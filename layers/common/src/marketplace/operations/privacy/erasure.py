"""Forgetting a customer: who they were leaves every row that names them, and what the books need stays.

Each row is its own conditional write, and the booking is the last of its rows: an erasure that was cut off
is gone on with by the next call, and one that is repeated finds nothing more to do.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.model import FORGOTTEN, Booking
from marketplace.booking.repository import booking_record, requests_key
from marketplace.chat.model import Message, Room
from marketplace.platform.caller import Language, Role
from marketplace.platform.clock import written
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Condition, ConditionRefused, Delete, Store, Update, at_version, present
from marketplace.platform.i18n import said

ERASED_TEXT: Final = "…"
"""What stands for a message that its sender wished to be forgotten."""
_PERSONAL_PARAMETERS: Final = frozenset({"customerName", "address", "latitude", "longitude", "roomNumber"})


@final
class Erasure:
    """Forgets one customer."""

    def __init__(self, store: Store) -> None:
        """Forget what is in ``store``."""
        self._store = store

    def bookings_of(self, customer_id: str) -> Iterator[Booking]:
        """Yield the customer's bookings, each read strongly."""
        where = Condition(expression="#customerId = :customer", values={"customer": customer_id})
        for listed in self._store.query_all("bookings", where=where, index="byCustomer"):
            item = self._store.get("bookings", {"bookingId": str(listed["bookingId"])})
            if item is not None:
                yield from_record(Booking, item)

    def messages_of(self, conversation_id: str) -> Iterator[Message]:
        """Yield every message of a room."""
        where = Condition(expression="#conversationId = :room", values={"room": conversation_id})
        for item in self._store.query_all("chat_messages", where=where):
            yield from_record(Message, item)

    def forget_message(self, message: Message) -> None:
        """Take what the customer wrote, or what the system said of them, out of a message."""
        if message.sender_role is Role.CUSTOMER:
            changed: dict[str, object] = {
                "message": ERASED_TEXT,
                "senderName": FORGOTTEN,
                "metadata": {},
                "location": None,
                "attachmentId": None,
            }
        elif message.sender_role is Role.SYSTEM:
            metadata = _without_person(message.metadata)
            changed = {"metadata": metadata, "message": _said(metadata) or message.message}
        else:
            return
        self._change(
            "chat_messages", {"conversationId": message.conversation_id, "sequence": message.sequence}, changed
        )

    def forget_in_room(self, conversation_id: str) -> None:
        """Take the customer's name and words out of a room."""
        while True:
            item = self._store.get("chat_rooms", {"conversationId": conversation_id})
            if item is None:
                return
            room = from_record(Room, item)
            changed = {"customerName": FORGOTTEN, "lastMessage": _forgotten_preview(room.last_message)}
            unmoved = Condition(expression="#lastSequence = :seen", values={"seen": room.last_sequence})
            try:
                self._store.write(
                    Update(
                        label="room",
                        table="chat_rooms",
                        key={"conversationId": conversation_id},
                        condition=unmoved,
                        assign=changed,
                    )
                )
            except ConditionRefused:
                continue
            return

    def forget_notices(self, booking: Booking) -> None:
        """Take the customer out of what therapists were told of a booking."""
        moments = [_moment(booking.created_at), _moment(booking.updated_at) + "~"]
        for therapist_id in {booking.therapist_id, booking.previous_therapist_id} - {None}:
            where = Condition(
                expression="#userId = :therapist AND #notificationId BETWEEN :first AND :last",
                values={"therapist": therapist_id, "first": f"n-{moments[0]}", "last": f"n-{moments[1]}"},
            )
            for item in self._store.query_all("notifications", where=where):
                if item.get("bookingId") == booking.booking_id:
                    key = {"userId": str(item["userId"]), "notificationId": str(item["notificationId"])}
                    kept = {**item.get("parameters", {}), "customerName": FORGOTTEN}
                    self._change("notifications", key, {"parameters": kept})

    def drop_notices_of(self, customer_id: str) -> None:
        """Delete everything that the customer was told."""
        where = Condition(expression="#userId = :customer", values={"customer": customer_id})
        for item in self._store.query_all("notifications", where=where):
            self._drop("notifications", {"userId": customer_id, "notificationId": str(item["notificationId"])})

    def drop_claims(self, booking: Booking) -> None:
        """Forget what was counted under the telephone number; the use of a code stays counted in total."""
        self._drop(
            "claims",
            requests_key(booking.customer_whats_app),
            unless=Condition(expression="attribute_exists(#claimKey) AND size(#requests) = :none", values={"none": 0}),
        )
        if booking.discount_code is not None:
            uses = f"discount#{booking.discount_code}"
            self._drop("claims", {"claimKey": uses, "claimId": booking.customer_whats_app})
            self._change("claims", {"claimKey": uses, "claimId": booking.booking_id}, {"whatsApp": FORGOTTEN})

    def save(self, before: Booking, after: Booking) -> bool:
        """Write the booking without its customer, if nothing moved since it was read; the trail hears of it."""
        old, new = booking_record(before), booking_record(after)
        try:
            self._store.write(
                Update(
                    label="booking",
                    table="bookings",
                    key={"bookingId": before.booking_id},
                    condition=at_version(before.version),
                    assign={name: value for name, value in new.items() if name not in old or old[name] != value},
                    remove=[name for name in old if name not in new],
                )
            )
        except ConditionRefused:
            return False
        return True

    def _change(self, table: str, key: Mapping[str, str | int], changed: Mapping[str, object]) -> None:
        present_now = present(next(iter(key)))
        try:
            self._store.write(Update(label=table, table=table, key=key, condition=present_now, assign=changed))
        except ConditionRefused:
            return

    def _drop(self, table: str, key: Mapping[str, str | int], *, unless: Condition | None = None) -> None:
        try:
            self._store.write(Delete(label=table, table=table, key=key, condition=unless or present(next(iter(key)))))
        except ConditionRefused:
            return


def _without_person(metadata: Mapping[str, object]) -> dict[str, Any]:
    parameters = metadata.get("parameters")
    if not isinstance(parameters, Mapping):
        return dict(metadata)
    kept = {name: value for name, value in parameters.items() if name not in _PERSONAL_PARAMETERS}
    if "customerName" in parameters:
        kept["customerName"] = FORGOTTEN
    return {**metadata, "parameters": kept}


def _said(metadata: Mapping[str, Any]) -> str | None:
    template, parameters = metadata.get("template"), metadata.get("parameters")
    if not isinstance(template, str) or not isinstance(parameters, Mapping):
        return None
    return said(template, parameters, Language.ENGLISH, private=False)


def _forgotten_preview(preview: Item | Mapping[str, object] | None) -> dict[str, object] | None:
    if preview is None:
        return None
    if preview.get("senderRole") == Role.CUSTOMER.value:
        return {**preview, "message": ERASED_TEXT}
    metadata = preview.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(preview)
    kept = _without_person(metadata)
    return {**preview, "metadata": kept, "message": _said(kept) or preview.get("message")}


def _moment(instant: datetime) -> str:
    return written(instant).translate(str.maketrans("", "", "-:."))
