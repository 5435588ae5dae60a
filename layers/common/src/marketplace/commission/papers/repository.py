"""Papers as they are stored: a row each, their numbers' counters, and their bytes in a bucket of their own."""

from typing import Any, Final, final

from msgspec import Struct

from marketplace.commission.papers.model import Paper, PaperKind
from marketplace.platform.dynamodb.actions import Condition, Put, Update, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound
from marketplace.platform.resilience import Dependency

_TABLE: Final = "papers"
_TYPES: Final = {"pdf": "application/pdf", "json": "application/json"}


@final
class Papers(Struct, frozen=True):
    """Every paper that was issued."""

    store: Store
    s3: Dependency
    bucket: str

    def find(self, paper_key: str, kind: PaperKind, year: int) -> tuple[Paper | None, int]:
        """Return the paper about something, if there is one, and the latest number of its kind and year."""
        paper, counter = self.store.batch_get([(_TABLE, {"paperKey": paper_key}), _counter_key(kind, year)])
        return None if paper is None else from_record(Paper, paper), _latest(counter)

    def find_invoices(self, therapist_id: str) -> list[Paper]:
        """Return a therapist's invoices, newest first."""
        where = Condition(
            expression="#ownerId = :owner AND begins_with(#number, :invoices)",
            values={"owner": therapist_id, "invoices": f"{PaperKind.INVOICE.prefix}-"},
        )
        items = self.store.query_all(_TABLE, index="byOwner", where=where)
        return readable_records(Paper, items, key="paperKey")[::-1]

    def invoice(self, therapist_id: str, number: str) -> Paper:
        """Return a therapist's own invoice of a number.

        Raises:
            NotFound: there is none.
        """
        where = Condition(
            expression="#ownerId = :owner AND #number = :number", values={"owner": therapist_id, "number": number}
        )
        for item in self.store.query_all(_TABLE, index="byOwner", where=where):
            paper = from_record(Paper, item)
            if paper.kind is PaperKind.INVOICE:
                return paper
        raise NotFound

    def keep(self, key: str, content: bytes, ending: str) -> None:
        """Keep bytes under a name that their hash is part of; again, they are the same."""
        self.s3.call("put_object", Bucket=self.bucket, Key=key, Body=content, ContentType=_TYPES[ending])

    def read(self, paper: Paper, ending: str) -> bytes:
        """Return a paper's bytes as they were issued."""
        answer: Any = self.s3.call("get_object", Bucket=self.bucket, Key=paper.object_key(ending))
        content: bytes = answer["Body"].read()
        return content


def issuing(paper: Paper, year: int, count: int) -> tuple[Update, Put]:
    """Return the actions that issue a paper under the number after ``count``, if nobody has taken that meanwhile."""
    table, key = _counter_key(paper.kind, year)
    free = (
        Condition(expression="attribute_not_exists(#latest)")
        if count == 0
        else Condition(expression="#latest = :read", values={"read": count})
    )
    return (
        Update(label="number", table=table, key=key, condition=free, assign={"latest": count + 1, "kind": "papers"}),
        Put(label="paper", table=_TABLE, item=to_record(paper), condition=absent("paperKey")),
    )


def _counter_key(kind: PaperKind, year: int) -> tuple[str, dict[str, str]]:
    return "claims", {"claimKey": f"papers#{kind.prefix}-{year}", "claimId": "number"}


def _latest(counter: Item | None) -> int:
    latest = (counter or {}).get("latest")
    return latest if type(latest) is int else 0
