"""What a delivery says at the moment of sending, if it still has anything to say: its occasion is read anew.

The rules are functions of what was read and the time; the class reads.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import booking_key
from marketplace.catalogue.therapist.model import Presence, Therapist
from marketplace.chat.model import Room
from marketplace.chat.rows import room_key
from marketplace.identity.verification import SentCode, code_key, code_of
from marketplace.notification.channels.model import Message
from marketplace.notification.delivery import Channel, Delivery, Subject
from marketplace.notification.preferences import Preferences, QuietHours
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.records import from_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import notification_text, spoken_values
from marketplace.services.booking.context import optional

type EmailOf = Callable[[str], str | None]
"""Returns the verified mail address of somebody with an account, nothing where there is none."""
_CODE: Final = "code"


@final
class Skip(Struct, frozen=True, kw_only=True):
    """There is nothing to say any more; why, in one word."""

    reason: str


@final
class Later(Struct, frozen=True, kw_only=True):
    """It is not the time for it; it is judged again then."""

    until: datetime


type Judgement = Message | Skip | Later


@final
class Occasion(Struct, frozen=True, kw_only=True):
    """What was read of that which a delivery is about."""

    preferences: Preferences
    booking: Booking | None = None
    room: Room | None = None
    therapist: Therapist | None = None
    is_unread: bool = True
    """Whether the notification, if it has one, has not been read in the app."""


def reason_to_skip(delivery: Delivery, occasion: Occasion, now: datetime) -> str | None:  # noqa: PLR0911 - one a reason
    """Return why a delivery has nothing to say any more, in one word; nothing where it has."""
    booking = occasion.booking
    if delivery.channel is not Channel.SMS and not occasion.preferences.allows(delivery.event, delivery.channel):
        return "not_wished"
    if not occasion.is_unread:
        return "read"
    if delivery.booking_id is not None and (booking is None or booking.is_erased):
        return "gone"
    match delivery.event:
        case Subject.OFFER:
            return None if booking is not None and _is_offered(delivery, booking, now) else "over"
        case Subject.REMINDER:
            return None if booking is not None and _is_ahead(delivery, booking, now) else "over"
        case Subject.BOOKING:
            return None if booking is None or _still_says(delivery, booking, now) else "over"
        case Subject.MESSAGE:
            return None if _is_unseen(delivery, occasion.room) else "read"
        case _:
            return None


def rest_until(delivery: Delivery, occasion: Occasion, now: datetime) -> datetime | None:
    """Return until when a delivery waits because its receiver rests; an offer rings whoever is online."""
    hours: QuietHours | None = occasion.preferences.quiet_hours
    if hours is None:
        return None
    is_online = occasion.therapist is not None and occasion.therapist.status is not Presence.OFFLINE
    if delivery.event is Subject.OFFER and is_online:
        return None
    return hours.ends_at(now)


def _is_offered(delivery: Delivery, booking: Booking, now: datetime) -> bool:
    same = (booking.therapist_id, format_utc(booking.offered_at)) == (
        delivery.user_id,
        delivery.parameters.get("offeredAt"),
    )
    return same and booking.as_of(now).status is BookingStatus.PENDING


def _is_ahead(delivery: Delivery, booking: Booking, now: datetime) -> bool:
    start = booking.scheduled_time
    return (
        booking.status is BookingStatus.CONFIRMED
        and start is not None
        and format_utc(start) == delivery.parameters.get("scheduledTime")
        and start > now
        and delivery.user_id in {booking.customer_id, booking.therapist_id}
    )


def _still_says(delivery: Delivery, booking: Booking, now: datetime) -> bool:
    """News of a step is news until the next one; who lost an offer to another hears of it all the same."""
    told = delivery.parameters.get("status")
    return told is None or told == booking.as_of(now).status.value or delivery.user_id != booking.customer_id


def _is_unseen(delivery: Delivery, room: Room | None) -> bool:
    role = Role(str(delivery.parameters.get("role")))
    return room is not None and room.read_sequence(role) < int(delivery.parameters.get("sequence", 0))


@final
class Occasions:
    """What deliveries are about."""

    def __init__(self, store: Store, signing_key: Callable[[], str], email_of: EmailOf) -> None:
        """Read occasions in ``store``; codes follow from ``signing_key``."""
        self._store = store
        self._signing_key = signing_key
        self._email_of = email_of

    def judge(self, delivery: Delivery, now: datetime) -> Judgement:
        """Return what to send now, or why not.

        Raises:
            ServiceUnavailable: what it is about cannot be read now.
        """
        if delivery.event is Subject.CODE:
            return self._code(delivery, now)
        occasion = self._read(delivery)
        reason = reason_to_skip(delivery, occasion, now)
        if reason is not None:
            return Skip(reason=reason)
        until = rest_until(delivery, occasion, now)
        if until is not None:
            return Later(until=until)
        to = self._address(delivery, occasion)
        return Skip(reason="no_address") if to is None else _message(delivery, to, _language(delivery, occasion))

    def _read(self, delivery: Delivery) -> Occasion:
        user_id = str(delivery.user_id)
        wanted: dict[str, tuple[str, Mapping[str, Any]]] = {"preferences": ("preferences", {"userId": user_id})}
        if delivery.booking_id is not None:
            wanted["booking"] = booking_key(delivery.booking_id)
        if delivery.event is Subject.MESSAGE and delivery.conversation_id is not None:
            wanted["room"] = room_key(delivery.conversation_id)
        if delivery.parameters.get("role") == Role.THERAPIST.value:
            wanted["therapist"] = ("therapists", {"therapistId": user_id})
        if delivery.notification_id is not None:
            wanted["notice"] = ("notifications", {"userId": user_id, "notificationId": delivery.notification_id})
        found = dict(zip(wanted, self._store.batch_get(list(wanted.values())), strict=True))
        notice = found.get("notice")
        return Occasion(
            preferences=optional(Preferences, found["preferences"]) or Preferences(user_id=user_id),
            booking=optional(Booking, found.get("booking")),
            room=optional(Room, found.get("room")),
            therapist=optional(Therapist, found.get("therapist")),
            is_unread=notice is None or notice.get("unreadSince") is not None,
        )

    def _address(self, delivery: Delivery, occasion: Occasion) -> str | None:
        match delivery.channel:
            case Channel.PUSH:
                return delivery.user_id
            case Channel.EMAIL:
                return self._email_of(str(delivery.user_id))
            case Channel.WHATS_APP | Channel.SMS:
                booking = occasion.booking
                if booking is not None and delivery.user_id == booking.customer_id:
                    return booking.customer_whats_app
                return occasion.therapist.whats_app if occasion.therapist is not None else None

    def _code(self, delivery: Delivery, now: datetime) -> Judgement:
        """A code is sent while it is the one that counts for its number."""
        if delivery.to is None:
            return Skip(reason="no_address")
        item = self._store.get(*code_key(delivery.to))
        code = None if item is None else from_record(SentCode, item)
        if code is None or code.nonce != delivery.parameters.get("nonce"):
            return Skip(reason="superseded")
        if not code.is_open(now):
            return Skip(reason="expired")
        digits = code_of(delivery.to, code.nonce, self._signing_key())
        title, body = notification_text(delivery.template, {_CODE: digits}, delivery.language)
        return Message(
            to=delivery.to,
            template=delivery.template,
            language=delivery.language,
            subject=title,
            text=body,
            parameters={_CODE: digits},
            data={},
        )


def _language(delivery: Delivery, occasion: Occasion) -> Language:
    """Return the language in which a receiver reads: a therapist's own choice, or that in which a customer booked."""
    return delivery.language if occasion.therapist is None else occasion.therapist.language


def _message(delivery: Delivery, to: str, language: Language) -> Message:
    """Return what a delivery says, in its reader's language."""
    words = delivery.parameters.get("words", {})
    title, body = notification_text(delivery.template, words, language)
    return Message(
        to=to,
        template=delivery.template,
        language=language,
        subject=title,
        text=body if delivery.channel is not Channel.SMS else f"{title}: {body}",
        parameters={} if delivery.channel is Channel.SMS else spoken_values(delivery.template, words, language),
        data={
            "bookingId": delivery.booking_id,
            "conversationId": delivery.conversation_id,
            "notificationId": delivery.notification_id,
            "event": delivery.event.value,
            "title": title,
            "body": body,
        },
    )
