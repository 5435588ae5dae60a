"""What is said of bookings and prices."""

from datetime import datetime
from typing import Literal, TypedDict, cast
from urllib.parse import quote

from marketplace.booking.fees import CancellationFee
from marketplace.booking.model import (
    REVEALING,
    Booking,
    BookingEvent,
    BookingStatus,
    BookingType,
    Source,
    VisitStep,
    allowed,
)
from marketplace.catalogue.place.location import Location
from marketplace.catalogue.responses import LocationView
from marketplace.catalogue.therapist.model import TherapistType
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc, format_utc_or_none
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import catalogue


class Quote(TypedDict):
    """A price, good for five minutes when its token is sent along with the booking."""

    listPrice: int
    discount: int
    price: int
    """List price less discount."""
    currency: str
    commissionRate: float
    """The platform's share: 0.3 for 30 %."""
    quoteToken: str
    expiresAt: Time


class ProposalView(TypedDict):
    """Another time that one of the parties proposes; until it expires both times are held."""

    scheduledTime: Time
    by: Role
    expiresAt: Time


class BookingView(TypedDict):
    """A booking as its reader may see it."""

    bookingId: str
    therapistId: str
    therapistName: str
    therapistType: TherapistType
    providerId: str
    """The same as ``therapistId``."""
    providerType: TherapistType
    """The same as ``therapistType``."""
    customerId: str
    customerName: str
    customerWhatsApp: str | None
    """E.164; null for the therapist until the booking is confirmed."""
    duration: int
    """Minutes: 60, 90 or 120."""
    price: int
    """What the customer pays."""
    listPrice: int
    """What the menu says: price and discount together."""
    discount: int
    discountCode: str | None
    earnings: int | None
    """What the therapist keeps after commission; null for customers, and where no visit came of the booking."""
    currency: str
    status: BookingStatus
    createdAt: Time
    updatedAt: Time
    responseDeadline: Time
    """Until when the therapist may answer; from then on a pending booking is expired."""
    scheduledTime: Time | None
    bookingType: BookingType
    mode: BookingType
    """The same as ``bookingType``."""
    source: Source
    chatWindowOpen: bool
    location: LocationView | None
    """Null when a hotel was named instead."""
    hotelVillaId: str | None
    hotelVillaName: str | None
    roomNumber: str | None
    distanceKm: int | None
    """For the therapist until the confirmation: whole kilometres from the middle of the service area, where known."""
    serviceId: str | None
    serviceName: str | None
    timeZone: str
    """The therapist's, in which people speak of the visit's time."""
    chatRoomId: str
    """The ``conversationId`` of the room."""
    confirmedAt: Time | None
    declinedAt: Time | None
    expiredAt: Time | None
    cancelledAt: Time | None
    completedAt: Time | None
    reason: str | None
    """Why it was declined or cancelled, if somebody said so."""
    version: int
    """Rises with every change: of two states of a booking the higher one is the later."""
    policyVersion: int
    """The version of the marketplace's policy under which it was made."""
    consentVersion: str | None
    """Which text on the use of personal data the customer agreed to with it."""
    endsAt: Time | None
    """When the visit is planned to end; of an immediate one known from its confirmation on."""
    visitStep: VisitStep | None
    enRouteAt: Time | None
    arrivedAt: Time | None
    startedAt: Time | None
    finishedAt: Time | None
    completedBy: Role | None
    """``system`` where nobody closed the visit in time."""
    cancellationFee: int | None
    """What its end costs the customer, in rupiah; of a cancelled booking and of one to which somebody did not come."""
    noShowBy: Role | None
    """Who did not come."""
    proposal: ProposalView | None
    startCode: str | None
    """Four digits that the customer tells the therapist at the door; only the customer and admins see them."""
    isTest: bool


class WarningView(TypedDict):
    """Something that the customer should know although the booking went through."""

    code: str
    message: str
    bookingIds: list[str]


type RoomAction = Literal[
    "accept",
    "decline",
    "cancel",
    "complete",
    "visit",
    "reassign",
    "redispatch",
    "reschedule",
    "propose",
    "acceptProposal",
    "declineProposal",
    "withdrawProposal",
    "sendMessage",
]
"""What the reader could do now."""


class AdminBooking(BookingView):
    """A booking as admins see it."""

    secondsRemaining: int | None
    """Seconds left to answer; null when no answer is awaited."""
    whatsAppLink: str | None
    """To the customer."""
    actions: list[RoomAction]


class ChangedBooking(TypedDict):
    """A booking after a command."""

    booking: BookingView


class Cancellation(TypedDict):
    """What cancelling now would cost the customer."""

    allowed: bool
    """Whether the reader could cancel now."""
    fee: int
    """In rupiah."""
    feeBps: int
    """Of the price, in basis points."""
    freeUntil: Time | None
    """Until when it costs nothing; null if it is not free any more, or the visit has no time yet."""
    policyVersion: int


class BookingChanged(TypedDict):
    """A booking came to be or changed; compare ``booking.version`` with what you have."""

    type: Literal["booking"]
    event: BookingEvent
    booking: BookingView


