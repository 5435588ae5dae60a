"""Requests for a price or a visit, as the domain's orders; quotes that a client carries between the two."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from marketplace.booking.model import BookingType
from marketplace.booking.opening import Order, Terms, VisitRequest
from marketplace.booking.requests.new_booking import NewBooking
from marketplace.catalogue.discount.model import normalised_code
from marketplace.platform.clock import format_utc, parse_utc
from marketplace.platform.refusals import QuoteStale
from marketplace.platform.signing import Signer

if TYPE_CHECKING:
    from marketplace.booking.requests.quote import QuoteRequest  # a model that only the reader of quotes builds

QUOTE_GOOD_FOR: Final = timedelta(minutes=5)
_PURPOSE: Final = "quote"


def order_of(asked: NewBooking, seal: Callable[[], Signer], now: datetime) -> Order:
    """Return what a request orders; the seal is fetched only for one with a quote.

    A quote that is altered or too old refuses nothing here: a repeat of a request that has made its booking
    in time must find that booking.
    """
    quote = _quote(asked.quote_token, seal, now)
    return Order(
        wanted=VisitRequest(
            therapist_id=asked.therapist_id,
            duration=asked.duration,
            booking_type=asked.booking_type,
            service_id=asked.service_id,
            scheduled_time=asked.scheduled_time,
            discount_code=normalised_code(asked.discount_code) if asked.discount_code else None,
        ),
        customer_name=asked.customer_name,
        customer_whats_app=asked.customer_whats_app,
        location=asked.location.as_domain() if asked.location else None,
        hotel_villa_id=asked.hotel_villa_id,
        room_number=asked.room_number,
        source=asked.source,
        chat_window_open=asked.chat_window_open,
        confirm_other_pending=asked.confirm_other_pending,
        consent_version=asked.consent_version,
        quote=quote,
        quote_is_stale=quote is None and asked.quote_token is not None,
    )


def terms_wanted(asked: "QuoteRequest") -> VisitRequest:
    """Return what a price is asked for."""
    return VisitRequest(
        therapist_id=asked.therapist_id,
        duration=asked.duration,
        booking_type=asked.booking_type,
        service_id=asked.service_id,
        scheduled_time=asked.scheduled_time,
        discount_code=normalised_code(asked.discount_code) if asked.discount_code else None,
    )


def close_quote(terms: Terms, seal: Signer, now: datetime) -> tuple[str, datetime]:
    """Return the sealed promise of terms, and until when it holds."""
    until, wanted = now + QUOTE_GOOD_FOR, terms.wanted
    payload = {
        "therapist": wanted.therapist_id,
        "duration": wanted.duration,
        "type": wanted.booking_type.value,
        "service": wanted.service_id,
        "time": format_utc(wanted.scheduled_time) if wanted.scheduled_time else None,
        "code": wanted.discount_code,
        "listPrice": terms.list_price,
        "discount": terms.discount,
    }
    return seal.close(_PURPOSE, payload, until=until), until


def _quote(token: str | None, seal: Callable[[], Signer], now: datetime) -> Terms | None:
    try:
        return read_quote(token, seal(), now) if token else None
    except QuoteStale:
        return None


def read_quote(token: str, seal: Signer, now: datetime) -> Terms:
    """Return the terms that a quote promises.

    Raises:
        QuoteStale: it is altered or too old.
    """
    content: Mapping[str, Any] = seal.open(_PURPOSE, token, now=now, otherwise=QuoteStale())
    return Terms(
        wanted=VisitRequest(
            therapist_id=content["therapist"],
            duration=content["duration"],
            booking_type=BookingType(content["type"]),
            service_id=content["service"],
            scheduled_time=parse_utc(content["time"]) if content["time"] else None,
            discount_code=content["code"],
        ),
        list_price=content["listPrice"],
        discount=content["discount"],
    )
