"""What papers say, as their readers get it."""

from collections.abc import Sequence
from typing import Literal, TypedDict

from marketplace.commission.ledger.model import PostingReason
from marketplace.commission.papers.model import Paper
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc
from marketplace.platform.money import CURRENCY


class ReceiptView(TypedDict):
    """The receipt of a completed visit, as it was issued."""

    number: str
    """``R-2026-000001``."""
    kind: Literal["receipt"]
    issuedAt: Time
    issuerName: str
    issuerAddress: str
    bookingId: str
    customerName: str
    therapistName: str
    hotelVillaName: str | None
    serviceName: str | None
    visitAt: Time
    duration: int
    """Minutes."""
    listPrice: int
    discount: int
    price: int
    tax: int
    """What of the total is tax."""
    total: int
    currency: str


class InvoiceItem(TypedDict):
    """One posting of the month."""

    at: Time
    kind: PostingReason
    bookingId: str
    price: int | None
    """What the customer pays; null for a booking of another month."""
    charge: int
    credit: int


class InvoiceView(TypedDict):
    """The commission invoice of a finished month, as it was issued."""

    number: str
    """``INV-2026-000001``."""
    kind: Literal["invoice"]
    issuedAt: Time
    issuerName: str
    issuerAddress: str
    month: str
    """``YYYY-MM`` in Asia/Jakarta."""
    therapistId: str
    therapistName: str
    openingBalance: int
    commission: int
    """Of the bookings that were confirmed in the month."""
    corrections: int
    """What was reversed, waived, lowered or owed again; negative where the therapist owes less."""
    tax: int
    """What of the total is tax."""
    total: int
    """Commission and corrections."""
    paid: int
    closingBalance: int
    currency: str
    items: list[InvoiceItem]


class ListedInvoice(TypedDict):
    """An invoice in a list."""

    number: str
    month: str
    issuedAt: Time
    total: int
    currency: str


class InvoiceList(TypedDict):
    """A therapist's invoices, newest first."""

    items: list[ListedInvoice]
    nextCursor: None
    """There is one a month, so all fit in one page."""


def invoice_list(papers: Sequence[Paper]) -> InvoiceList:
    """Return invoices in a list."""
    return {
        "items": [
            {
                "number": paper.number,
                "month": paper.month or "",
                "issuedAt": format_utc(paper.issued_at),
                "total": paper.total,
                "currency": CURRENCY,
            }
            for paper in papers
        ],
        "nextCursor": None,
    }
