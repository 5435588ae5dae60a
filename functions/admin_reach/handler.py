"""What admins see of messages to people who are not looking."""

from marketplace import bootstrap
from marketplace.notification.contact_responses import DeliveryView, delivery_view
from marketplace.notification.delivery import Delivery
from marketplace.notification.queries import DeliveriesQuery
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OPERATIONS, SUPPORT
from marketplace.platform.dynamodb.records import readable
from marketplace.platform.observability import Category

api = Api(Category.BOOKING, tag="Administration")


@api.get(
    "/admin/deliveries",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=DeliveriesQuery,
    response=Page[DeliveryView],
    summary="List messages to people, newest first",
    description="Of one booking, or of all: then month by month, back to the oldest that is kept.",
)
def list_deliveries(request: Request, query: DeliveriesQuery) -> Page[DeliveryView]:
    """Return a page of deliveries, newest first."""
    of_list, cursors = f"deliveries:{query.booking_id}:{query.status}:{query.channel}", bootstrap.cursors()
    page = bootstrap.deliveries().find_page(
        booking_id=query.booking_id,
        status=query.status,
        channel=query.channel,
        limit=query.limit,
        position=cursors.open(of_list, query.cursor, request.now),
        now=request.now,
    )
    return {
        "items": [delivery_view(each) for each in readable(Delivery, page.items, key="deliveryId")],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


lambda_handler = api.answer
