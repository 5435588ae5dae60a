"""What is to be sent because something happened, to whom, over which channels, and when.

Nothing is decided for good here: before each sending the occasion is read again. What is planned follows from the
change alone, so that a change that comes twice plans nothing twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.booking.repository import Bookings
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.notification.delivery import Channel, Delivery, Subject, new_delivery
from marketplace.notification.delivery_repository import Deliveries
from marketplace.notification.preferences import CHOSEN_CHANNELS
from marketplace.notification.repository import ADMINS_BOX, StoredNotice
from marketplace.platform import identifiers
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc
from marketplace.platform.language import Language

LADDER: Final = (
    (Channel.PUSH, timedelta()),
    (Channel.WHATS_APP, timedelta(seconds=180)),
    (Channel.SMS, timedelta(seconds=480)),
)
"""How an offer climbs until it is answered or read, for the usual response window."""
USUAL_WINDOW: Final = timedelta(seconds=900)
REMINDERS: Final = (timedelta(hours=24), timedelta(hours=2))
REMINDER_TEMPLATE: Final = "visit_reminder"
MESSAGE_TEMPLATE: Final = "new_message"
_MESSAGE_PAUSES: Final = {
    Channel.PUSH: timedelta(seconds=5),
    Channel.WHATS_APP: timedelta(minutes=2),
    Channel.EMAIL: timedelta(minutes=5),
}
"""How long a message may go unread before its reader is told over a channel."""
_GROUPED: Final = timedelta(minutes=15)
"""Of one room, somebody is told once in this time over channels that are not meant for every message."""
_OFFERS: Final = frozenset({"booking_created", "booking_reassigned", "booking_redispatched"})
_IN_APP_ALONE: Final = frozenset({"booking_waiting"})
"""A ring that repeats an offer: the ladder is the offer's own."""
_MONEY: Final = ("commission", "payment", "bank_details", "dispute", "invoice", "credit")


def ladder(booking: Booking) -> Iterator[tuple[Channel, datetime]]:
    """Yield when an offer goes by which channel; a shorter window than the usual one shortens every step."""
    share = min(1.0, (booking.response_deadline - booking.offered_at) / USUAL_WINDOW)
    for channel, after in LADDER:
        yield channel, booking.offered_at + after * share


def subject_of(notice: StoredNotice) -> Subject | None:
    """Return what a notification is about, nothing where it stays in the app."""
    if notice.user_id == ADMINS_BOX or notice.kind in _IN_APP_ALONE:
        return None
    if notice.kind in _OFFERS and notice.role is Role.THERAPIST and notice.sound:
        return Subject.OFFER
    return Subject.MONEY if notice.kind.startswith(_MONEY) else Subject.BOOKING


def reminders(booking: Booking, now: datetime) -> Iterator[tuple[Role, str, Channel, datetime]]:
    """Yield who is reminded of a confirmed visit, over which channel, and when; what is past is left out."""
    start = booking.scheduled_time
    if booking.status is not BookingStatus.CONFIRMED or start is None or booking.is_test:
        return
    for before in REMINDERS:
        if start - before > now:
            for role, user_id in ((Role.CUSTOMER, booking.customer_id), (Role.THERAPIST, booking.therapist_id)):
                for channel in CHOSEN_CHANNELS:
                    yield role, user_id, channel, start - before


