"""Domain objects as a given reader may see them, in wire names; the shapes are those of ``edge.answers``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote

from marketplace.booking.model import REVEALING, Booking
from marketplace.catalogue.opening_hours import WEEKDAYS, OpeningHours, Window
from marketplace.chat.model import PREVIEW_CHARACTERS, Message, Room
from marketplace.platform.caller import Caller, Language, Role
from marketplace.platform.clock import written
from marketplace.platform.graphemes import cut
from marketplace.platform.i18n import catalogue, notified, said
from marketplace.platform.observability import note_contact_shown

if TYPE_CHECKING:
    from datetime import datetime

    from marketplace.catalogue.hotel import Hotel
    from marketplace.catalogue.location import Location
    from marketplace.catalogue.therapist import Therapist
    from marketplace.commission.model import Commission
    from marketplace.platform.api import responses as answers


def booking_view(booking: Booking, reader: Role, now: datetime) -> answers.Booking:
    """Return a booking as a reader of that role sees it now.

    Until it is confirmed the therapist sees neither the number nor the exact place; past its deadline a
    pending booking is seen as expired, whether or not anything has written that down.
    """
    seen = booking.as_of(now)
    reveals = seen.reveals_customer_to(reader)
    if reveals and reader is not Role.CUSTOMER:
        note_contact_shown(seen.booking_id)
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
        "currency": seen.currency,
        "status": seen.status,
        "createdAt": written(seen.created_at),
        "updatedAt": written(seen.updated_at),
        "responseDeadline": written(seen.response_deadline),
        "scheduledTime": _instant(seen.scheduled_time),
        "bookingType": seen.booking_type,
        "mode": seen.booking_type,
        "source": seen.source,
        "chatWindowOpen": seen.chat_window_open,
        "location": _location(seen.location, reveals=reveals),
        "hotelVillaId": seen.hotel_villa_id,
        "hotelVillaName": seen.hotel_villa_name,
        "roomNumber": seen.room_number if reveals else None,
        "serviceId": seen.service_id,
        "serviceName": seen.service_name,
        "timeZone": seen.time_zone,
        "chatRoomId": seen.chat_room_id,
        "confirmedAt": _instant(seen.confirmed_at),
        "declinedAt": _instant(seen.declined_at),
        "expiredAt": _instant(seen.expired_at),
        "cancelledAt": _instant(seen.cancelled_at),
        "completedAt": _instant(seen.completed_at),
        "reason": seen.reason,
        "version": seen.version,
        "isTest": seen.is_test,
    }


def warnings_view(booking: Booking, language: Language) -> list[answers.Warning]:
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


def admin_booking_view(booking: Booking, caller: Caller, now: datetime) -> answers.AdminBooking:
    """Return a booking with everything that admins see beside it."""
    seen = booking.as_of(now)
    return {
        **booking_view(booking, Role.ADMIN, now),
        "secondsRemaining": seen.seconds_remaining(now),
        "whatsAppLink": whats_app_link(seen, caller.language),
        "actions": _actions(booking, caller, now),
    }


def room_view(room: Room, booking: Booking, caller: Caller, now: datetime) -> answers.Room:
    """Return a room with its booking card and what the caller may do there now."""
    role = room.check_visible_to(caller)
    seen, shown = booking.as_of(now), room.as_of(booking, now)
    actions = _actions(booking, caller, now)
    if room.is_writable(booking, now):
        actions.append("sendMessage")
    reveals = seen.reveals_customer_to(role)
    link = other_party_link(seen, role, caller.language)
    if link is not None:
        note_contact_shown(seen.booking_id)
    return {
        "conversationId": room.conversation_id,
        "bookingId": room.booking_id,
        "customerId": room.customer_id,
        "customerName": room.customer_name,
        "therapistId": room.therapist_id,
        "therapistName": room.therapist_name,
        "status": shown.status,
        "expiresAt": _instant(shown.expires_at),
        "createdAt": written(room.booked_at),
        "lastSequence": room.last_sequence,
        "lastMessage": _last_message_view(room.last_message, caller.language, reveals=reveals),
        "unreadCount": 0 if role is Role.ADMIN else room.unread_count(role),
        "readSequence": room.read_sequence(role),
        "otherReadSequence": _other_horizon(room, role),
        "booking": booking_view(booking, role, now),
        "actions": actions,
        "whatsAppLink": link,
    }


def message_view(message: Message, room: Room, reader: Role, language: Language, *, reveals: bool) -> answers.Message:
    """Return a message in the reader's language; ``reveals`` says whether they may know the exact place."""
    is_system = message.sender_role is Role.SYSTEM
    return {
        "conversationId": message.conversation_id,
        "sequence": message.sequence,
        "senderId": message.sender_id,
        "senderName": message.sender_name,
        "senderRole": message.sender_role,
        "receiverId": message.receiver_id,
        "receiverRole": message.receiver_role,
        "message": text_of(message.message, message.metadata, language, reveals=reveals)
        if is_system
        else message.message,
        "messageType": message.message_type,
        "bookingId": message.booking_id,
        "isRead": room.is_read(message, reader),
        "timestamp": written(message.timestamp),
        "metadata": _system_metadata(message.metadata) if is_system else dict(message.metadata),
        "clientMessageId": message.client_message_id,
        "attachmentId": message.attachment_id,
        "location": _pin(message.location),
        "mapLink": map_link(message.location),
    }


