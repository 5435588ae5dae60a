"""GET /admin/revenue and /admin/commissions: what was earned, and who owes what of it."""

from marketplace import bootstrap
from marketplace.catalogue.market_days import day_of
from marketplace.commission.queries import AdminCommissionsQuery, RevenueQuery
from marketplace.commission.responses import CommissionView, RevenueView, commission_view, revenue_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, FINANCE
from marketplace.platform.observability import Category

api = Api(Category.PAYMENT, tag="Administration")


@api.get(
    "/admin/revenue",
    roles=ADMINS,
    duties=FINANCE,
    query=RevenueQuery,
    response=RevenueView,
    summary="Read what a period brought in",
)
def read_revenue(request: Request, query: RevenueQuery) -> RevenueView:
    """Return the revenue of a period, with what is wrong in it, as the tables have it now."""
    first, last = query.period(day_of(request.now))
    return revenue_view(bootstrap.revenue_books().sum_up(first, last))


@api.get(
    "/admin/commissions",
    roles=ADMINS,
    duties=FINANCE,
    query=AdminCommissionsQuery,
    response=Page[CommissionView],
    summary="List all commissions",
)
def list_all_commissions(request: Request, query: AdminCommissionsQuery) -> Page[CommissionView]:
    """Return a page of everybody's commission records, the most urgent first."""
    cursors = bootstrap.cursors()
    of_list = f"commissions:{query.status}"
    page = bootstrap.commission_lists().all(
        status=query.status, limit=query.limit, start=cursors.open(of_list, query.cursor, request.now)
    )
    return {
        "items": [commission_view(commission) for commission in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


lambda_handler = api.answer
