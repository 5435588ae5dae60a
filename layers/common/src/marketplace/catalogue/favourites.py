"""Whom customers like to find again: one row for each customer and therapist."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.catalogue.repository import therapist_key
from marketplace.catalogue.therapist.model import Therapist
from marketplace.platform.caller import Caller
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Delete, Put, TransactionRefused, absent, present
from marketplace.platform.dynamodb.recorded_changes import record_change
from marketplace.platform.dynamodb.records import readable_records
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound

TABLE: Final = "favourites"


@final
class Favourites:
    """The favourites of all customers."""

    def __init__(self, store: Store) -> None:
        """Keep favourites in ``store``."""
        self._store = store

    def add(self, therapist_id: str, *, by: Caller, now: datetime) -> None:
        """Add a therapist to the caller's favourites; one that is there stays.

        Raises:
            NotFound: there is no such therapist, or they are suspended.
        """
        table, key = therapist_key(therapist_id)
        found = readable_records(Therapist, [self._store.get(table, key) or {}], key="therapistId")
        if not found or found[0].is_suspended:
            raise NotFound
        put = Put(
            label="favourite",
            table=TABLE,
            item={**_key(by, therapist_id), "addedAt": format_utc(now)},
            condition=absent("therapistId"),
        )
        self._write(put, "favourite_added", therapist_id, by, now)

    def remove(self, therapist_id: str, *, by: Caller, now: datetime) -> None:
        """Take a therapist from the caller's favourites, where they are one."""
        gone = Delete(label="favourite", table=TABLE, key=_key(by, therapist_id), condition=present("therapistId"))
        self._write(gone, "favourite_removed", therapist_id, by, now)

    def find_page(
        self, customer_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[Therapist], Mapping[str, Any] | None]:
        """Return a page of a customer's favourites who can be booked, by their ids, and where it goes on."""
        page = self._store.query(
            TABLE,
            where=Condition(expression="#customerId = :customer", values={"customer": customer_id}),
            limit=limit,
            start=start,
            strongly=True,
        )
        items = self._store.batch_get([therapist_key(str(item["therapistId"])) for item in page.items])
        therapists = readable_records(Therapist, [item for item in items if item], key="therapistId")
        return [each for each in therapists if not each.is_suspended], page.next_key

    def find_rows(
        self, customer_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> tuple[list[dict[str, str]], Mapping[str, Any] | None]:
        """Return a page of a customer's favourites as they are kept: ``therapistId`` and ``addedAt``, and the next."""
        page = self._store.query(
            TABLE,
            where=Condition(expression="#customerId = :customer", values={"customer": customer_id}),
            limit=limit,
            start=start,
            strongly=True,
        )
        rows = [{name: str(item.get(name)) for name in ("therapistId", "addedAt")} for item in page.items]
        return rows, page.next_key

    def _write(self, action: Put | Delete, what: str, therapist_id: str, by: Caller, now: datetime) -> None:
        noted = record_change(by.user_id, action=what, before=None, after={"therapistId": therapist_id}, by=by, now=now)
        try:
            self._store.transact([action, noted])
        except TransactionRefused:
            return  # said before


def _key(by: Caller, therapist_id: str) -> dict[str, str]:
    return {"customerId": by.user_id, "therapistId": therapist_id}
