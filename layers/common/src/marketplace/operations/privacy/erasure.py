"""Forgetting a customer: who they were leaves every row that names them, and what the books need stays.

Which rows and attributes those are stands in :mod:`marketplace.operations.privacy.personal_data`. Each row is its own
conditional write, and the booking is the last of its rows: an erasure that was cut off is gone on with by the next
call. One that is repeated looks once more at what belongs to bookings that are erased already, for what came later.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.booking.holds import requests_key
from marketplace.booking.model import LIVE, Booking, erasing
from marketplace.booking.model.booking import STAND_IN_PREFIX
from marketplace.booking.model.erasing import FORGOTTEN
from marketplace.booking.repository import booking_record
from marketplace.chat.attachments.model import Attachment
from marketplace.chat.attachments.repository import Attachments
from marketplace.chat.attachments.uploads import Uploads
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.commission.repository import Commissions, saving_commission
from marketplace.identity.verification import owner_key
from marketplace.notification.repository import ADMINS_BOX
from marketplace.operations.privacy.words import (
    ERASED_TEXT,
    FormerNaming,
    Naming,
    impersonal,
    pseudonyms_of,
    said_again,
    without_person,
)
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Delete, Update, at_version, present
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.audit_log import History, resealed
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import InvalidTransition, NotFound, ServiceUnavailable

_STAND_IN_DIGITS: Final = 10


_UNTRANSLATED: Final[dict[str, object]] = {"translations": {}, "translateTo": []}


@final
class Erasure:
    """Forgets one customer at a time."""

    def __init__(  # noqa: PLR0913, PLR0917 - the places where a customer is named, and how numbers become pseudonyms
        self,
        store: Store,
        commissions: Commissions,
        history: History,
        attachments: Attachments,
        uploads: Uploads,
        pseudonym: Callable[[str], str],
    ) -> None:
        """Forget what is in ``store`` and behind it; ``pseudonym`` returns hexadecimal digits for name or number."""
        self._store = store
        self._commissions = commissions
        self._history = history
        self._attachments = attachments
        self._uploads = uploads
        self._pseudonym = pseudonym

    def erase(self, caller: Caller, now: datetime, *, has_time: Callable[[], bool]) -> int:
        """Forget the caller, as far as the time allows; return how many bookings were erased by this call.

        Raises:
            InvalidTransition: somebody still waits for them, or they for somebody.
            ServiceUnavailable: the time is up, or a booking changed meanwhile; the next call goes on.
        """
        bookings = list(self._bookings_of(caller.user_id))
        for booking in bookings:
            if booking.status in LIVE:
                raise InvalidTransition(booking.status)
        erased = 0
        for booking in sorted(bookings, key=lambda each: each.is_erased):
            if not has_time():
                raise ServiceUnavailable
            self._forget_beside(booking, caller, now)
            if not booking.is_erased:
                self._forget_booking(booking, caller, now)
                erased += 1
        for attachment in self._attachments.find_by_owner(caller.user_id):
            self._drop_file(attachment)
        self._drop_notices_of(caller.user_id)
        self._drop_numbers_of(caller.user_id)
        self._drop_contacts_of(caller.user_id)
        self._drop_favourites_of(caller.user_id)
        return erased

    def _bookings_of(self, customer_id: str) -> Iterator[Booking]:
        """Yield the customer's bookings, each read strongly."""
        where = Condition(expression="#customerId = :customer", values={"customer": customer_id})
        for listed in self._store.query_all("bookings", where=where, index="byCustomer"):
            item = self._store.get("bookings", {"bookingId": str(listed["bookingId"])})
            if item is not None:
                yield from_record(Booking, item)

    def _forget_beside(self, booking: Booking, caller: Caller, now: datetime) -> None:
        """Forget the customer in everything that belongs to a booking but its own row."""
        naming = (
            FormerNaming(booking.formerly, self._pseudonym)
            if booking.is_erased
            else Naming(booking.customer_name, booking.customer_whats_app)
        )
        where = Condition(expression="#conversationId = :room", values={"room": booking.chat_room_id})
        for item in self._store.query_all("chat_messages", where=where, strongly=True):
            self._forget_message(from_record(Message, item), naming)
        self._forget_in_room(booking.chat_room_id, naming)
        entries = list(self._history.find_all(booking.booking_id))
        for entry in (*entries, *self._history.find_all(booking.chat_room_id)):
            self._forget_in_trail(entry, caller, naming)
        for user_id in {*_therapists_asked(booking, entries), ADMINS_BOX}:
            self._forget_notices(user_id, booking)
        self._forget_in_reports(booking, caller, naming)
        self._forget_words_of_commission(booking, caller, naming, now)
        self._forget_deliveries(booking)
        self._forget_in_reviews(booking, naming)
        self._drop_claims(booking)

    def _forget_booking(self, booking: Booking, caller: Caller, now: datetime) -> None:
        number = int(self._pseudonym(booking.customer_whats_app), 16)
        stand_in = STAND_IN_PREFIX + f"{number % 10**_STAND_IN_DIGITS:0{_STAND_IN_DIGITS}d}"
        formerly = pseudonyms_of(booking.customer_name, booking.customer_whats_app, self._pseudonym)
        after = erasing.erase(booking, by=caller, now=now, stand_in=stand_in, formerly=formerly)
        if not self._save(booking, after):
            raise ServiceUnavailable

    # Rows of a booking ------------------------------------------------------------------------------

    def _forget_message(self, message: Message, naming: Naming | FormerNaming) -> None:
        """Take out of a message what the customer wrote, what the system said of them, and their name in any other."""
        match message.sender_role:
            case Role.CUSTOMER:
                changed: dict[str, object] = {
                    "message": ERASED_TEXT,
                    "senderName": FORGOTTEN,
                    "metadata": {},
                    "location": None,
                    "attachmentId": None,
                    "original": None,
                    **_UNTRANSLATED,
                }
                is_forgotten = message.sender_name == FORGOTTEN and message.message == ERASED_TEXT
            case Role.SYSTEM:
                metadata = without_person(message.metadata)
                changed = {"metadata": metadata, "message": said_again(metadata) or message.message}
                is_forgotten = metadata == message.metadata
            case _:
                changed = {
                    name: naming.without(text) if text else text
                    for name, text in (("message", message.message), ("original", message.original))
                }
                is_forgotten = (
                    changed == {"message": message.message, "original": message.original} and not message.translations
                )
                changed |= _UNTRANSLATED
        if not is_forgotten:
            key: dict[str, str | int] = {
                "conversationId": message.conversation_id,
                "sequence": message.sequence,
            }
            self._change("chat_messages", key, changed)

    def _forget_in_room(self, conversation_id: str, naming: Naming | FormerNaming) -> None:
        """Take the customer's name and words out of a room."""
        while True:
            item = self._store.get("chat_rooms", {"conversationId": conversation_id})
            if item is None:
                return
            room = from_record(Room, item)
            preview = _forgotten_preview(room.last_message, naming)
            if room.customer_name == FORGOTTEN and preview == room.last_message:
                return
            unmoved = Condition(expression="#lastSequence = :seen", values={"seen": room.last_sequence})
            try:
                self._store.write(
                    Update(
                        label="room",
                        table="chat_rooms",
                        key={"conversationId": conversation_id},
                        condition=unmoved,
                        assign={"customerName": FORGOTTEN, "lastMessage": preview},
                    )
                )
            except ConditionRefused:
                continue
            return

    def _forget_in_trail(self, entry: Item, caller: Caller, naming: Naming | FormerNaming) -> None:
        """Take the customer's own reasons out of an entry of the audit log, and their name out of others'."""

        def forgotten(reason: object) -> object:
            if not isinstance(reason, str) or entry.get("actor") == caller.user_id:
                return None
            return naming.without(reason)

        changed: dict[str, object] = {"reason": forgotten(entry.get("reason"))}
        for image in ("before", "after"):
            row = entry.get(image)
            if isinstance(row, Mapping):
                changed[image] = _former_message(row, naming, is_own=entry.get("actor") == caller.user_id)
        if any(entry.get(name) != value for name, value in changed.items()):
            key = {"entityId": str(entry["entityId"]), "entryId": str(entry["entryId"])}
            self._change("history", key, {**changed, "entryHash": resealed({**entry, **changed})})

    def _forget_notices(self, therapist_id: str, booking: Booking) -> None:
        """Take the customer out of what a therapist was told of a booking, whenever that was."""
        where = Condition(
            expression="#userId = :therapist AND #notificationId BETWEEN :first AND :last",
            values={"therapist": therapist_id, "first": f"n-{_moment(booking.created_at)}", "last": "n-~"},
        )
        for item in self._store.query_all("notifications", where=where, strongly=True):
            parameters = item.get("parameters") or {}
            if item.get("bookingId") == booking.booking_id and impersonal(parameters) != parameters:
                key = {"userId": str(item["userId"]), "notificationId": str(item["notificationId"])}
                self._change("notifications", key, {"parameters": impersonal(parameters)})

    def _forget_in_reports(self, booking: Booking, caller: Caller, naming: Naming | FormerNaming) -> None:
        """Take the customer's own words out of reports about a booking, and their name out of others'."""
        where = Condition(expression="#bookingId = :booking", values={"booking": booking.booking_id})
        for key in self._store.query_all("reports", where=where, index="byBooking"):
            item = self._store.get("reports", {"reportId": str(key["reportId"])}) or {}
            changed: dict[str, object] = {}
            for name in ("reason", "text", "note"):
                text = item.get(name)
                is_own = name != "note" and item.get("reporterId") == caller.user_id
                if isinstance(text, str):
                    changed[name] = ERASED_TEXT if is_own else naming.without(text)
            if any(item.get(name) != text for name, text in changed.items()):
                self._change("reports", {"reportId": str(key["reportId"])}, changed)

    def _forget_words_of_commission(
        self, booking: Booking, caller: Caller, naming: Naming | FormerNaming, now: datetime
    ) -> None:
        """Take what the customer said, and who they are, out of the commission's words, as one more version of it."""
        try:
            commission = self._commissions.get(booking.booking_id)
        except NotFound:
            return
        reason, dispute = commission.reason, commission.dispute_reason
        if reason is not None:
            is_own = commission.actor_id == caller.user_id
            reason = None if is_own else naming.without(reason)
        if dispute is not None:
            dispute = naming.without(dispute)
        if (reason, dispute) == (commission.reason, commission.dispute_reason):
            return
        after = commission.forget_words(reason=reason, dispute_reason=dispute, by=caller, now=now)
        try:
            self._store.write(saving_commission(commission, after))
        except ConditionRefused:
            raise ServiceUnavailable from None

    def _forget_deliveries(self, booking: Booking) -> None:
        """Take addresses and words out of what was sent, or is to be sent, about a booking."""
        where = Condition(expression="#bookingId = :booking", values={"booking": booking.booking_id})
        for item in self._store.query_all("deliveries", where=where, index="byBooking"):
            if item.get("to") is not None or item.get("parameters"):
                self._change("deliveries", {"deliveryId": str(item["deliveryId"])}, {"to": None, "parameters": {}})

    def _forget_in_reviews(self, booking: Booking, naming: Naming | FormerNaming) -> None:
        """Take the customer's name and number out of what was said of a visit; the stars and the words stay."""
        for author in (Role.CUSTOMER, Role.THERAPIST):
            key = {"bookingId": booking.booking_id, "author": author.value}
            item = self._store.get("reviews", key) or {}
            texts = {name: item[name] for name in ("text", "reply") if isinstance(item.get(name), str)}
            changed = {name: naming.without(text) for name, text in texts.items()}
            if changed != texts:
                self._change("reviews", key, changed)

    def _drop_claims(self, booking: Booking) -> None:
        """Forget what was counted under the telephone number; the use of a code stays counted in total."""
        if booking.is_erased:
            return
        self._drop(
            "claims",
            requests_key(booking.customer_whats_app),
            unless=Condition(expression="attribute_exists(#claimKey) AND size(#requests) = :none", values={"none": 0}),
        )
        if booking.discount_code is not None:
            uses = f"discount#{booking.discount_code}"
            self._drop("claims", {"claimKey": uses, "claimId": booking.customer_whats_app})
            self._change("claims", {"claimKey": uses, "claimId": booking.booking_id}, {"whatsApp": FORGOTTEN})

    def _save(self, before: Booking, after: Booking) -> bool:
        """Write the booking without its customer, if nothing moved since it was read; the audit log hears of it."""
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

    # Rows of the customer ---------------------------------------------------------------------------

    def _drop_file(self, attachment: Attachment) -> None:
        """Remove a file, cited or not; its older versions go with the bucket's lifecycle."""
        for key in (attachment.incoming_key, attachment.key):
            self._uploads.remove(key)
        self._attachments.remove(attachment.attachment_id)

    def _drop_notices_of(self, customer_id: str) -> None:
        """Delete everything that the customer was told."""
        where = Condition(expression="#userId = :customer", values={"customer": customer_id})
        for item in self._store.query_all("notifications", where=where):
            self._drop("notifications", {"userId": customer_id, "notificationId": str(item["notificationId"])})

    def _drop_contacts_of(self, customer_id: str) -> None:
        """Forget how the customer wished to be reached, and at which browsers."""
        where = Condition(expression="#userId = :customer", values={"customer": customer_id})
        for item in self._store.query_all("push_subscriptions", where=where, strongly=True):
            key = {"userId": customer_id, "subscriptionId": str(item["subscriptionId"])}
            self._drop("push_subscriptions", key)
        self._drop("preferences", {"userId": customer_id})

    def _drop_favourites_of(self, customer_id: str) -> None:
        """Forget whom the customer liked."""
        where = Condition(expression="#customerId = :customer", values={"customer": customer_id})
        for item in self._store.query_all("favourites", where=where, strongly=True):
            self._drop("favourites", {"customerId": customer_id, "therapistId": str(item["therapistId"])})

    def _drop_numbers_of(self, customer_id: str) -> None:
        """Forget which numbers the customer has verified; whoever verifies one of them next is somebody new."""
        where = Condition(expression="#claimKey = :verified", values={"verified": f"verified#{customer_id}"})
        for item in self._store.query_all("claims", where=where, strongly=True):
            table, key = owner_key(str(item["claimId"]))
            theirs = Condition(expression="#customerId = :customer", values={"customer": customer_id})
            self._drop(table, key, unless=theirs)
            self._drop("claims", {"claimKey": str(item["claimKey"]), "claimId": str(item["claimId"])})

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


