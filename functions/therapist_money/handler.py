"""GET /me/commissions and /me/statement: what a therapist owes the marketplace, and why."""

from marketplace import bootstrap
from marketplace.catalogue.place.market_days import stretch_of_month
from marketplace.commission.queries import CommissionsQuery, StatementQuery
from marketplace.commission.responses import (
    CommissionView,
    StatementView,
    commission_view,
    statement_csv,
    statement_view,
)
from marketplace.commission.statement import statement_of
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category
from marketplace.platform.text import csv_text

api = Api(Category.PAYMENT, tag="Therapist")


@api.get(
    "/me/commissions",
    roles=THERAPISTS,
    query=CommissionsQuery,
    response=Page[CommissionView],
    summary="List the caller's commissions",
)
def list_own_commissions(request: Request, query: CommissionsQuery) -> Page[CommissionView]:
    """Return a page of the caller's commission records, newest booking first."""
    caller, cursors = request.caller, bootstrap.cursors()
    of_list = f"commissions:{caller.user_id}:{query.status}"
    page = bootstrap.commission_lists().own(
        caller.user_id,
        status=query.status,
        limit=query.limit,
        start=cursors.open(of_list, query.cursor, utc_now()),
    )
    return {
        "items": [commission_view(commission) for commission in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@api.get(
    "/me/statement",
    roles=THERAPISTS,
    query=StatementQuery,
    response=StatementView,
    media=("text/csv",),
    summary="Read the caller's statement of one month",
)
def read_statement(request: Request, query: StatementQuery) -> StatementView | Response:
    """Return the caller's statement of a month, as JSON or as a CSV file."""
    caller = request.caller
    _, ends = stretch_of_month(query.month)
    records = list(bootstrap.commissions().find_all_of(caller.user_id, ends))
    postings = bootstrap.ledger().find_of(caller.user_id, before=ends)
    statement = statement_of(caller.user_id, query.month, records, postings)
    if query.format == "csv":
        return Response(
            content=statement_csv(statement),
            content_type=csv_text.CONTENT_TYPE,
            headers={"Content-Disposition": f'attachment; filename="statement-{query.month}.csv"'},
        )
    name = bootstrap.catalogue().therapist(caller.user_id).name
    return statement_view(statement, name, bootstrap.policies().in_force())


lambda_handler = api.answer
