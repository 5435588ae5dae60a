"""Receipts and invoices: papers that are issued once, under numbers without a gap, and never change.

What they say stands at their top level, the same for every reader. A correction is a paper of its own: it is a posting
of the month in which it was made, and stands on the invoice of that month.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.model import Booking, BookingStatus
from marketplace.catalogue.place.market_days import day_of
from marketplace.commission.ledger.model import PostingReason
from marketplace.commission.statement import Statement
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.money import BASIS_POINTS, CURRENCY
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition


class PaperKind(StrEnum):
    """What a paper is."""

    RECEIPT = "receipt"
    INVOICE = "invoice"

    @property
    def prefix(self) -> str:
        """What its numbers begin with."""
        return {PaperKind.RECEIPT: "R", PaperKind.INVOICE: "INV"}[self]


@final
class Issuer(Struct, frozen=True, kw_only=True):
    """Who issues papers: name, address, and the tax in basis points that prices include; 0 for none."""

    name: str
    address: str
    tax_bps: int

    def tax_in(self, amount: int) -> int:
        """Return what of an amount is tax, in whole rupiah, rounded half up."""
        whole = BASIS_POINTS + self.tax_bps
        return (amount * self.tax_bps * 2 + whole) // (whole * 2)


@final
class Paper(Record, frozen=True, kw_only=True):
    """A paper that was issued; its bytes are in the bucket of papers, and hash to what stands here."""

    paper_key: str
    """What it is about: ``receipt#b-4w2…``, ``invoice#t-ayu#2026-11``."""
    kind: PaperKind
    number: str
    owner_id: str
    """The therapist whose books it belongs to."""
    issued_at: Instant
    pdf_hash: str
    json_hash: str
    """SHA-256, in hexadecimal."""
    month: str | None = None
    total: int = 0

    def object_key(self, ending: str) -> str:
        """Return where its bytes are; ``ending`` is ``pdf`` or ``json``."""
        return object_key(self.kind, self.number, self.pdf_hash if ending == "pdf" else self.json_hash, ending)


type Content = Mapping[str, Any]
"""What a paper says, under wire names; always with ``number``, ``kind`` and ``total``."""


def object_key(kind: PaperKind, number: str, content_hash: str, ending: str) -> str:
    """Return where bytes of a paper are kept: their hash is in the name, so nothing is ever written over."""
    return f"{kind.value}s/{number}/{content_hash}.{ending}"


def paper_number(kind: PaperKind, year: int, count: int) -> str:
    """Return a paper's number: ``R-2026-000001``."""
    return f"{kind.prefix}-{year}-{count:06d}"


def as_bytes(content: Content) -> bytes:
    """Return what a paper says as the JSON that is kept."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def receipt_content(booking: Booking, issuer: Issuer, number: str, now: datetime) -> Content:
    """Return what the receipt of a completed visit says.

    Raises:
        InvalidTransition: the visit has not been completed.
    """
    if booking.status is not BookingStatus.COMPLETED:
        raise InvalidTransition(booking.as_of(now).status)
    visit_at = booking.scheduled_time or booking.confirmed_at or booking.created_at
    return {
        "number": number,
        "kind": PaperKind.RECEIPT.value,
        "issuedAt": format_utc(now),
        "issuerName": issuer.name,
        "issuerAddress": issuer.address,
        "bookingId": booking.booking_id,
        "customerName": booking.customer_name,
        "therapistName": booking.therapist_name,
        "hotelVillaName": booking.hotel_villa_name,
        "serviceName": booking.service_name,
        "visitAt": format_utc(visit_at),
        "duration": booking.duration,
        "listPrice": booking.list_price,
        "discount": booking.discount,
        "price": booking.price,
        "tax": issuer.tax_in(booking.price),
        "total": booking.price,
        "currency": CURRENCY,
    }


_SETTLING: Final = frozenset({PostingReason.PAYMENT, PostingReason.UNMATCHED, PostingReason.REFUND})


def invoice_content(statement: Statement, therapist_name: str, issuer: Issuer, number: str, now: datetime) -> Content:
    """Return what a therapist's invoice of a finished month says: commissions, corrections, and what was paid."""
    charged = [posting for posting in statement.postings if posting.reason is PostingReason.COMMISSION]
    paid = [posting for posting in statement.postings if posting.reason in _SETTLING]
    corrected = [
        posting
        for posting in statement.postings
        if posting.reason not in _SETTLING and posting.reason is not PostingReason.COMMISSION
    ]
    commission, corrections = (sum(each.change for each in postings) for postings in (charged, corrected))
    prices = {each.booking_id: each.booking_amount for each in statement.commissions}
    total = commission + corrections
    return {
        "number": number,
        "kind": PaperKind.INVOICE.value,
        "issuedAt": format_utc(now),
        "issuerName": issuer.name,
        "issuerAddress": issuer.address,
        "month": statement.month,
        "therapistId": statement.therapist_id,
        "therapistName": therapist_name,
        "openingBalance": statement.opening_balance,
        "commission": commission,
        "corrections": corrections,
        "tax": issuer.tax_in(max(0, total)),
        "total": total,
        "paid": -sum(posting.change for posting in paid),
        "closingBalance": statement.closing_balance,
        "currency": CURRENCY,
        "items": [
            {
                "at": format_utc(posting.at),
                "kind": posting.reason.value,
                "bookingId": posting.booking_id,
                "price": prices.get(posting.booking_id),
                "charge": posting.charge,
                "credit": posting.credit,
            }
            for posting in statement.postings
        ],
    }


def last_finished_month(now: datetime) -> str:
    """Return the latest month that is over in Jakarta: ``2026-11``."""
    return (day_of(now).replace(day=1) - timedelta(days=1)).isoformat()[:7]
