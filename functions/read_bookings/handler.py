"""GET /bookings and /bookings/{bookingId}: a party's own bookings, newest first; all of them for an admin."""

from marketplace import bootstrap
from marketplace.booking.requests.queries import BookingsQuery
from marketplace.booking.responses.booking import BookingView, booking_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import OPERATIONS, SIGNED_IN, SUPPORT
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category

api = Api(Category.BOOKING, tag="Bookings")


@api.get(
    "/bookings",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    query=BookingsQuery,
    response=Page[BookingView],
    summary="List the caller's bookings, newest first",
)
def list_bookings(request: Request, query: BookingsQuery) -> Page[BookingView]:
    """Return a page of the caller's bookings."""
    now, caller = request.now, request.caller
    of_list, cursors = f"bookings:{caller.user_id}:{query.status}:{query.source}", bootstrap.cursors()
    page = bootstrap.booking_lists().page_for(
        caller,
        status=query.status,
        source=query.source,
        limit=query.limit,
        start=cursors.open(of_list, query.cursor, now),
        now=now,
    )
    return {
        "items": [booking_view(booking, caller.role, now) for booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@api.get(
    "/bookings/{bookingId}",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=BookingView,
    summary="Read one booking",
)
def read_booking(request: Request) -> BookingView:
    """Return one booking to a party or an admin."""
    caller = request.caller
    booking = bootstrap.bookings().get(request.path("bookingId"))
    booking.check_visible_to(caller)
    return booking_view(booking, caller.role, utc_now())


lambda_handler = api.answer
