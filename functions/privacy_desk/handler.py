"""GET /privacy/export and POST /privacy/erase: what is known of a customer, and how it is forgotten."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from marketplace import bootstrap
from marketplace.booking.model import Booking
from marketplace.booking.responses.booking import booking_view
from marketplace.booking.responses.reviews import review_view
from marketplace.booking.review import Review
from marketplace.chat.responses import message_view
from marketplace.notification.repository import notice_of
from marketplace.notification.responses import notification_view
from marketplace.operations.privacy.queries import ExportQuery
from marketplace.operations.privacy.requests import EraseMe
from marketplace.operations.privacy.responses import Erased, PersonalEntry
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import CUSTOMERS, Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import ConfirmationRequired, InvalidTransition, NotFound
from marketplace.platform.resilience import seconds_left
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.AUTH, tag="Sessions")

_PLENTY: Final = 1_000.0
_STOP_WITH_SECONDS_LEFT: Final = 4.0


@api.get(
    "/privacy/export",
    roles=CUSTOMERS,
    query=ExportQuery,
    response=Page[PersonalEntry],
    summary="Read everything that is known of the caller",
    description=(
        "Bookings, each with its reviews and followed by the messages of its room, then notifications and favourites."
        " A page ends where a query does:"
        " go on until `nextCursor` is null."
    ),
)
def export_personal_data(request: Request, query: ExportQuery) -> Page[PersonalEntry]:
    """Return a page of what is known of the caller: one query's worth, and where it goes on."""
    now, caller = request.now, request.caller
    of_list, cursors = f"export:{caller.user_id}", bootstrap.cursors()
    items, position = _page(caller, cursors.open(of_list, query.cursor, now) or {}, query.limit)
    return {"items": items, "nextCursor": cursors.close(of_list, position)}


def _page(caller: Caller, at: Mapping[str, Any], limit: int) -> tuple[list[PersonalEntry], dict[str, Any] | None]:
    """Return what lies at a position: the rest of a room, the next booking with its room, or notifications."""
    if "room" in at:
        return _rest_of_room(caller, at, limit)
    if "notices" not in at:
        page = bootstrap.bookings().find_page(
            index="byCustomer", attribute="customerId", value=caller.user_id, limit=1, start=at.get("bookings")
        )
        goes_on = {"notices": None} if page.next_key is None else {"bookings": dict(page.next_key)}
        if not page.items:
            return [], goes_on
        booking = bootstrap.bookings().get(str(page.items[0]["bookingId"]))
        now = utc_now()
        entries: list[PersonalEntry] = [{"kind": "booking", "entry": dict(booking_view(booking, Role.CUSTOMER, now))}]
        for review in _reviews_of(booking, now):
            entries.append({"kind": "review", "entry": dict(review_view(review, now))})  # noqa: PERF401 - typed so
        return entries, {"room": booking.chat_room_id, "after": 0, "then": goes_on}
    if "favourites" in at:
        favourites, next_key = bootstrap.favourites().find_rows(caller.user_id, limit=limit, start=at["favourites"])
        return [{"kind": "favourite", "entry": dict(each)} for each in favourites], (
            None if next_key is None else {**at, "favourites": dict(next_key)}
        )
    page = bootstrap.notices().find_page(caller.user_id, limit=limit, start=at["notices"])
    items: list[PersonalEntry] = [
        {"kind": "notification", "entry": dict(notification_view(notice_of(item), caller.language))}
        for item in page.items
    ]
    return items, {"notices": None, "favourites": None} if page.next_key is None else {"notices": dict(page.next_key)}


def _reviews_of(booking: Booking, now: datetime) -> list[Review]:
    """Return the customer's review of a visit, and what the therapist says of it once both may see it."""
    found = bootstrap.reviews().find_of(booking.booking_id)
    return [each for each in found if each.author is Role.CUSTOMER or each.is_shown(now)]


def _rest_of_room(
    caller: Caller, at: Mapping[str, Any], limit: int
) -> tuple[list[PersonalEntry], dict[str, Any] | None]:
    try:
        room, _, role = bootstrap.rooms().load(at["room"], caller)
    except NotFound:
        return [], at["then"]
    page = bootstrap.rooms().messages(at["room"], after=at["after"], limit=limit)
    items: list[PersonalEntry] = [
        {"kind": "message", "entry": dict(message_view(message, room, role, caller.language, reveals=True))}
        for message in page.messages
    ]
    if not page.has_more or not page.messages:
        return items, at["then"]
    return items, {**at, "after": page.messages[-1].sequence}


@api.post(
    "/privacy/erase",
    roles=CUSTOMERS,
    body=EraseMe,
    response=Erased,
    refusals=(ConfirmationRequired, InvalidTransition),
    summary="Be forgotten",
    description=(
        "Names, numbers, places, the caller's messages and files go; bookings stay as counts and amounts. Refused"
        " while a booking is pending or confirmed. Repeating goes on where an earlier call ended,"
        " and finds what came later."
    ),
)
def erase_personal_data(request: Request, body: EraseMe) -> Erased:
    """Forget the caller, as far as the invocation's time allows; a repeat goes on, and finds what came later."""
    caller = request.caller
    if not body.confirm:
        raise ConfirmationRequired
    erased = bootstrap.erasure().erase(
        caller, request.now, has_time=lambda: seconds_left(_PLENTY) >= _STOP_WITH_SECONDS_LEFT
    )
    logger().info("customer erased", extra={"customer_id": caller.user_id, "bookings": erased})
    count("CustomersErased")
    return {"customerId": caller.user_id, "erasedBookings": erased}


lambda_handler = api.answer
