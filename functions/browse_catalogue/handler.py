"""What anybody may browse: therapists, their free times, hotels; and prices, for customers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Final

from marketplace import bootstrap
from marketplace.booking.calendar.model import Calendar
from marketplace.booking.calendar.slots import free_from, free_from_days, free_starts, sheet_days
from marketplace.booking.lists import collect
from marketplace.booking.orders import close_quote, terms_wanted
from marketplace.booking.requests.quote import QuoteRequest
from marketplace.booking.responses.booking import Quote
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.place.location import Point
from marketplace.catalogue.queries import HotelsQuery, SlotsQuery, TherapistsQuery
from marketplace.catalogue.repository import therapist_filter
from marketplace.catalogue.responses import (
    DaySlots,
    HotelView,
    ListedTherapist,
    Slots,
    TherapistView,
    hotel_view,
    listed_therapist_view,
    therapist_view,
)
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.reference import reference_page, renderer_file
from marketplace.platform.api.responses import Document, Page, Text
from marketplace.platform.caller import ANYONE, CUSTOMERS
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.money import BASIS_POINTS, CURRENCY
from marketplace.platform.refusals import DiscountUnavailable, NotFound
from marketplace.platform.runtime.observability import Category

api = Api(Category.BOOKING, tag="Catalogue")

_RENDERER: Final = Path(__file__).with_name("redoc.js")
_DOCUMENTS_KEPT: Final = "public, max-age=300"


@api.get(
    "/therapists",
    roles=ANYONE,
    query=TherapistsQuery,
    response=Page[ListedTherapist],
    summary="List and find therapists and places",
    description="Without `q`, `sort` and `maxPrice` in the order of their ids. Whoever has no price, place or rating "
    "is sorted last.",
)
def list_therapists(request: Request, query: TherapistsQuery) -> Page[ListedTherapist]:
    """Return a page of the catalogue, or of what is looked for in it."""
    now = request.now
    if query.is_search:
        return _search(query, now)
    of_list, cursors = f"therapists:{query.online}:{query.type}", bootstrap.cursors()
    filtered_by = therapist_filter(online=query.online, therapist_type=query.type)
    items, position = collect(
        lambda size, key: bootstrap.catalogue().find_therapists(limit=size, start=key, filtered_by=filtered_by),
        limit=query.limit,
        start=cursors.open(of_list, query.cursor, now),
    )
    return {
        "items": _listed(readable_records(Therapist, items, key="therapistId"), query.near, now),
        "nextCursor": cursors.close(of_list, position),
    }


def _search(query: TherapistsQuery, now: datetime) -> Page[ListedTherapist]:
    of_list, cursors = f"found-therapists:{query.wish!r}", bootstrap.cursors()
    position = cursors.open(of_list, query.cursor, now)
    found, after = bootstrap.therapist_search().find(
        query.wish, limit=query.limit, after=position["after"] if position else None, now=now
    )
    return {
        "items": _listed(found, query.near, now),
        "nextCursor": cursors.close(of_list, None if after is None else {"after": after}),
    }


def _listed(therapists: Sequence[Therapist], near: Point | None, now: datetime) -> list[ListedTherapist]:
    """Return therapists with when each of them could come, by one look at the calendars of all."""
    policy = bootstrap.policies().in_force()
    window = policy.response_window
    wanted = {each.therapist_id: (each.beds, free_from_days(each, window, now)) for each in therapists}
    calendars = bootstrap.holds().standing_calendars(wanted, now)
    return [
        listed_therapist_view(
            each,
            near=near,
            free_from=free_from(each, calendars[each.therapist_id], window, now)
            if policy.lets_offer_to(each, now)
            else None,
            now=now,
        )
        for each in therapists
    ]


@api.get("/therapists/{therapistId}", roles=ANYONE, response=TherapistView, summary="Read one therapist or place")
def read_therapist(request: Request) -> TherapistView:
    """Return one therapist of the catalogue."""
    return therapist_view(bootstrap.catalogue().listed_therapist(request.path("therapistId")))


@api.get(
    "/therapists/{therapistId}/slots",
    roles=ANYONE,
    query=SlotsQuery,
    response=Slots,
    summary="List the free starts of a date, or of some days",
    description="`date` and `from` are the therapist's local dates; give `date`, or `from` and `days`. A listed slot "
    "can be booked.",
)
def list_slots(request: Request, query: SlotsQuery) -> Slots:
    """Return the starts that can be booked on local dates of the therapist."""
    now, duration = request.now, query.duration
    therapist = bootstrap.catalogue().listed_therapist(request.path("therapistId"))
    first, number = query.date or query.since or now.date(), query.days or 1
    dates = [first + timedelta(days=offset) for offset in range(number)]
    sheets = sorted({day for date in dates for day in sheet_days(therapist, date, duration, now)})
    calendar = bootstrap.holds().standing_calendar(therapist.therapist_id, sheets, now, beds=therapist.beds)
    gets_offers = bootstrap.policies().in_force().lets_offer_to(therapist, now)
    days = [_slots_on(date, therapist, calendar, duration, now, gets_offers=gets_offers) for date in dates]
    return {
        **days[0],
        "therapistId": therapist.therapist_id,
        "duration": duration,
        "timeZone": therapist.time_zone,
        "days": days,
    }


def _slots_on(  # noqa: PLR0913 - which date of whom, and what stands there
    date: date, therapist: Therapist, calendar: Calendar, duration: int, now: datetime, *, gets_offers: bool
) -> DaySlots:
    visit = timedelta(minutes=duration)
    starts = free_starts(therapist, calendar, date, duration, now) if gets_offers else ()
    return {
        "date": date.isoformat(),
        "slots": [{"start": format_utc(start), "end": format_utc(start + visit)} for start in starts],
    }


@api.get("/hotels", roles=ANYONE, query=HotelsQuery, response=Page[HotelView], summary="List hotels and villas")
def list_hotels(request: Request, query: HotelsQuery) -> Page[HotelView]:
    """Return a page of the hotels and villas."""
    now, cursors = request.now, bootstrap.cursors()
    page = bootstrap.catalogue().find_hotels(limit=query.limit, start=cursors.open("hotels", query.cursor, now))
    return {
        "items": [hotel_view(hotel) for hotel in readable_records(Hotel, page.items, key="hotelVillaId")],
        "nextCursor": cursors.close("hotels", page.next_key),
    }


@api.post(
    "/quotes",
    roles=CUSTOMERS,
    body=QuoteRequest,
    response=Quote,
    refusals=(DiscountUnavailable, NotFound),
    summary="Get a price that holds for five minutes",
)
def quote_price(request: Request, body: QuoteRequest) -> Quote:
    """Promise a price for five minutes."""
    now = request.now
    terms = bootstrap.quotes().agree(terms_wanted(body), by=request.caller, now=now)
    token, until = close_quote(terms, bootstrap.seal(), now)
    return {
        "listPrice": terms.list_price,
        "discount": terms.discount,
        "price": terms.price,
        "currency": CURRENCY,
        "commissionRate": bootstrap.policies().in_force().commission_rate_bps / BASIS_POINTS,
        "quoteToken": token,
        "expiresAt": format_utc(until),
    }


@api.get("/openapi.json", roles=ANYONE, response=Document, summary="Read this document", tag="Documents")
def read_open_api(_: Request) -> Response:
    """Return the description of the REST interface."""
    return _document("openapi.json")


@api.get(
    "/asyncapi.json", roles=ANYONE, response=Document, summary="Read the description of the WebSocket", tag="Documents"
)
def read_async_api(_: Request) -> Response:
    """Return the description of the WebSocket interface."""
    return _document("asyncapi.json")


@api.get(
    "/docs",
    roles=ANYONE,
    response=Text,
    media=("text/html",),
    summary="Read the reference of the REST API in a browser",
    tag="Documents",
)
def show_reference(_: Request) -> Response:
    """Return the page of the REST interface."""
    return reference_page(title="REST API", description="openapi.json", renderer="docs/redoc.js")


@api.get(
    "/docs/sockets",
    roles=ANYONE,
    response=Text,
    media=("text/html",),
    summary="Read the reference of the WebSocket in a browser",
    tag="Documents",
)
def show_socket_reference(_: Request) -> Response:
    """Return the page of the WebSocket interface."""
    return reference_page(title="WebSocket API", description="../asyncapi.json", renderer="redoc.js")


@api.get(
    "/docs/redoc.js",
    roles=ANYONE,
    response=Text,
    media=("text/javascript",),
    refusals=(NotFound,),
    summary="Get what draws the reference",
    description="404 where it was built without.",
    tag="Documents",
)
def read_reference_renderer(_: Request) -> Response:
    """Return the renderer of the pages, which the build has put beside this module."""
    try:
        return renderer_file(_RENDERER.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound from None


def _document(name: str) -> Response:
    text = (resources.files("marketplace.platform.api") / "documents" / name).read_text("utf-8")
    return Response(content=text, headers={"Cache-Control": _DOCUMENTS_KEPT})


lambda_handler = api.answer