def booking_view(booking: Booking, reader: Role, now: datetime) -> BookingView:
    """Return a booking as a reader of that role sees it now.

    Until it is confirmed the therapist sees neither the number nor the exact place; past its deadline a
    pending booking is seen as expired, whether or not anything has written that down.
    """
    seen = booking.as_of(now)
    reveals = seen.reveals_customer_to(reader)
    return {
        "bookingId": seen.booking_id,
        "therapistId": seen.therapist_id,
        "therapistName": seen.therapist_name,
        "therapistType": seen.therapist_type,
        "providerId": seen.therapist_id,
        "providerType": seen.therapist_type,
        "customerId": seen.customer_id,
        "customerName": seen.customer_name,
        "customerWhatsApp": seen.customer_whats_app if reveals else None,
        "duration": seen.duration,
        "price": seen.price,
        "listPrice": seen.list_price,
        "discount": seen.discount,
        "discountCode": seen.discount_code,
        "earnings": None if reader is Role.CUSTOMER else seen.earnings,
        "currency": seen.currency,
        "status": seen.status,
        "createdAt": format_utc(seen.created_at),
        "updatedAt": format_utc(seen.updated_at),
        "responseDeadline": format_utc(seen.response_deadline),
        "scheduledTime": format_utc_or_none(seen.scheduled_time),
        "bookingType": seen.booking_type,
        "mode": seen.booking_type,
        "source": seen.source,
        "chatWindowOpen": seen.chat_window_open,
        "location": _location(seen.location, reveals=reveals),
        "hotelVillaId": seen.hotel_villa_id,
        "hotelVillaName": seen.hotel_villa_name,
        "roomNumber": seen.room_number if reveals else None,
        "distanceKm": None if reveals else seen.distance_km,
        "serviceId": seen.service_id,
        "serviceName": seen.service_name,
        "timeZone": seen.time_zone,
        "chatRoomId": seen.chat_room_id,
        "confirmedAt": format_utc_or_none(seen.confirmed_at),
        "declinedAt": format_utc_or_none(seen.declined_at),
        "expiredAt": format_utc_or_none(seen.expired_at),
        "cancelledAt": format_utc_or_none(seen.cancelled_at),
        "completedAt": format_utc_or_none(seen.completed_at),
        "reason": seen.reason,
        "version": seen.version,
        "policyVersion": booking.policy_version,
        "consentVersion": booking.consent_version,
        "endsAt": format_utc_or_none(seen.planned_end),
        "visitStep": seen.visit_step,
        "enRouteAt": format_utc_or_none(seen.en_route_at),
        "arrivedAt": format_utc_or_none(seen.arrived_at),
        "startedAt": format_utc_or_none(seen.started_at),
        "finishedAt": format_utc_or_none(seen.finished_at),
        "completedBy": seen.completed_by,
        "cancellationFee": seen.cancellation_fee,
        "noShowBy": seen.no_show_by,
        "proposal": None
        if seen.proposal is None
        else {
            "scheduledTime": format_utc(seen.proposal.scheduled_time),
            "by": seen.proposal.by,
            "expiresAt": format_utc(seen.proposal.expires_at),
        },
        "startCode": seen.start_code if reader in {Role.CUSTOMER, Role.ADMIN} else None,
        "isTest": seen.is_test,
    }


def cancellation_view(booking: Booking, costs: CancellationFee | None, caller: Caller, now: datetime) -> Cancellation:
    """Return what cancelling would cost; ``costs`` is None where it costs nothing in any case."""
    return {
        "allowed": allowed.may_be_cancelled_by(booking, caller, now),
        "fee": costs.fee if costs else 0,
        "feeBps": costs.fee_bps if costs else 0,
        "freeUntil": format_utc_or_none(costs.free_until) if costs else None,
        "policyVersion": booking.policy_version,
    }


def warnings_view(booking: Booking, language: Language) -> list[WarningView]:
    """Return what the customer should know although the booking went through."""
    if not booking.other_requests:
        return []
    return [
        {
            "code": "other_pending_bookings",
            "message": catalogue(language).gettext("warning.other_pending_bookings"),
            "bookingIds": list(booking.other_requests),
        }
    ]


def admin_booking_view(booking: Booking, caller: Caller, now: datetime) -> AdminBooking:
    """Return a booking with everything that admins see beside it."""
    seen = booking.as_of(now)
    return {
        **booking_view(booking, Role.ADMIN, now),
        "secondsRemaining": seen.seconds_remaining(now),
        "whatsAppLink": whats_app_link(seen, caller.language),
        "actions": actions_view(booking, caller, now),
    }


def whats_app_link(booking: Booking, language: Language) -> str | None:
    """Return the link that opens WhatsApp with the customer and a prefilled greeting; none leads to a forgotten one."""
    if booking.is_erased:
        return None
    return _click_to_chat(booking.customer_whats_app, booking.customer_name, booking, language)


def other_party_link(booking: Booking, role: Role, language: Language) -> str | None:
    """Return the link to the other party for those who may know the number, where there is one.

    The parties may once the booking is confirmed; an admin's link leads to the customer at any time.
    """
    match role:
        case Role.CUSTOMER if booking.status in REVEALING and booking.therapist_whats_app:
            return _click_to_chat(booking.therapist_whats_app, booking.therapist_name, booking, language)
        case Role.THERAPIST | Role.ADMIN if booking.reveals_customer_to(role):
            return whats_app_link(booking, language)
        case _:
            return None


def _click_to_chat(number: str, name: str, booking: Booking, language: Language) -> str:
    """Write a click-to-chat link. Source: https://faq.whatsapp.com/5913398998672934."""
    greeting = catalogue(language).gettext("whats_app.greeting").format(name=name, bookingId=booking.booking_id)
    return f"https://wa.me/{number.removeprefix('+')}?text={quote(greeting)}"


def _location(location: Location | None, *, reveals: bool) -> LocationView | None:
    if location is None:
        return None
    if not reveals:
        return {"address": None, "latitude": None, "longitude": None}
    return {"address": location.address, "latitude": location.latitude, "longitude": location.longitude}


def actions_view(booking: Booking, caller: Caller, now: datetime) -> list[RoomAction]:
    """Return what the caller may do with a booking now."""
    return cast("list[RoomAction]", list(allowed.allowed_actions(booking, caller, now)))
