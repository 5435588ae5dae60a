"""What admins see: every booking with its whole life, every therapist with their workload, the audit log."""

from datetime import timedelta
from functools import partial

from marketplace import bootstrap
from marketplace.booking.found import looked_for
from marketplace.booking.repository import booking_key
from marketplace.booking.responses.booking import AdminBooking, admin_booking_view
from marketplace.catalogue.repository import discount_code_key, hotel_key, therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.operations.offers import offers_of
from marketplace.operations.queries import AdminBookingsQuery, AdminTherapistsQuery, HistoryQuery, OfferSharesQuery
from marketplace.operations.responses import (
    AdminBookingDetail,
    AdminTherapist,
    HistoryEntry,
    OfferSharesView,
    admin_therapist_view,
    history_view,
    offer_shares_view,
    offer_view,
)
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OPERATIONS, SUPPORT
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.refusals import NotFound
from marketplace.platform.runtime.observability import Category, logger
from marketplace.services.catalogue.policies import AUDITED_AS

api = Api(Category.BOOKING, tag="Administration")


@api.get(
    "/admin/bookings",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=AdminBookingsQuery,
    response=Page[AdminBooking],
    summary="List all bookings, newest first",
)
def list_all_bookings(request: Request, query: AdminBookingsQuery) -> Page[AdminBooking]:
    """Return a page of everybody's bookings, newest first."""
    now, caller = request.now, request.caller
    filters = (query.status, query.source, query.therapist_id, query.since, query.until, query.q)
    of_list, cursors = f"admin-bookings:{filters}", bootstrap.cursors()
    lists = bootstrap.booking_lists()
    page = (lists.all if query.q is None else partial(lists.search, looked_for(query.q)))(
        status=query.status,
        source=query.source,
        therapist_id=query.therapist_id,
        between=(query.since, query.until),
        limit=query.limit,
        start=cursors.open(of_list, query.cursor, now),
        now=now,
    )
    return {
        "items": [admin_booking_view(booking, caller, now) for booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@api.get(
    "/admin/bookings/{bookingId}",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    response=AdminBookingDetail,
    summary="Read one booking with its history",
)
def read_any_booking(request: Request) -> AdminBookingDetail:
    """Return one booking with its audit log: who answered what, and when."""
    now, booking_id = request.now, request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    booking = bootstrap.bookings().get(booking_id)
    entries = bootstrap.history().find_page(booking_id).items
    return {
        **admin_booking_view(booking, request.caller, now),
        "history": [history_view(entry) for entry in entries],
        "offers": [offer_view(offer) for offer in offers_of(booking, entries, now)],
    }


@api.get(
    "/admin/therapists",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=AdminTherapistsQuery,
    response=Page[AdminTherapist],
    summary="List therapists with their presence and open work",
)
def list_all_therapists(request: Request, query: AdminTherapistsQuery) -> Page[AdminTherapist]:
    """Return a page of the therapists and places with what awaits them."""
    now, cursors = request.now, bootstrap.cursors()
    items, position = bootstrap.catalogue().find_all_therapists(
        limit=query.limit, start=cursors.open("admin-therapists", query.cursor, now)
    )
    workload = bootstrap.workloads().workload(now)
    stored = {str(item["therapistId"]): item for item in items}
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
            for therapist in readable_records(Therapist, items, key="therapistId")
        ],
        "nextCursor": cursors.close("admin-therapists", position),
    }


@api.get(
    "/admin/offer-shares",
    roles=ADMINS,
    duties=OPERATIONS,
    query=OfferSharesQuery,
    response=OfferSharesView,
    summary="Read how the offers of the last days were spread over therapists",
    description="By this one sees whether the ranking of alternatives is fair. Test bookings are left out.",
)
def read_offer_shares(request: Request, query: OfferSharesQuery) -> OfferSharesView:
    """Return everybody's share in the offers of the last days."""
    since = request.now - timedelta(days=query.days)
    return offer_shares_view(bootstrap.offer_shares().since(since, request.now), since, request.now)


@api.get(
    "/admin/history/{entityId}",
    roles=ADMINS,
    duties=OPERATIONS,
    query=HistoryQuery,
    response=Page[HistoryEntry],
    summary="Read who changed what, when and how",
)
def read_history(request: Request, query: HistoryQuery) -> Page[HistoryEntry]:
    """Return a page of the audit log of one thing, oldest first; there is none for what never was."""
    now, entity_id = request.now, request.path("entityId")
    of_list, cursors = f"history:{entity_id}", bootstrap.cursors()
    page = bootstrap.history().find_page(entity_id, limit=query.limit, start=cursors.open(of_list, query.cursor, now))
    if not page.items and query.cursor is None:
        _check_exists(entity_id)
    return {
        "items": [history_view(entry) for entry in page.items],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


def _check_exists(entity_id: str) -> None:
    """Refuse as not found what nothing is that has an audit log: others are known by their audit log alone."""
    if entity_id == AUDITED_AS:
        return
    found = bootstrap.store().batch_get(
        [
            booking_key(entity_id),
            therapist_key(entity_id),
            hotel_key(entity_id),
            discount_code_key(entity_id),
            ("staff", {"userId": entity_id}),
        ]
    )
    if not any(found):
        raise NotFound


lambda_handler = api.answer
