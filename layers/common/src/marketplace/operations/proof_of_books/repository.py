"""Proofs as they are stored, and the rows that they are made from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, final

from msgspec import Struct

from marketplace.commission.ledger.repository import ENTRIES, credits_key
from marketplace.operations.proof_of_books.model import Proof, ProvenDay
from marketplace.platform.dynamodb.actions import Condition, Put, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import BATCH_GET_LIMIT, Page, Store

_TABLE: Final = "proofs"
_BOOK: Final = "commissions"

type Rows = list[Mapping[str, Any]]


@final
class Proofs(Struct, frozen=True):
    """Every proof of the books."""

    store: Store

    def latest(self) -> Proof | None:
        """Return the latest proof, read strongly."""
        where = Condition(expression="#book = :book", values={"book": _BOOK})
        page = self.store.query(_TABLE, where=where, newest_first=True, limit=1, strongly=True)
        return from_record(Proof, page.items[0]) if page.items else None

    def proven_days(self) -> dict[str, ProvenDay]:
        """Return what the proofs say of each day, the latest word on it."""
        where = Condition(expression="#book = :book", values={"book": _BOOK})
        found = readable_records(Proof, self.store.query_all(_TABLE, where=where, strongly=True), key="number")
        return {day.day: day for proof in found for day in proof.days}

    def entries_of_day(self, day: str) -> Rows:
        """Return the postings of a UTC day, as they are stored."""
        where = Condition(expression="#day = :day", values={"day": day})
        return list(self.store.query_all(ENTRIES, index="byDay", where=where))

    def entries_of(self, therapist_id: str, first: str, last: str) -> Rows:
        """Return a therapist's postings between two entry ids, read strongly."""
        where = Condition(
            expression="#therapistId = :therapist AND #entryId BETWEEN :first AND :last",
            values={"therapist": therapist_id, "first": first or "0", "last": last},
        )
        return list(self.store.query_all(ENTRIES, where=where, strongly=True))

    def bookings_of_days(self, days: Iterable[str]) -> set[str]:
        """Return the ids of bookings that were confirmed on some UTC days, by their own rows or by their records."""
        found: set[str] = set()
        for day in days:
            where = Condition(expression="#confirmedDay = :day", values={"day": day})
            for table, index in (("bookings", "confirmedByDay"), ("commission_records", "byDay")):
                found |= {str(row["bookingId"]) for row in self.store.query_all(table, index=index, where=where)}
        return found

    def bookings(self, booking_ids: Iterable[str]) -> Rows:
        """Return bookings that are there, read strongly."""
        return self._read("bookings", booking_ids)

    def records(self, booking_ids: Iterable[str]) -> Rows:
        """Return commission records that are there, read strongly."""
        return self._read("commission_records", booking_ids)

    def credits_of(self, therapists: Iterable[str]) -> Rows:
        """Return what some therapists can use."""
        found = (self.store.get(*credits_key(therapist)) for therapist in sorted(therapists))
        return [item for item in found if item is not None]

    def _read(self, table: str, booking_ids: Iterable[str]) -> Rows:
        ids = sorted(booking_ids)
        found: Rows = []
        for first in range(0, len(ids), BATCH_GET_LIMIT):
            keys = [(table, {"bookingId": each}) for each in ids[first : first + BATCH_GET_LIMIT]]
            found += [item for item in self.store.batch_get(keys) if item is not None]
        return found

    def find_page(self, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of proofs, newest first."""
        where = Condition(expression="#book = :book", values={"book": _BOOK})
        return self.store.query(_TABLE, where=where, newest_first=True, limit=limit, start=start)

    def find_between(self, first: str, last: str) -> list[Proof]:
        """Return the proofs of dates, both included, newest first."""
        where = Condition(expression="#book = :book", values={"book": _BOOK})
        found = readable_records(Proof, self.store.query_all(_TABLE, where=where), key="number")
        return [proof for proof in reversed(found) if first <= proof.date <= last]

    def rows(self, table: str) -> Iterator[Item]:
        """Yield every row of a table."""
        start = None
        while True:
            page = self.store.scan(table, start=start)
            yield from page.items
            start = page.next_key
            if start is None:
                return


def adding_proof(proof: Proof) -> Put:
    """Return the action that adds a proof after the one before it, once."""
    return Put(label="proof", table=_TABLE, item={**to_record(proof), "book": _BOOK}, condition=absent("number"))