def _former_message(row: Mapping[str, Any], naming: Naming | FormerNaming, *, is_own: bool) -> Mapping[str, Any]:
    """Return what an entry of the audit log keeps of a row, without its reason and a customer's words."""
    kept = dict(row)
    if kept.get("reason") is not None:
        kept["reason"] = None
    text = kept.get("message")
    if isinstance(text, str) and is_own:
        kept |= {"message": ERASED_TEXT, "location": None, "attachmentId": None}
    elif isinstance(text, str):
        kept["message"] = naming.without(text)
    return kept


def _therapists_asked(booking: Booking, entries: list[Item]) -> set[str]:
    """Return everybody who was ever asked: the present and the last therapist, and those that the audit log knows."""
    images: list[Any] = [entry.get(image) or {} for entry in entries for image in ("before", "after")]
    known = {image.get("therapistId") for image in images}
    return {each for each in (*known, booking.therapist_id, booking.previous_therapist_id) if isinstance(each, str)}


def _forgotten_preview(
    preview: Mapping[str, object] | None, naming: Naming | FormerNaming
) -> Mapping[str, object] | None:
    if preview is None:
        return None
    if preview.get("senderRole") == Role.CUSTOMER.value:
        return {**preview, "message": ERASED_TEXT}
    metadata = preview.get("metadata")
    if isinstance(metadata, Mapping):
        kept = without_person(metadata)
        return preview if kept == metadata else {**preview, "metadata": kept, "message": said_again(kept)}
    return {**preview, "message": naming.without(str(preview.get("message")))}


def _moment(instant: datetime) -> str:
    return format_utc(instant).translate(str.maketrans("", "", "-:."))
