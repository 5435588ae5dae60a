"""Versions of the policy in the tables; what is read is kept in this execution environment's memory."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, final

from marketplace.catalogue.policy.model import Policy
from marketplace.platform.dynamodb.actions import Condition, Put, absent
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound, ServiceUnavailable

SCOPE: Final = "marketplace"
"""There is one policy at a time for the whole marketplace."""
REREAD_AFTER: Final = timedelta(seconds=30)
"""A new version is in force after this at the latest, and well within the minute that is promised."""
_OF_THE_MARKETPLACE: Final = Condition(expression="#scope = :scope", values={"scope": SCOPE})


@final
class Policies:
    """The versions, of which 0 is the template's own and stands in no table."""

    def __init__(self, store: Store, first: Policy, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Keep versions in ``store``; ``first`` is version 0, ``monotonic`` tells how old a reading is, in seconds."""
        self._store = store
        self._first = first
        self._monotonic = monotonic
        self._known: dict[int, Policy] = {0: first}
        self._in_force: tuple[Policy, float] | None = None

    def in_force(self) -> Policy:
        """Return the newest version, as it was at most half a minute ago.

        While the store does not answer, the version that was in force stays.

        Raises:
            ServiceUnavailable: the store does not answer, and no version was ever read here.
        """
        if self._in_force is not None and self._monotonic() < self._in_force[1]:
            return self._in_force[0]
        try:
            newest = self.newest()
        except ServiceUnavailable:
            if self._in_force is None:
                raise
            newest = self._in_force[0]
        self._in_force = newest, self._monotonic() + REREAD_AFTER.total_seconds()
        return newest

    def newest(self) -> Policy:
        """Return the newest version as the table has it now."""
        page = self._store.query("policies", where=_OF_THE_MARKETPLACE, newest_first=True, limit=1, strongly=True)
        policy = from_record(Policy, page.items[0]) if page.items else self._first
        self._known[policy.version] = policy
        return policy

    def get(self, version: int) -> Policy:
        """Return a version; since none ever changes it is read once.

        Raises:
            NotFound: there is no such version.
        """
        known = self._known.get(version)
        if known is not None:
            return known
        item = self._store.get("policies", {"scope": SCOPE, "version": version})
        if item is None:
            raise NotFound
        policy = self._known[version] = from_record(Policy, item)
        return policy

    def find_page(self, *, limit: int, start: dict[str, Any] | None) -> tuple[list[Policy], Page]:
        """Return a page of the versions after 0, newest first, with where it goes on."""
        page = self._store.query(
            "policies", where=_OF_THE_MARKETPLACE, newest_first=True, limit=limit, start=start, strongly=True
        )
        return readable_records(Policy, page.items, key="version"), page

    @property
    def first(self) -> Policy:
        """Version 0."""
        return self._first

    @staticmethod
    def adding(policy: Policy) -> Put:
        """Return the action that adds a version, unless somebody else has added one of that number."""
        item = {"scope": SCOPE, **to_record(policy)}
        return Put(label="policy", table="policies", item=item, condition=absent("version"))
