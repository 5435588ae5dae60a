"""What a booking's steps say: the messages in its room and the notifications of its parties."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime

from marketplace.booking.model import Booking, BookingEvent, BookingStatus, BookingType
from marketplace.notification.announcement import Announcement, Notice, Template
from marketplace.platform.caller import Role
from marketplace.platform.text.i18n import Parameters


def opening_announcements(booking: Booking) -> tuple[Announcement, ...]:
    """Return the three messages with which every room opens."""
    return (
        Announcement(
            template=Template.WELCOME,
            parameters={"customerName": booking.customer_name, "therapistName": booking.therapist_name},
        ),
        Announcement(template=Template.BOOKING_DETAILS, parameters=_details(booking)),
        waiting_announcement(booking),
    )


def waiting_announcement(booking: Booking) -> Announcement:
    """Return the message that says whose answer is awaited, and until when."""
    return Announcement(
        template=Template.WAITING_FOR_THERAPIST,
        parameters={
            "therapistName": booking.therapist_name,
            "deadline": _instant(booking, "response_deadline"),
        },
    )


def transition_announcement(  # noqa: PLR0911 - one return an event
    booking: Booking, bank_details: Mapping[str, str] | None = None
) -> Announcement:
    """Return the one message that tells of the booking's latest step.

    ``bank_details`` go into the acceptance of a scheduled booking, so that the customer can pay ahead.
    """
    names: dict[str, object] = {"therapistName": booking.therapist_name, "customerName": booking.customer_name}
    match booking.event:
        case BookingEvent.CREATED:
            return waiting_announcement(booking)
        case BookingEvent.CONFIRMED if bank_details:
            return Announcement(
                template=Template.CONFIRMED_WITH_BANK_DETAILS,
                parameters={**names, **bank_details, "price": {"rupiah": booking.price}},
            )
        case BookingEvent.REASSIGNED | BookingEvent.REDISPATCHED:
            return Announcement(
                template=Template.REASSIGNED,
                parameters={**names, "deadline": _instant(booking, "response_deadline")},
            )
        case BookingEvent.CANCELLED:
            return Announcement(
                template=Template.CANCELLED, parameters={**names, "actorRole": booking.actor_role.value}
            )
        case BookingEvent.RESCHEDULED | BookingEvent.PROPOSAL_ACCEPTED:
            return Announcement(
                template=Template.RESCHEDULED, parameters={**names, "start": _instant(booking, "scheduled_time")}
            )
        case BookingEvent.PROPOSED if booking.proposal is not None:
            start = at_time_of(booking, booking.proposal.scheduled_time)
            return Announcement(
                template=Template.PROPOSED, parameters={**names, "actorRole": booking.actor_role.value, "start": start}
            )
        case BookingEvent.NO_SHOW:
            return Announcement(
                template=Template.NO_SHOW,
                parameters={**names, "actorRole": (booking.no_show_by or Role.CUSTOMER).value},
            )
        case _:
            return Announcement(template=Template(booking.event.value), parameters=names)


def notices_for(booking: Booking) -> tuple[Notice, ...]:  # noqa: C901, PLR0911 - one return an event
    """Return who must be told of the booking's latest step; a new offer rings at the therapist's."""
    customer = _notice(booking, booking.customer_id, Role.CUSTOMER)
    therapist = _notice(booking, booking.therapist_id, Role.THERAPIST)
    ringing = _notice(booking, booking.therapist_id, Role.THERAPIST, sound=True)
    match booking.event:
        case BookingEvent.CREATED:
            return (ringing,)
        case BookingEvent.CONFIRMED | BookingEvent.DECLINED:
            return (customer,)
        case BookingEvent.EN_ROUTE | BookingEvent.ARRIVED | BookingEvent.STARTED:
            return (customer,)
        case BookingEvent.COMPLETED:
            return (customer, therapist) if booking.actor_role is Role.SYSTEM else (customer,)
        case BookingEvent.EXPIRED:
            return (customer, therapist)
        case BookingEvent.ERASED | BookingEvent.IMPORTED:
            return ()
        case BookingEvent.RESCHEDULED if booking.status is BookingStatus.PENDING:
            return tuple(notice for notice in (customer, ringing) if notice.user_id != booking.actor_id)
        case BookingEvent.PROPOSED if booking.proposal is not None:
            start = at_time_of(booking, booking.proposal.scheduled_time)
            return tuple(
                replace(notice, parameters={**notice.parameters, "start": start})
                for notice in (customer, therapist)
                if notice.user_id != booking.actor_id
            )
        case (
            BookingEvent.CANCELLED
            | BookingEvent.NO_SHOW
            | BookingEvent.RESCHEDULED
            | BookingEvent.PROPOSED
            | BookingEvent.PROPOSAL_ACCEPTED
            | BookingEvent.PROPOSAL_DECLINED
            | BookingEvent.PROPOSAL_WITHDRAWN
            | BookingEvent.PROPOSAL_EXPIRED
        ):
            return tuple(notice for notice in (customer, therapist) if notice.user_id != booking.actor_id)
        case BookingEvent.REDISPATCHED:
            offered = _notice(booking, booking.customer_id, Role.CUSTOMER, kind="reassigned")
            return (offered, ringing) if booking.actor_role is Role.SYSTEM else (ringing,)
        case BookingEvent.REASSIGNED:
            former = booking.previous_therapist_id
            if former is None or former == booking.therapist_id:
                return (customer, ringing)
            return (customer, ringing, _notice(booking, former, Role.THERAPIST, kind="withdrawn"))


def notice_of_instant_confirmation(booking: Booking) -> Notice:
    """Return the notification by which a therapist hears of a booking that was confirmed for them; it rings once."""
    return _notice(booking, booking.therapist_id, Role.THERAPIST, kind="confirmed_at_once", sound=True)


def ringing_notice(booking: Booking) -> Notice:
    """Return the notification that rings once more for an offer."""
    notice = _notice(booking, booking.therapist_id, Role.THERAPIST, kind="waiting", sound=True)
    return replace(notice, parameters={**notice.parameters, "deadline": _instant(booking, "response_deadline")})


def _notice(booking: Booking, user_id: str, role: Role, *, kind: str | None = None, sound: bool = False) -> Notice:
    return Notice(
        user_id=user_id,
        role=role,
        kind=f"booking_{kind or booking.event.value}",
        booking_id=booking.booking_id,
        conversation_id=booking.chat_room_id,
        sound=sound,
        parameters={
            "therapistName": booking.therapist_name,
            "customerName": booking.customer_name,
            "duration": booking.duration,
            **({"start": _instant(booking, "scheduled_time")} if booking.booking_type is BookingType.SCHEDULED else {}),
        },
    )


def _details(booking: Booking) -> Parameters:
    details: dict[str, object] = {
        "duration": booking.duration,
        "price": {"rupiah": booking.price},
        "serviceName": booking.service_name,
        "hotelVillaName": booking.hotel_villa_name,
        "roomNumber": booking.room_number,
        "address": booking.location.address if booking.location else None,
        "latitude": booking.location.latitude if booking.location else None,
        "longitude": booking.location.longitude if booking.location else None,
    }
    if booking.discount:
        details |= {"discount": {"rupiah": booking.discount}, "discountCode": booking.discount_code}
    if booking.scheduled_time is not None:
        details["start"] = _instant(booking, "scheduled_time")
    return {name: value for name, value in details.items() if value is not None}


def _instant(booking: Booking, attribute: str) -> Parameters:
    return at_time_of(booking, getattr(booking, attribute))


def at_time_of(booking: Booking, instant: datetime) -> Parameters:
    """Return an instant as a parameter, to be written in the time of the booking's therapist."""
    return {"instant": instant.isoformat(timespec="milliseconds"), "timeZone": booking.time_zone}