@final
class ReachPlanner:
    """Writes down what is to be sent."""

    def __init__(self, deliveries: Deliveries, bookings: Bookings) -> None:
        """Add to ``deliveries``."""
        self._deliveries = deliveries
        self._bookings = bookings

    def plan_notice(self, notice: StoredNotice, now: datetime) -> int:
        """Plan what a new notification makes known beyond the app; return how many deliveries were new."""
        subject = subject_of(notice)
        if subject is None:
            return 0
        booking = self._bookings.get(notice.booking_id) if notice.booking_id else None
        if booking is not None and booking.is_test:
            return 0
        steps = (
            list(ladder(booking))
            if subject is Subject.OFFER and booking is not None
            else [(channel, now) for channel in CHOSEN_CHANNELS]
        )
        return sum(
            self._deliveries.add(self._of_notice(notice, subject, channel, due_at, booking, now))
            for channel, due_at in steps
        )

    def _of_notice(  # noqa: PLR0913, PLR0917 - what a delivery of a notification is made of
        self,
        notice: StoredNotice,
        subject: Subject,
        channel: Channel,
        due_at: datetime,
        booking: Booking | None,
        now: datetime,
    ) -> Delivery:
        return new_delivery(
            f"d-{identifiers.derived('notice', notice.user_id, notice.notification_id, channel.value)}",
            event=subject,
            channel=channel,
            template=notice.kind,
            language=Language.ENGLISH if booking is None else booking.customer_language,
            user_id=notice.user_id,
            booking_id=notice.booking_id,
            conversation_id=notice.conversation_id,
            notification_id=notice.notification_id,
            parameters={
                "role": notice.role.value,
                "words": dict(notice.parameters),
                **({} if booking is None else about(booking)),
            },
            now=now,
            due_at=due_at,
        )

    def plan_reminders(self, old: Booking | None, booking: Booking, now: datetime) -> int:
        """Plan the reminders of a visit that was just confirmed, or moved; return how many were new."""
        if old is not None and (old.status, old.scheduled_time) == (booking.status, booking.scheduled_time):
            return 0
        added = 0
        for role, user_id, channel, due_at in reminders(booking, now):
            due = format_utc(due_at)
            added += self._deliveries.add(
                new_delivery(
                    f"d-{identifiers.derived('reminder', booking.booking_id, user_id, channel.value, due)}",
                    event=Subject.REMINDER,
                    channel=channel,
                    template=REMINDER_TEMPLATE,
                    language=booking.customer_language,
                    user_id=user_id,
                    booking_id=booking.booking_id,
                    conversation_id=booking.chat_room_id,
                    parameters={
                        "role": role.value,
                        "words": {
                            "therapistName": booking.therapist_name,
                            "customerName": booking.customer_name,
                            "time": {"instant": format_utc(due_at_of(booking)), "timeZone": booking.time_zone},
                        },
                        **about(booking),
                    },
                    now=now,
                    due_at=due_at,
                )
            )
        return added

    def plan_message(self, message: Message, room: Room, booking: Booking, now: datetime) -> int:
        """Plan that the others in a room hear of a message that they may not see at once."""
        if booking.is_test or message.sender_role is Role.SYSTEM:
            return 0
        parties = ((Role.CUSTOMER, room.customer_id), (Role.THERAPIST, room.therapist_id))
        return sum(
            self._deliveries.add(
                new_delivery(
                    f"d-{identifiers.derived('message', room.conversation_id, user_id, channel.value, grouped)}",
                    event=Subject.MESSAGE,
                    channel=channel,
                    template=MESSAGE_TEMPLATE,
                    language=booking.customer_language,
                    user_id=user_id,
                    booking_id=booking.booking_id,
                    conversation_id=room.conversation_id,
                    parameters={
                        "role": role.value,
                        "words": {"senderName": message.sender_name},
                        "sequence": message.sequence,
                    },
                    now=now,
                    due_at=now + pause,
                )
            )
            for role, user_id in parties
            if user_id != message.sender_id
            for channel, pause in _MESSAGE_PAUSES.items()
            for grouped in [str(message.sequence) if channel is Channel.PUSH else _group_of(now)]
        )


def due_at_of(booking: Booking) -> datetime:
    """Return when a scheduled visit begins."""
    if booking.scheduled_time is None:
        raise AssertionError
    return booking.scheduled_time


def about(booking: Booking) -> dict[str, Any]:
    """Return what of a booking a delivery is about: where that has changed by the time it is sent, it is not sent."""
    start = booking.scheduled_time
    return {
        "status": booking.status.value,
        "therapistId": booking.therapist_id,
        "offeredAt": format_utc(booking.offered_at),
        "scheduledTime": None if start is None else format_utc(start),
    }


def _group_of(now: datetime) -> str:
    return str(int(now.timestamp() // _GROUPED.total_seconds()))
