"""What anybody may browse: therapists, their free times, hotels; and prices, for customers."""

from datetime import timedelta
from importlib import resources
from typing import Any, Final

from marketplace import bootstrap
from marketplace.booking.lists import collect
from marketplace.booking.opening import agree_terms
from marketplace.booking.orders import close_quote, terms_wanted
from marketplace.booking.quote_requests import QuoteRequest
from marketplace.booking.slots import free_starts, sheet_days
from marketplace.booking.views import hotel_view, therapist_view
from marketplace.catalogue.discount import normalised_code
from marketplace.catalogue.hotel import Hotel
from marketplace.catalogue.repository import therapist_filter
from marketplace.catalogue.therapist import Therapist
from marketplace.platform.api.http import Answer, Call, Rest, preflight
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.queries import HotelsQuery, SlotsQuery, TherapistsQuery
from marketplace.platform.clock import utc_now, written
from marketplace.platform.dynamodb.records import readable
from marketplace.platform.money import BASIS_POINTS, CURRENCY
from marketplace.platform.observability import Category
from marketplace.platform.settings import settings

rest = Rest(Category.BOOKING)

_DOCUMENTS_KEPT: Final = "public, max-age=300"


@rest.get("/therapists")
def list_therapists(call: Call) -> dict[str, Any]:
    """Return a page of the catalogue."""
    now, asked = utc_now(), call.query(TherapistsQuery)
    of_list, cursors = f"therapists:{asked.online}:{asked.type}", bootstrap.cursors()
    keeping = therapist_filter(online=asked.online, therapist_type=asked.type)
    items, position = collect(
        lambda size, key: bootstrap.catalogue().find_therapists(limit=size, start=key, keeping=keeping),
        limit=asked.limit,
        start=cursors.open(of_list, asked.cursor, now),
    )
    return {
        "items": [therapist_view(each) for each in readable(Therapist, items, key="therapistId")],
        "nextCursor": cursors.close(of_list, position),
    }


@rest.get("/therapists/{therapistId}")
def get_therapist(call: Call) -> dict[str, Any]:
    """Return one therapist of the catalogue."""
    return {**therapist_view(bootstrap.catalogue().therapist(call.path("therapistId")))}


@rest.get("/therapists/{therapistId}/slots")
def list_slots(call: Call) -> dict[str, Any]:
    """Return the starts that can be booked on one local date of the therapist."""
    now, asked = utc_now(), call.query(SlotsQuery)
    day, duration = asked.date, asked.duration
    visit = timedelta(minutes=duration)
    therapist = bootstrap.catalogue().therapist(call.path("therapistId"))
    days = sheet_days(therapist, day, duration, now)
    calendar = bootstrap.bookings().standing_calendar(therapist.therapist_id, days, now)
    return {
        "therapistId": therapist.therapist_id,
        "date": day.isoformat(),
        "duration": duration,
        "timeZone": therapist.time_zone,
        "slots": [
            {"start": written(start), "end": written(start + visit)}
            for start in free_starts(therapist, calendar, day, duration, now)
        ],
    }


@rest.get("/hotels")
def list_hotels(call: Call) -> dict[str, Any]:
    """Return a page of the hotels and villas."""
    now, asked, cursors = utc_now(), call.query(HotelsQuery), bootstrap.cursors()
    page = bootstrap.catalogue().find_hotels(limit=asked.limit, start=cursors.open("hotels", asked.cursor, now))
    return {
        "items": [hotel_view(hotel) for hotel in readable(Hotel, page.items, key="hotelVillaId")],
        "nextCursor": cursors.close("hotels", page.next_key),
    }


@rest.post("/quotes")
def quote(call: Call) -> dict[str, Any]:
    """Promise a price for five minutes."""
    now, asked = utc_now(), call.body(QuoteRequest)
    therapist, code = bootstrap.catalogue().therapist_with_code(
        asked.therapist_id, normalised_code(asked.discount_code) if asked.discount_code else None
    )
    terms = agree_terms(terms_wanted(asked), therapist, code, now)
    token, until = close_quote(terms, bootstrap.seal(), now)
    return {
        "listPrice": terms.list_price,
        "discount": terms.discount,
        "price": terms.price,
        "currency": CURRENCY,
        "commissionRate": settings().commission_rate_bps / BASIS_POINTS,
        "quoteToken": token,
        "expiresAt": written(until),
    }


@rest.get("/openapi.json")
def openapi(_: Call) -> Answer:
    """Return the description of the REST interface."""
    return _document("openapi.json")


@rest.get("/asyncapi.json")
def asyncapi(_: Call) -> Answer:
    """Return the description of the WebSocket interface."""
    return _document("asyncapi.json")


@rest.options("/{proxy+}")
def answer_preflight(call: Call) -> Answer:
    """Answer a browser's preflight of any route."""
    return preflight(call)


def _document(name: str) -> Answer:
    text = (resources.files("marketplace.platform.api") / "documents" / name).read_text("utf-8")
    return Answer(text=text, headers={"Cache-Control": _DOCUMENTS_KEPT})


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
