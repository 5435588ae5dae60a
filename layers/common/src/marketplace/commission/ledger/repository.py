"""The ledger as it is stored: its postings by therapist and by day, and what each therapist has as credits."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.commission.ledger.model import BESIDE_RECORDS, Posting, PostingReason, posting_between
from marketplace.commission.model import Commission
from marketplace.commission.repository import adding_commission, saving_commission
from marketplace.commission.states import PaymentStatus
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Action, Condition, Put, Update, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store

ENTRIES: Final = "ledger_entries"
_CREDITS: Final = "credits"
_USES_CREDITS: Final = frozenset({PostingReason.COMMISSION, PostingReason.APPLICATION, PostingReason.REFUND})


@final
class Ledger:
    """Every posting there is."""

    def __init__(self, store: Store) -> None:
        """Read from ``store``."""
        self._store = store

    def find_of(self, therapist_id: str, *, before: datetime) -> Iterator[Posting]:
        """Yield a therapist's postings of before an instant, oldest first, read strongly."""
        items = self._store.query_all(ENTRIES, where=_of_therapist(therapist_id, None, before), strongly=True)
        yield from readable_records(Posting, items, key="entryId")

    def find_of_booking(self, commission: Commission) -> list[Posting]:
        """Return the postings that a record stands for, oldest first, read strongly; money beside it is none of it."""
        where = Condition(
            expression="#therapistId = :therapist AND #entryId >= :since",
            values={"therapist": commission.therapist_id, "since": format_utc(commission.booking_date)},
        )
        items = self._store.query_all(ENTRIES, where=where, strongly=True)
        found = readable_records(
            Posting, (item for item in items if item.get("bookingId") == commission.booking_id), key="entryId"
        )
        return [posting for posting in found if posting.reason not in BESIDE_RECORDS]

    def find_page_of(
        self,
        therapist_id: str,
        since: datetime | None,
        before: datetime,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
    ) -> Page:
        """Return a page of a therapist's postings of a stretch of time, newest first."""
        return self._store.query(
            ENTRIES, where=_of_therapist(therapist_id, since, before), newest_first=True, limit=limit, start=start
        )

    def find_page_of_day(
        self, day: str, since: datetime, before: datetime, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page:
        """Return a page of everybody's postings of a UTC date within a stretch of time, newest first."""
        return self._store.query(
            ENTRIES,
            index="byDay",
            where=Condition(
                expression="#day = :day AND #entryId BETWEEN :since AND :before",
                values={"day": day, "since": format_utc(since), "before": format_utc(before)},
            ),
            newest_first=True,
            limit=limit,
            start=start,
        )


def _of_therapist(therapist_id: str, since: datetime | None, before: datetime) -> Condition:
    edge = {"therapist": therapist_id, "before": format_utc(before)}
    if since is None:
        return Condition(expression="#therapistId = :therapist AND #entryId < :before", values=edge)
    return Condition(
        expression="#therapistId = :therapist AND #entryId BETWEEN :since AND :before",
        values={**edge, "since": format_utc(since)},
    )


def recording(before: Commission | None, after: Commission, reason: PostingReason) -> list[Action]:
    """Return the actions that write a step of a record with its posting: the record, and at most two items more."""
    record: Action = adding_commission(after) if before is None else saving_commission(before, after)
    begins_anew = before is not None and before.payment_status is PaymentStatus.REVERSED
    posting = posting_between(None if begins_anew else before, after, reason)
    return [record, *([] if posting is None else booking_of(posting))]


def booking_of(posting: Posting) -> list[Action]:
    """Return the actions that write a posting once, and bring its therapist's credits to what it says."""
    actions: list[Action] = [
        Put(label="posting", table=ENTRIES, item=to_record(posting), condition=absent("entryId")),
    ]
    if posting.new_credits:
        actions.append(_moving_credits(posting))
    return actions


def credits_key(therapist_id: str) -> tuple[str, dict[str, str]]:
    """Return where a therapist's credits stand, the sum of that account in their postings."""
    return "claims", {"claimKey": f"{_CREDITS}#{therapist_id}", "claimId": "balance"}


def credits_in(item: Item | None) -> int:
    """Return what credits can settle, in rupiah; nothing where the row is missing or was tampered with."""
    available = (item or {}).get("available")
    return available if type(available) is int and available > 0 else 0


def _moving_credits(posting: Posting) -> Update:
    """Return the action that moves a therapist's credits; a debt or a refund can use no more than there is.

    What was given by mistake is taken back even where it has been used: the therapist owes it then.
    """
    table, key = credits_key(posting.therapist_id)
    condition = Condition(expression="attribute_not_exists(#kind) OR #kind = :kind", values={"kind": _CREDITS})
    if posting.reason in _USES_CREDITS:
        condition = Condition(expression="#available >= :used", values={"used": -posting.new_credits})
    return Update(
        label="credits",
        table=table,
        key=key,
        condition=condition,
        assign={"kind": _CREDITS, "therapistId": posting.therapist_id},
        add={"available": posting.new_credits},
    )
