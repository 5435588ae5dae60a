"""What admins see: every booking with its whole life, every therapist with their workload, the trail of anything."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import admin_booking_view
from marketplace.catalogue.therapist import Therapist
from marketplace.operations.queries import AdminBookingsQuery, AdminTherapistsQuery, HistoryQuery
from marketplace.operations.views import admin_therapist_view, history_view
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.records import readable
from marketplace.platform.observability import Category, logger

rest = Rest(Category.BOOKING)


@rest.get("/admin/bookings")
def list_bookings(call: Call) -> dict[str, Any]:
    """Return a page of everybody's bookings, newest first."""
    now, caller, asked = utc_now(), call.caller, call.query(AdminBookingsQuery)
    filters = (asked.status, asked.source, asked.therapist_id, asked.since, asked.until)
    of_list, cursors = f"admin-bookings:{filters}", bootstrap.cursors()
    page = bootstrap.booking_lists().all(
        status=asked.status,
        source=asked.source,
        therapist_id=asked.therapist_id,
        between=(asked.since, asked.until),
        limit=asked.limit,
        start=cursors.open(of_list, asked.cursor, now),
        now=now,
    )
    return {
        "items": [admin_booking_view(booking, caller, now) for booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@rest.get("/admin/bookings/{bookingId}")
def get_booking(call: Call) -> dict[str, Any]:
    """Return one booking with its trail: who answered what, and when."""
    now, booking_id = utc_now(), call.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    booking = bootstrap.bookings().get(booking_id)
    entries = bootstrap.history().find_page(booking_id).items
    return {
        **admin_booking_view(booking, call.caller, now),
        "history": [history_view(entry) for entry in entries],
    }


@rest.get("/admin/therapists")
def list_therapists(call: Call) -> dict[str, Any]:
    """Return a page of the therapists and places with what awaits them."""
    now, asked, cursors = utc_now(), call.query(AdminTherapistsQuery), bootstrap.cursors()
    page = bootstrap.catalogue().find_therapists(
        limit=asked.limit, start=cursors.open("admin-therapists", asked.cursor, now)
    )
    workload = bootstrap.watch().workload(now)
    stored = {str(item["therapistId"]): item for item in page.items}
    return {
        "items": [
            admin_therapist_view(
                therapist,
                stored[therapist.therapist_id],
                offers=workload.offers.get(therapist.therapist_id, 0),
                confirmed=workload.confirmed.get(therapist.therapist_id, 0),
                overdue=workload.overdue.get(therapist.therapist_id, 0),
                now=now,
            )
            for therapist in readable(Therapist, page.items, key="therapistId")
        ],
        "nextCursor": cursors.close("admin-therapists", page.next_key),
    }


@rest.get("/admin/history/{entityId}")
def list_history(call: Call) -> dict[str, Any]:
    """Return a page of the trail of one thing, oldest first; there is none for what never was."""
    now, entity_id, asked = utc_now(), call.path("entityId"), call.query(HistoryQuery)
    of_list, cursors = f"history:{entity_id}", bootstrap.cursors()
    page = bootstrap.history().find_page(entity_id, limit=asked.limit, start=cursors.open(of_list, asked.cursor, now))
    if not page.items and asked.cursor is None:
        bootstrap.bookings().get(entity_id)
    return {
        "items": [history_view(entry) for entry in page.items],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
