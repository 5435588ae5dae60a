"""GET /admin/errors and /admin/errors/rate: what went wrong, as a list or a table to take away, and how often."""

import csv
import io
import json
import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from marketplace import bootstrap
from marketplace.operations.errors.queries import ErrorsQuery
from marketplace.operations.errors.repository import ErrorFilter
from marketplace.operations.errors.responses import ErrorEvent, ErrorRates, error_rates_view, error_view
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OPERATIONS
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.runtime.observability import Category

api = Api(Category.STORAGE, tag="Administration")

RATE_OVER: Final = timedelta(hours=1)
MOST_ROWS: Final = 2_000
"""Rows of one exported file; its header ``x-next-cursor`` says where the next one starts."""
COLUMNS: Final = (
    "at",
    "category",
    "severity",
    "functionName",
    "code",
    "message",
    "requestId",
    "traceId",
    "bookingId",
    "context",
    "eventId",
)


@api.get(
    "/admin/errors",
    roles=ADMINS,
    duties=OPERATIONS,
    query=ErrorsQuery,
    response=Page[ErrorEvent],
    media=("text/csv",),
    summary="List or export recorded errors",
    description="`format=csv` answers text/csv with the same fields as columns.",
)
def list_errors(request: Request, query: ErrorsQuery) -> Page[ErrorEvent] | Response:
    """Return recorded errors, newest first: a page of them, or as many as one file takes."""
    now = request.now
    of_list = f"errors:{query.category}:{query.severity}:{query.since}:{query.until}"
    cursors, as_file = bootstrap.cursors(), query.format == "csv"
    wanted = ErrorFilter(category=query.category, severity=query.severity, since=query.since, until=query.until)
    items, position = bootstrap.error_log().find_page(
        wanted,
        limit=MOST_ROWS if as_file else query.limit,
        start=cursors.open(of_list, query.cursor, now),
        now=now,
    )
    trace_page = os.environ.get("TRACE_PAGE", "")
    views, next_cursor = [error_view(item, trace_page) for item in items], cursors.close(of_list, position)
    if not as_file:
        return {"items": views, "nextCursor": next_cursor}
    return Response(
        content=as_csv(views),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="errors-{format_utc(now)[:10]}.csv"',
            **({"x-next-cursor": next_cursor} if next_cursor else {}),
        },
    )


@api.get(
    "/admin/errors/rate",
    roles=ADMINS,
    duties=OPERATIONS,
    response=ErrorRates,
    summary="Read how many errors each minute saw",
)
def read_error_rates(_: Request) -> ErrorRates:
    """Return how many errors each minute of the last hour saw."""
    now = utc_now()
    return error_rates_view(bootstrap.error_log().rates(now - RATE_OVER, now))


def as_csv(events: Iterable[ErrorEvent]) -> str:
    """Return errors as CSV (RFC 4180) whose cells no spreadsheet takes for a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for event in events:
        row: dict[str, Any] = {**event, "context": json.dumps(event["context"], separators=(",", ":"))}
        table.writerow([_harmless(row[column]) for column in COLUMNS])
    return text.getvalue()


def _harmless(value: object) -> str:
    """Put an apostrophe before what a spreadsheet would calculate.

    Source: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


lambda_handler = api.answer
