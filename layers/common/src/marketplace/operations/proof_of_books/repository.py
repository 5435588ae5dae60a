"""Proofs as they are stored, and the rows that they are made from."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, final

from msgspec import Struct

from marketplace.operations.proof_of_books.model import Proof
from marketplace.platform.dynamodb.actions import Condition, Put, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store

_TABLE: Final = "proofs"
_BOOK: Final = "commissions"


@final
class Proofs(Struct, frozen=True):
    """Every proof of the books."""

    store: Store

    def latest(self) -> Proof | None:
        """Return the latest proof, read strongly."""
        where = Condition(expression="#book = :book", values={"book": _BOOK})
        page = self.store.query(_TABLE, where=where, newest_first=True, limit=1, strongly=True)
        return from_record(Proof, page.items[0]) if page.items else None

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
