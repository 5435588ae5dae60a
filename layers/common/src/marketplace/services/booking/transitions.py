"""What a step of a booking means for everything beside its own row, decided in this one place."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime
from typing import Final, final

from msgspec import Struct

from marketplace.booking.calendar.model import Hold
from marketplace.booking.model import Booking, BookingEvent, BookingStatus
from marketplace.chat.message import Message, MessageType
from marketplace.chat.model import Room, room_for
from marketplace.commission.ledger.model import PostingReason
from marketplace.commission.model import Commission
from marketplace.commission.states import PaymentStatus
from marketplace.notification.announcement import Announcement, Notice, Template, render_message
from marketplace.platform.caller import Caller
from marketplace.platform.language import Language
from marketplace.services.notification.announcements import notices_for, opening_announcements, transition_announcement

_ENDED_UNCONFIRMED: Final = frozenset({BookingStatus.DECLINED, BookingStatus.EXPIRED, BookingStatus.CANCELLED})

_OFFERS_ANEW: Final = frozenset({BookingEvent.REASSIGNED, BookingEvent.REDISPATCHED})
_MOVES: Final = frozenset(
    {
        BookingEvent.RESCHEDULED,
        BookingEvent.PROPOSED,
        BookingEvent.PROPOSAL_ACCEPTED,
        BookingEvent.PROPOSAL_DECLINED,
        BookingEvent.PROPOSAL_WITHDRAWN,
        BookingEvent.PROPOSAL_EXPIRED,
    }
)
"""What changes the times that a booking holds."""
_FALLEN_THROUGH: Final = frozenset({BookingStatus.CANCELLED, BookingStatus.NO_SHOW})
"""How a confirmed visit ends that did not take place."""


@final
class Transition(Struct, frozen=True, kw_only=True):
    """A step of a booking with all that is written beside it; how that is stored is the repositories' affair."""

    before: Booking
    after: Booking
    """With the days of its present hold; its uses of a code are counted while it is saved."""
    hold: Hold | None
    """The therapist's time that is held from now on."""
    takes_over: bool
    """Whether hold, request and use of a code are taken anew, as at the creation, for another therapist."""
    rewrites_holds: bool
    """Whether its times are written anew, for it holds several or has moved."""
    drops_request: bool
    """Whether the booking leaves its number's open requests."""
    returns_uses: bool
    """Whether it gives its use of a discount code back."""
    announcement: Announcement
    """What is said in the room."""
    notices: tuple[Notice, ...]
    commission_before: Commission | None
    """The record as it was read; None where it comes into being."""
    commission: Commission | None
    """The record that comes into being, or what becomes of it; None where it stays as it is."""
    posting_reason: PostingReason
    """Why the books move with it."""

    def in_room(self, room: Room, now: datetime) -> tuple[Room, Message]:
        """Return the room after the step, and the message that tells of it."""
        return announced(room.following(self.after, now), self.announcement, MessageType.STATUS_UPDATE, now)


def transition_of(  # noqa: PLR0913 - what a step is, and what it meets
    before: Booking,
    after: Booking,
    *,
    now: datetime,
    due_days: int,
    bank_details: Mapping[str, str] | None = None,
    commission: Commission | None = None,
    credits_of_therapist: int = 0,
) -> Transition:
    """Return what a step means.

    Args:
        before: the booking as it was read.
        after: what the step makes of it.
        now: the present.
        due_days: after how many days a commission that comes into being is due.
        bank_details: what the customer may pay ahead with, in the words of an acceptance.
        commission: the booking's record as it was read, if it has one.
        credits_of_therapist: what the marketplace owes the therapist, in rupiah; it settles a new commission.
    """
    hold = after.hold()
    was_pending = before.status is BookingStatus.PENDING
    takes_over = after.event in _OFFERS_ANEW
    owed, reason = _owed_after(
        before, after, commission, now=now, due_days=due_days, credits_of_therapist=credits_of_therapist
    )
    return Transition(
        before=before,
        after=replace(after, held_days=tuple(day.isoformat() for day in hold.days) if hold else ()),
        hold=hold,
        takes_over=takes_over,
        rewrites_holds=after.event in _MOVES
        or (before.open_proposal(now) is not None and after.status is not BookingStatus.CONFIRMED),
        drops_request=was_pending and after.status is not BookingStatus.PENDING,
        returns_uses=bool(after.discount_code) and was_pending and after.status in _ENDED_UNCONFIRMED,
        announcement=transition_announcement(after, bank_details),
        notices=notices_for(after),
        commission_before=None if _comes_into_being(after, commission) else commission,
        commission=owed,
        posting_reason=reason,
    )


def _owed_after(  # noqa: PLR0913 - as of transition_of()
    before: Booking,
    after: Booking,
    commission: Commission | None,
    *,
    now: datetime,
    due_days: int,
    credits_of_therapist: int,
) -> tuple[Commission | None, PostingReason]:
    """Return what a step makes of the commission, nothing where it stays, and why the books move."""
    if after.event is BookingEvent.CONFIRMED:
        owed = Commission.owed_for(after, due_days=due_days)
        if (
            commission is not None and commission.payment_status is PaymentStatus.REVERSED
        ):  # of the therapist who fell away, whose debt was taken back
            owed = replace(owed, version=commission.version + 1)
        return owed if owed.is_test else owed.with_credit(credits_of_therapist), PostingReason.COMMISSION
    is_moved = before.scheduled_time != after.scheduled_time and after.status is BookingStatus.CONFIRMED
    if is_moved and commission is not None:
        return commission.move(after, due_days=due_days, by=_actor(after), now=now), PostingReason.COMMISSION
    falls_through = before.status is BookingStatus.CONFIRMED and after.status in _FALLEN_THROUGH
    if not falls_through or commission is None or commission.payment_status is PaymentStatus.REVERSED:
        return None, PostingReason.REVERSAL
    if after.cancellation_fee:
        charged = commission.charge(after.cancellation_fee, by=_actor(after), now=now, reason=after.reason)
        return charged, PostingReason.CORRECTION
    return commission.reverse(by=_actor(after), now=now, reason=after.reason), PostingReason.REVERSAL


def _comes_into_being(after: Booking, commission: Commission | None) -> bool:
    """Say whether an acceptance makes the booking's first record; whatever else stands there is not written over."""
    is_left = commission is not None and commission.payment_status is PaymentStatus.REVERSED
    return after.event is BookingEvent.CONFIRMED and not is_left


def opened_room(booking: Booking, now: datetime) -> tuple[Room, list[Message]]:
    """Return the room that opens with a booking, and its first messages."""
    room, messages = room_for(booking), []
    for announcement in opening_announcements(booking):
        is_details = announcement.template is Template.BOOKING_DETAILS
        room, message = announced(room, announcement, MessageType.BOOKING if is_details else MessageType.SYSTEM, now)
        messages.append(message)
    return room, messages


def announced(room: Room, announcement: Announcement, kind: MessageType, now: datetime) -> tuple[Room, Message]:
    """Return a room after a message of the system, which is stored with its plain English."""
    text = render_message(announcement.template, announcement.parameters, Language.ENGLISH, private=False)
    return room.announce(announcement, message_type=kind, text=text, now=now)


def _actor(booking: Booking) -> Caller:
    return Caller(user_id=booking.actor_id, role=booking.actor_role)
