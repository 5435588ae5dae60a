"""GET /admin/revenue, /admin/commissions and /admin/ledger: what was earned, who owes what of it, and every posting."""

from marketplace import bootstrap
from marketplace.catalogue.place.market_days import day_of
from marketplace.commission.queries import AdminCommissionsQuery, LedgerQuery, RevenueQuery
from marketplace.commission.responses import (
    CommissionView,
    LedgerLineView,
    RevenueView,
    commission_view,
    ledger_line_view,
    revenue_view,
)
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, FINANCE
from marketplace.platform.runtime.observability import Category

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


@api.get(
    "/admin/ledger",
    roles=ADMINS,
    duties=FINANCE,
    query=LedgerQuery,
    response=Page[LedgerLineView],
    summary="Read the ledger, newest first",
    description="Lines with the same `postingId` balance. `receivable` and `credits` of a therapist are their balance.",
)
def read_ledger(request: Request, query: LedgerQuery) -> Page[LedgerLineView]:
    """Return a page of the ledger's lines, of one therapist or of all."""
    cursors, lists, today = bootstrap.cursors(), bootstrap.ledger_lists(), day_of(request.now)
    first, last = query.period(today)
    of_list = f"ledger:{query.therapist_id}:{query.since}:{query.until}"
    start = cursors.open(of_list, query.cursor, request.now)
    page = (
        lists.all(first, last, limit=query.limit, start=start)
        if query.therapist_id is None
        else lists.of(query.therapist_id, first, last, limit=query.limit, start=start)
    )
    return {
        "items": [ledger_line_view(line) for line in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


lambda_handler = api.answer