class SeenNotice(Protocol):
    """What a notification's view needs; the stored row has it."""

    @property
    def user_id(self) -> str: ...  # noqa: D102 - as in the answer
    @property
    def notification_id(self) -> str: ...  # noqa: D102 - as in the answer
    @property
    def kind(self) -> str: ...  # noqa: D102 - as in the answer
    @property
    def booking_id(self) -> str | None: ...  # noqa: D102 - as in the answer
    @property
    def conversation_id(self) -> str | None: ...  # noqa: D102 - as in the answer
    @property
    def parameters(self) -> Mapping[str, Any]: ...  # noqa: D102 - as in the answer
    @property
    def sound(self) -> bool: ...  # noqa: D102 - as in the answer
    @property
    def unread_since(self) -> str | None: ...  # noqa: D102 - as in the answer
    @property
    def created_at(self) -> datetime: ...  # noqa: D102 - as in the answer


def notification_view(notice: SeenNotice, language: Language) -> answers.Notification:
    """Return a notification in its owner's language."""
    title, body = notified(notice.kind, notice.parameters, language)
    return {
        "notificationId": notice.notification_id,
        "userId": notice.user_id,
        "kind": notice.kind,
        "bookingId": notice.booking_id,
        "conversationId": notice.conversation_id,
        "title": title,
        "body": body,
        "sound": notice.sound,
        "isRead": notice.unread_since is None,
        "createdAt": written(notice.created_at),
    }


def commission_view(commission: Commission) -> answers.Commission:
    """Return a commission record."""
    return {
        "bookingId": commission.booking_id,
        "chatRoomId": commission.chat_room_id,
        "therapistId": commission.therapist_id,
        "therapistName": commission.therapist_name,
        "bookingDate": written(commission.booking_date),
        "serviceDate": written(commission.service_date),
        "bookingAmount": commission.booking_amount,
        "commissionRate": commission.commission_rate,
        "commissionAmount": commission.commission_amount,
        "currency": commission.currency,
        "paymentStatus": commission.payment_status,
        "paymentDeadline": written(commission.payment_deadline),
        "source": commission.source,
        "proofAttachmentId": commission.proof_attachment_id,
        "proofSubmittedAt": _instant(commission.proof_submitted_at),
        "paidAt": _instant(commission.paid_at),
        "overdueAt": _instant(commission.overdue_at),
        "waivedAt": _instant(commission.waived_at),
        "reversedAt": _instant(commission.reversed_at),
        "reason": commission.reason,
        "updatedAt": written(commission.updated_at),
        "version": commission.version,
        "isTest": commission.is_test,
    }


def therapist_view(therapist: Therapist) -> answers.Therapist:
    """Return a therapist as anybody may see them: no number, no bank details, no income."""
    return {
        "therapistId": therapist.therapist_id,
        "name": therapist.name,
        "type": therapist.therapist_type,
        "languages": list(therapist.languages),
        "timeZone": therapist.time_zone,
        "status": therapist.status,
        "menu": [
            {"serviceId": item.service_id, "name": item.name, "prices": dict(item.prices)} for item in therapist.menu
        ],
        "openingHours": opening_hours_view(therapist.opening_hours),
    }


