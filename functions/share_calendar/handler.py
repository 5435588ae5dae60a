"""Visits for people's own calendars: one visit as a file, and a therapist's feed under an address with a secret."""

import os
from typing import Final, TypedDict

from marketplace import bootstrap
from marketplace.booking.icalendar import CONTENT_TYPE, calendar_of
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Text
from marketplace.platform.caller import ANYONE, PARTIES, THERAPISTS, Language, Role
from marketplace.platform.observability import Category, count, logger
from marketplace.services.calendar_feeds import ENDING

api = Api(Category.BOOKING, tag="Bookings")

_UNKNOWN_BASE: Final = "https://{api}"


class CalendarFeed(TypedDict):
    """Where a calendar finds the caller's visits; whoever has the address may read them."""

    url: str


@api.get(
    "/bookings/{bookingId}/calendar.ics",
    roles=PARTIES,
    response=Text,
    media=("text/calendar",),
    summary="Read a visit as a calendar file",
)
def read_calendar_file(request: Request) -> Response:
    """Return one visit of the caller as iCalendar."""
    caller, booking_id = request.caller, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    booking = bootstrap.bookings().get(booking_id)
    booking.check_visible_to(caller)
    return Response(
        content=calendar_of([booking], caller.role, caller.language, request.now), content_type=CONTENT_TYPE
    )


@api.get("/me/calendar-feed", roles=THERAPISTS, response=CalendarFeed, summary="Read the address of one's own feed")
def read_calendar_feed(request: Request) -> CalendarFeed:
    """Return the address, which is made at the first call."""
    return _feed(request, bootstrap.calendar_feeds().secret(by=request.caller, now=request.now))


@api.post(
    "/me/calendar-feed/rotate",
    roles=THERAPISTS,
    response=CalendarFeed,
    summary="Take a new address for one's own feed",
    description="The old one answers nobody any more.",
)
def rotate_calendar_feed(request: Request) -> CalendarFeed:
    """Return a new address."""
    count("CalendarFeedsRotated")
    return _feed(request, bootstrap.calendar_feeds().rotate(by=request.caller, now=request.now))


@api.get(
    "/calendar-feeds/{feed}",
    roles=ANYONE,
    response=Text,
    media=("text/calendar",),
    summary="Read the visits behind an address with a secret",
    description="The path ends with `.ics`. What fell away stays, as cancelled.",
)
def read_feed(request: Request) -> Response:
    """Return a therapist's visits as iCalendar to whoever has the secret."""
    bookings = bootstrap.calendar_feeds().bookings_of(request.path("feed"))
    language = bootstrap.catalogue().therapist(bookings[0].therapist_id).language if bookings else Language.ENGLISH
    return Response(content=calendar_of(bookings, Role.THERAPIST, language, request.now), content_type=CONTENT_TYPE)


def _feed(request: Request, secret: str) -> CalendarFeed:
    """Return the address as it works from outside: the gateway names itself in the event."""
    api_id = str(request.event.get("requestContext", {}).get("apiId", ""))
    base = os.environ.get("REST_URL_FORM", _UNKNOWN_BASE).replace("{api}", api_id)
    return {"url": f"{base}/calendar-feeds/{secret}{ENDING}"}


lambda_handler = api.answer
