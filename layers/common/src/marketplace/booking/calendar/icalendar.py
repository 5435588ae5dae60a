"""Visits as iCalendar (RFC 5545): one component each, under an id that stays, cancelled where they fell away."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from marketplace.booking.model import Booking, BookingStatus
from marketplace.platform.caller import Role
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import catalogue

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
_LINE_OCTETS: Final = 75
"""Longer lines are folded (RFC 5545, 3.1)."""
_STATUS: Final = {
    BookingStatus.PENDING: "TENTATIVE",
    BookingStatus.CONFIRMED: "CONFIRMED",
    BookingStatus.COMPLETED: "CONFIRMED",
}


def calendar_of(bookings: Iterable[Booking], reader: Role, language: Language, now: datetime) -> str:
    """Return visits as the text of a calendar for one of their parties."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Marketplace//Visits//EN", "CALSCALE:GREGORIAN"]
    for booking in bookings:
        lines += _event(booking.as_of(now), reader, language)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(booking: Booking, reader: Role, language: Language) -> Iterator[str]:
    starts_at = booking.scheduled_time or booking.confirmed_at or booking.offered_at
    ends_at = booking.planned_end or starts_at + timedelta(minutes=booking.duration)
    other = booking.therapist_name if reader is Role.CUSTOMER else booking.customer_name
    summary = catalogue(language).gettext("calendar.summary").format(name=other, duration=booking.duration)
    yield "BEGIN:VEVENT"
    yield f"UID:{booking.booking_id}@visits.marketplace"
    yield f"DTSTAMP:{_utc(booking.updated_at)}"
    yield f"LAST-MODIFIED:{_utc(booking.updated_at)}"
    yield f"SEQUENCE:{booking.version}"
    yield f"DTSTART:{_utc(starts_at)}"
    yield f"DTEND:{_utc(ends_at)}"
    yield f"SUMMARY:{_escaped(summary)}"
    place = _place(booking, reader)
    if place:
        yield f"LOCATION:{_escaped(place)}"
    yield f"STATUS:{_STATUS.get(booking.status, 'CANCELLED')}"
    yield "END:VEVENT"


def _place(booking: Booking, reader: Role) -> str | None:
    """Return where the visit is, as far as the reader may know it."""
    if not booking.reveals_customer_to(reader):
        return booking.hotel_villa_name
    if booking.location is not None:
        return booking.location.address
    parts = [part for part in (booking.hotel_villa_name, booking.room_number) if part]
    return ", ".join(parts) or None


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return a text as a value (RFC 5545, 3.3.11)."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 octets, of whole characters; each but the first begins with a space."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _LINE_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece, octets = piece + character, octets + size
    yield piece
