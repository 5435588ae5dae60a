"""GET /admin/revenue and /admin/commissions: what was earned, and who owes what of it."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.catalogue.market_days import day_of
from marketplace.commission.views import revenue_view
from marketplace.operations.queries import AdminCommissionsQuery, RevenueQuery
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category

rest = Rest(Category.PAYMENT)


@rest.get("/admin/revenue")
def get_revenue(call: Call) -> dict[str, Any]:
    """Return the revenue of a period, with what is wrong in it, as the tables have it now."""
    first, last = call.query(RevenueQuery).period(day_of(utc_now()))
    return {**revenue_view(bootstrap.revenue_books().sum_up(first, last))}


@rest.get("/admin/commissions")
def list_commissions(call: Call) -> dict[str, Any]:
    """Return a page of everybody's commission records, the most urgent first."""
    asked, cursors = call.query(AdminCommissionsQuery), bootstrap.cursors()
    of_list = f"commissions:{asked.status}"
    page = bootstrap.commission_lists().all(
        status=asked.status, limit=asked.limit, start=cursors.open(of_list, asked.cursor, utc_now())
    )
    return {
        "items": [commission_view(commission) for commission in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
