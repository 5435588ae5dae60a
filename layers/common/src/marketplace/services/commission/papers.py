"""Issues papers: a receipt when somebody first asks for it, invoices when a month is over."""

from collections.abc import Callable
from datetime import datetime
from typing import final

from marketplace.booking.model import BookingStatus
from marketplace.booking.repository import Bookings
from marketplace.catalogue.place.market_days import day_of, stretch_of_month
from marketplace.catalogue.repository import Catalogue
from marketplace.commission.ledger.repository import Ledger
from marketplace.commission.papers.model import (
    Content,
    Issuer,
    Paper,
    PaperKind,
    as_bytes,
    hash_of,
    invoice_content,
    object_key,
    paper_number,
    receipt_content,
)
from marketplace.commission.papers.repository import Papers, issuing
from marketplace.commission.repository import Commissions
from marketplace.commission.statement import statement_of
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.actions import TransactionRefused
from marketplace.platform.dynamodb.conflicts import retry_on_conflict
from marketplace.platform.refusals import InvalidTransition, NotFound
from marketplace.services.commission.month_exports import postings_of

type Draw = Callable[[Content], bytes]
"""Draws a paper as PDF."""


@final
class PaperCommands:
    """What issues papers; whoever loses a race for a number takes the next one."""

    def __init__(  # noqa: PLR0913 - what papers tell of, and where they go
        self,
        *,
        papers: Papers,
        bookings: Bookings,
        commissions: Commissions,
        ledger: Ledger,
        catalogue: Catalogue,
        issuer: Issuer,
        draw: Callable[[], Draw],
    ) -> None:
        """Issue in the name of ``issuer``; what draws is made when something is to be drawn."""
        self._papers = papers
        self._bookings = bookings
        self._commissions = commissions
        self._ledger = ledger
        self._catalogue = catalogue
        self._issuer = issuer
        self._draw = draw

    def receipt(self, booking_id: str, *, by: Caller, now: datetime) -> Paper:
        """Return the receipt of a completed visit, issued at the first time that somebody asks for it.

        Raises:
            NotFound: there is no such booking, or the caller is none of its parties.
            InvalidTransition: the visit has not been completed.
        """
        booking = self._bookings.get(booking_id)
        if not booking.is_party(by):
            raise NotFound
        if booking.status is not BookingStatus.COMPLETED:
            raise InvalidTransition(booking.as_of(now).status)
        return self._issued(
            f"{PaperKind.RECEIPT}#{booking_id}",
            PaperKind.RECEIPT,
            owner_id=booking.therapist_id,
            content_of=lambda number: receipt_content(booking, self._issuer, number, now),
            now=now,
        )

    def issue_month(self, month: str, *, now: datetime) -> int:
        """Issue the invoices of a finished month, each once; return how many there are.

        Raises:
            InvalidTransition: the month is not over.
        """
        _, ends = stretch_of_month(month)
        if now < ends:
            raise InvalidTransition
        therapists = sorted({posting.therapist_id for posting in postings_of(self._ledger, month)})
        for therapist_id in therapists:
            self._invoice(therapist_id, month, now)
        return len(therapists)

    def _invoice(self, therapist_id: str, month: str, now: datetime) -> Paper:
        _, ends = stretch_of_month(month)
        records = list(self._commissions.find_all_of(therapist_id, ends))
        statement = statement_of(therapist_id, month, records, self._ledger.find_of(therapist_id, before=ends))
        try:
            name = self._catalogue.therapist(therapist_id).name
        except NotFound:
            name = therapist_id
        return self._issued(
            f"{PaperKind.INVOICE}#{therapist_id}#{month}",
            PaperKind.INVOICE,
            owner_id=therapist_id,
            content_of=lambda number: invoice_content(statement, name, self._issuer, number, now),
            now=now,
            month=month,
        )

    def _issued(  # noqa: PLR0913 - what a paper is made of
        self,
        paper_key: str,
        kind: PaperKind,
        *,
        owner_id: str,
        content_of: Callable[[str], Content],
        now: datetime,
        month: str | None = None,
    ) -> Paper:
        """Return a paper, issued now if it was not yet: its bytes are kept first, then its number counts."""
        year = day_of(now).year
        already, _ = self._papers.find(paper_key, kind, year)
        if already is not None:
            return already
        draw = self._draw()  # may be loaded only now, which takes longer than a race for a number

        def attempt() -> Paper | None:
            issued, count = self._papers.find(paper_key, kind, year)
            if issued is not None:
                return issued
            number = paper_number(kind, year, count + 1)
            content = content_of(number)
            said, drawn = as_bytes(content), draw(content)
            paper = Paper(
                paper_key=paper_key,
                kind=kind,
                number=number,
                owner_id=owner_id,
                issued_at=now,
                pdf_hash=hash_of(drawn),
                json_hash=hash_of(said),
                month=month,
                total=int(content["total"]),
            )
            for ending, kept in (("pdf", drawn), ("json", said)):
                self._papers.keep(object_key(kind, number, hash_of(kept), ending), kept, ending)
            try:
                self._papers.store.transact(issuing(paper, year, count))
            except TransactionRefused:
                return None
            return paper

        return retry_on_conflict(attempt)
