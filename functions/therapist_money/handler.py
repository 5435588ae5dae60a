"""GET /me/commissions and /me/statement: what a therapist owes the marketplace, and why."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import commission_view
from marketplace.catalogue.market_days import stretch_of_month
from marketplace.commission.statement import statement_of
from marketplace.commission.views import statement_csv, statement_view
from marketplace.platform import csv_text
from marketplace.platform.api.http import Answer, Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.queries import CommissionsQuery, StatementQuery
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category

rest = Rest(Category.PAYMENT)


@rest.get("/me/commissions")
def list_own_commissions(call: Call) -> dict[str, Any]:
    """Return a page of the caller's commission records, newest booking first."""
    caller, asked, cursors = call.caller, call.query(CommissionsQuery), bootstrap.cursors()
    of_list = f"commissions:{caller.user_id}:{asked.status}"
    page = bootstrap.commission_lists().own(
        caller.user_id,
        status=asked.status,
        limit=asked.limit,
        start=cursors.open(of_list, asked.cursor, utc_now()),
    )
    return {
        "items": [commission_view(commission) for commission in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@rest.get("/me/statement")
def get_statement(call: Call) -> Answer:
    """Return the caller's statement of a month, as JSON or as a CSV file."""
    caller, asked = call.caller, call.query(StatementQuery)
    _, ends = stretch_of_month(asked.month)
    records = list(bootstrap.commissions().find_all_of(caller.user_id, ends))
    statement = statement_of(caller.user_id, asked.month, records)
    if asked.format == "csv":
        return Answer(
            text=statement_csv(statement),
            content_type=csv_text.CONTENT_TYPE,
            headers={"Content-Disposition": f'attachment; filename="statement-{asked.month}.csv"'},
        )
    return Answer(body={**statement_view(statement, bootstrap.catalogue().therapist(caller.user_id).name)})


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
