"""The papers of all therapists."""

from collections.abc import Mapping
from datetime import date
from typing import Any, final

from marketplace.catalogue.document.model import Paper, PaperStatus
from marketplace.platform.dynamodb.actions import Condition, Put, absent, at_version
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound


@final
class Documents:
    """The table of papers."""

    def __init__(self, store: Store) -> None:
        """Keep papers in ``store``."""
        self._store = store

    def get(self, document_id: str) -> Paper:
        """Return a paper.

        Raises:
            NotFound: there is none of that id.
        """
        item = self._store.get("documents", {"documentId": document_id})
        if item is None:
            raise NotFound
        return from_record(Paper, item)

    @staticmethod
    def saving(paper: Paper, *, read_version: int) -> Put:
        """Return the action that writes a paper unless it has changed since it was read (0: was absent)."""
        condition = absent("documentId") if read_version == 0 else at_version(read_version)
        return Put(label="paper", table="documents", item=to_record(paper), condition=condition)

    def find_of(self, therapist_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of a therapist's papers, newest first."""
        where = Condition(expression="#therapistId = :therapist", values={"therapist": therapist_id})
        return self._store.query(
            "documents", index="byTherapist", where=where, newest_first=True, limit=limit, start=start
        )

    def find_by_status(
        self,
        status: PaperStatus,
        today: date,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        until: date | None = None,
    ) -> tuple[list[Paper], Mapping[str, Any] | None]:
        """Return a page of the papers in a state, those that expire first at first, ``until`` a date if one is given.

        Those that were approved and hold no more are the expired ones. Second comes where the next page starts.
        """
        values: dict[str, object] = {"status": status.value}
        expression = "#status = :status"
        match status:
            case PaperStatus.EXPIRED:
                values = {"status": PaperStatus.APPROVED.value, "today": today.isoformat()}
                expression += " AND #expiresOn < :today"
            case PaperStatus.APPROVED if until is not None:
                values |= {"today": today.isoformat(), "last": until.isoformat()}
                expression += " AND #expiresOn BETWEEN :today AND :last"
            case PaperStatus.APPROVED:
                values["today"] = today.isoformat()
                expression += " AND #expiresOn >= :today"
            case _:
                pass
        where = Condition(expression=expression, values=values)
        page = self._store.query("documents", index="byStatus", where=where, limit=limit, start=start)
        return readable_records(Paper, page.items, key="documentId"), page.next_key
