"""GET /bookings and /bookings/{bookingId}: a party's own bookings, newest first; all of them for an admin."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import booking_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.queries import BookingsQuery
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category

rest = Rest(Category.BOOKING)


@rest.get("/bookings")
def list_bookings(call: Call) -> dict[str, Any]:
    """Return a page of the caller's bookings."""
    now, caller, asked = utc_now(), call.caller, call.query(BookingsQuery)
    of_list, cursors = f"bookings:{caller.user_id}:{asked.status}:{asked.source}", bootstrap.cursors()
    page = bootstrap.booking_lists().page_for(
        caller,
        status=asked.status,
        source=asked.source,
        limit=asked.limit,
        start=cursors.open(of_list, asked.cursor, now),
        now=now,
    )
    return {
        "items": [booking_view(booking, caller.role, now) for booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@rest.get("/bookings/{bookingId}")
def get_booking(call: Call) -> dict[str, Any]:
    """Return one booking to a party or an admin."""
    caller = call.caller
    booking = bootstrap.bookings().get(call.path("bookingId"))
    booking.check_visible_to(caller)
    return {**booking_view(booking, caller.role, utc_now())}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
