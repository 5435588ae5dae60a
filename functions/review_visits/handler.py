"""What people keep of visits: reviews of them, favourites, and calendars of their own."""

import os
from http import HTTPStatus
from typing import Final, TypedDict

from marketplace import bootstrap
from marketplace.booking.calendar.icalendar import CONTENT_TYPE, calendar_of
from marketplace.booking.requests.review import NewReply, NewReview
from marketplace.booking.responses.reviews import ReviewView, review_view
from marketplace.catalogue.responses import TherapistView, therapist_view
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page, Text
from marketplace.platform.caller import ANYONE, CUSTOMERS, PARTIES, THERAPISTS, Role
from marketplace.platform.language import Language
from marketplace.platform.refusals import InvalidTransition
from marketplace.platform.runtime.observability import Category, count, logger
from marketplace.services.booking.calendar_feeds import ENDING

api = Api(Category.BOOKING, tag="Bookings")


@api.post(
    "/bookings/{bookingId}/review",
    roles=PARTIES,
    body=NewReview,
    response=ReviewView,
    status=HTTPStatus.CREATED,
    refusals=(InvalidTransition,),
    summary="Review a completed visit",
    description=(
        "Each party once, within 14 days of the completion. It is hidden until both are in or 7 days are over; "
        "the therapist's rating counts the customers' shown ones."
    ),
)
def write_review(request: Request, body: NewReview) -> ReviewView:
    """Write the caller's review."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    review = bootstrap.reviews().write(
        booking_id, rating=body.rating, text=body.text, by=request.caller, now=request.now
    )
    count("ReviewsWritten")
    return review_view(review, request.now)


@api.get(
    "/therapists/{therapistId}/reviews",
    roles=ANYONE,
    query=PageQuery,
    response=Page[ReviewView],
    summary="List the customers' reviews of a therapist, newest first",
)
def list_reviews(request: Request, query: PageQuery) -> Page[ReviewView]:
    """Return a page of the reviews that are shown."""
    now, therapist_id = request.now, request.path("therapistId")
    of_list, cursors = f"reviews:{therapist_id}", bootstrap.cursors()
    start = cursors.open(of_list, query.cursor, now)
    bootstrap.catalogue().therapist(therapist_id)
    reviews, next_key = bootstrap.reviews().find_shown(therapist_id, limit=query.limit, start=start, now=now)
    return {
        "items": [review_view(each, now) for each in reviews],
        "nextCursor": cursors.close(of_list, next_key),
    }


@api.post(
    "/me/reviews/{bookingId}/reply",
    roles=THERAPISTS,
    body=NewReply,
    response=ReviewView,
    refusals=(InvalidTransition,),
    summary="Answer a customer's review, once",
)
def reply_to_review(request: Request, body: NewReply) -> ReviewView:
    """Answer a review that is shown."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return review_view(
        bootstrap.reviews().reply(booking_id, body.text, by=request.caller, now=request.now), request.now
    )


class Favourite(TypedDict):
    """Whether a therapist is among the caller's favourites now."""

    therapistId: str
    isFavourite: bool


@api.get(
    "/me/favourites",
    roles=CUSTOMERS,
    query=PageQuery,
    response=Page[TherapistView],
    summary="List the caller's favourites",
    tag="Catalogue",
)
def list_favourites(request: Request, query: PageQuery) -> Page[TherapistView]:
    """Return a page of the therapists whom the caller likes; who is suspended is left out."""
    of_list, cursors = f"favourites:{request.caller.user_id}", bootstrap.cursors()
    therapists, next_key = bootstrap.favourites().find_page(
        request.caller.user_id, limit=query.limit, start=cursors.open(of_list, query.cursor, request.now)
    )
    return {
        "items": [therapist_view(each) for each in therapists],
        "nextCursor": cursors.close(of_list, next_key),
    }


@api.put(
    "/me/favourites/{therapistId}",
    roles=CUSTOMERS,
    response=Favourite,
    summary="Add a therapist to the favourites",
    tag="Catalogue",
)
def add_favourite(request: Request) -> Favourite:
    """Add a therapist; again, it answers the same."""
    therapist_id = request.path("therapistId")
    bootstrap.favourites().add(therapist_id, by=request.caller, now=request.now)
    count("FavouritesAdded")
    return {"therapistId": therapist_id, "isFavourite": True}


@api.delete(
    "/me/favourites/{therapistId}",
    roles=CUSTOMERS,
    response=Favourite,
    summary="Take a therapist from the favourites",
    tag="Catalogue",
)
def remove_favourite(request: Request) -> Favourite:
    """Take a therapist away; again, it answers the same."""
    therapist_id = request.path("therapistId")
    bootstrap.favourites().remove(therapist_id, by=request.caller, now=request.now)
    return {"therapistId": therapist_id, "isFavourite": False}


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