def profile_view(therapist: Therapist) -> answers.Profile:
    """Return a therapist as they see themselves; of the bank details only what may be shown."""
    shown = therapist.masked_bank_details
    return {
        **therapist_view(therapist),
        "overrides": overrides_view(therapist.opening_hours),
        "language": therapist.language,
        "bankDetails": None
        if shown is None
        else {
            "bankName": shown["bankName"],
            "accountNumber": shown["accountNumber"],
            "accountHolder": shown["accountHolder"],
        },
        "whatsApp": therapist.whats_app,
        "bufferMinutes": therapist.buffer_minutes,
        "noticeMinutes": therapist.notice_minutes,
        "horizonDays": therapist.horizon_days,
        "version": therapist.version,
    }


def opening_hours_view(hours: OpeningHours) -> answers.OpeningHours:
    """Return the week in the therapist's wall-clock time."""
    week = {day: _windows(hours.weekly.get(day, ())) for day in WEEKDAYS}
    return cast("answers.OpeningHours", week)


def overrides_view(hours: OpeningHours) -> list[answers.DayOverride]:
    """Return the dates that differ from the week."""
    return [{"date": override.date, "windows": _windows(override.windows)} for override in hours.overrides]


def _windows(windows: Iterable[Window]) -> list[answers.Window]:
    return [{"opens": window.opens, "closes": window.closes} for window in windows]


def hotel_view(hotel: Hotel) -> answers.Hotel:
    """Return a hotel or villa."""
    return {
        "hotelVillaId": hotel.hotel_villa_id,
        "name": hotel.name,
        "address": hotel.address,
        "timeZone": hotel.time_zone,
    }


def whats_app_link(booking: Booking, language: Language) -> str:
    """Return the link that opens WhatsApp with the customer and a prefilled greeting."""
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


def map_link(location: Mapping[str, Any] | None) -> str | None:
    """Return the link that shows a place on a map: its coordinates, else its address.

    Source: https://developers.google.com/maps/documentation/urls/get-started#search-action.
    """
    if location is None:
        return None
    latitude, longitude = location.get("latitude"), location.get("longitude")
    place = str(location.get("address")) if latitude is None else f"{latitude},{longitude}"
    return f"https://www.google.com/maps/search/?api=1&query={quote(place, safe='')}"


def _other_horizon(room: Room, role: Role) -> int:
    match role:
        case Role.CUSTOMER:
            return room.therapist_read_sequence
        case Role.THERAPIST:
            return room.customer_read_sequence
        case _:
            return min(room.customer_read_sequence, room.therapist_read_sequence)


def _last_message_view(
    preview: Mapping[str, object] | None, language: Language, *, reveals: bool
) -> answers.LastMessage | None:
    if preview is None:
        return None
    shown: dict[str, Any] = {name: value for name, value in preview.items() if name != "metadata"}
    metadata = preview.get("metadata")
    if isinstance(metadata, Mapping):
        said_now = text_of(str(shown["message"]), metadata, language, reveals=reveals)
        shown["message"] = cut(said_now, PREVIEW_CHARACTERS)
    return cast("answers.LastMessage", shown)


def text_of(stored: str, metadata: Mapping[str, object], language: Language, *, reveals: bool) -> str:
    """Return what a system message says in a language; one without a known template says what is stored."""
    template, parameters = metadata.get("template"), metadata.get("parameters")
    if not isinstance(template, str) or not isinstance(parameters, Mapping):
        return stored
    return said(template, parameters, language, private=reveals)


def _system_metadata(metadata: Mapping[str, object]) -> dict[str, Any]:
    """Return what clients may know of a system message: which one it is, not what went into it."""
    return {"template": metadata.get("template")}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else written(instant)


def _location(location: Location | None, *, reveals: bool) -> answers.Location | None:
    if location is None:
        return None
    if not reveals:
        return {"address": None, "latitude": None, "longitude": None}
    return {"address": location.address, "latitude": location.latitude, "longitude": location.longitude}


def _pin(location: Mapping[str, Any] | None) -> answers.Location | None:
    if location is None:
        return None
    return {
        "address": location.get("address"),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
    }


def _actions(booking: Booking, caller: Caller, now: datetime) -> list[answers.RoomAction]:
    return cast("list[answers.RoomAction]", list(booking.allowed_actions(caller, now)))
