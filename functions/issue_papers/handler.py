"""Receipts, invoices and a month of the books as files; invoices are issued on schedule."""

import base64
from typing import Any

from marketplace import bootstrap
from marketplace.commission.papers.model import Paper, last_finished_month
from marketplace.commission.papers.responses import (
    InvoiceList,
    InvoiceView,
    ReceiptView,
    invoice_list,
)
from marketplace.commission.papers.tables import MonthBooksView, month_books_view
from marketplace.commission.queries import MonthBooksQuery
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.caller import ADMINS, FINANCE, PARTIES, THERAPISTS
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import InvalidTransition, NotFound, ValidationFailed
from marketplace.platform.runtime.observability import Category, count, logger
from marketplace.platform.text import csv_text

_PDF = "application/pdf"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_BYTES = ValidationFailed.at("format", f"A workbook is sent to who asks with the header Accept: {_XLSX}.")

api = Api(Category.PAYMENT, tag="Bookings")


@api.get(
    "/bookings/{bookingId}/receipt",
    roles=PARTIES,
    response=ReceiptView,
    refusals=(InvalidTransition,),
    media=(_PDF,),
    summary="Read the receipt of a completed visit",
    description="As PDF with `Accept: application/pdf`; issued once, and the same for both parties.",
)
def read_receipt(request: Request) -> Response:
    """Return the receipt, issued at the first time that somebody asks for it."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    return _paper(request, bootstrap.paper_commands().receipt(booking_id, by=request.caller, now=request.now))


@api.get(
    "/me/invoices",
    roles=THERAPISTS,
    response=InvoiceList,
    tag="Therapist",
    summary="List the caller's commission invoices, newest first",
)
def list_invoices(request: Request) -> InvoiceList:
    """Return the caller's invoices, one of each finished month in which something was posted."""
    return invoice_list(bootstrap.papers().find_invoices(request.caller.user_id))


@api.get(
    "/me/invoices/{number}",
    roles=THERAPISTS,
    response=InvoiceView,
    refusals=(NotFound,),
    media=(_PDF,),
    tag="Therapist",
    summary="Read a commission invoice",
    description="As PDF with `Accept: application/pdf`.",
)
def read_invoice(request: Request) -> Response:
    """Return an invoice of the caller."""
    return _paper(request, bootstrap.papers().invoice(request.caller.user_id, request.path("number")))


@api.get(
    "/admin/exports",
    roles=ADMINS,
    duties=FINANCE,
    query=MonthBooksQuery,
    response=MonthBooksView,
    media=("text/csv", _XLSX),
    tag="Administration",
    summary="Export a month of the books",
    description="A workbook (`format=xlsx`) needs its type first in `Accept`; else it is refused.",
)
def export_month(request: Request, query: MonthBooksQuery) -> MonthBooksView | Response:
    """Return ledger, commissions, payments and revenue of a month: as JSON, one table as CSV, or all as XLSX."""
    if query.format == "xlsx" and _wants(request) != _XLSX:
        raise _NO_BYTES
    tables = bootstrap.month_exports().tables(query.month)
    match query.format:
        case "json":
            return month_books_view(query.month, tables)
        case "csv":
            table = next(table for table in tables if table.name == query.table)
            return Response(
                content=csv_text.csv_text(table.columns, table.rows),
                content_type=csv_text.CONTENT_TYPE,
                headers={"Content-Disposition": f'attachment; filename="{query.month}-{table.name}.csv"'},
            )
        case "xlsx":
            return Response(
                content=base64.b64encode(bootstrap.draw_workbook(tables)).decode(),
                content_type=_XLSX,
                headers={"Content-Disposition": f'attachment; filename="{query.month}-books.xlsx"'},
                is_base64=True,
            )


def _wants(request: Request) -> str:
    """Return the media type that a request names first: by that one alone the gateway decides whether bytes go out."""
    return request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()


def _paper(request: Request, paper: Paper) -> Response:
    """Return a paper's bytes, as JSON unless PDF is asked for."""
    if _wants(request) != _PDF:
        return Response(content=bootstrap.papers().read(paper, "json").decode())
    return Response(
        content=base64.b64encode(bootstrap.papers().read(paper, "pdf")).decode(),
        content_type=_PDF,
        headers={"Content-Disposition": f'inline; filename="{paper.number}.pdf"'},
        is_base64=True,
    )


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway, or issue the invoices of the last finished month on schedule."""
    return api.answer(event, context) if "httpMethod" in event else issue_on_schedule(event, context)


@triggered(Category.PAYMENT)
def issue_on_schedule(event: Event) -> dict[str, Any]:
    """Issue what is missing of the last finished month, or of the month that the event names."""
    now = utc_now()
    month = str(event.get("month") or last_finished_month(now))
    invoices = bootstrap.paper_commands().issue_month(month, now=now)
    count("InvoicesIssued", invoices)
    return {"month": month, "invoices": invoices}
