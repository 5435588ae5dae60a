"""Cursors: where a list goes on, sealed for one list of one caller."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, final

from msgspec import Struct

from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.refusals import ValidationFailed
from marketplace.platform.signing import Signer

type Position = Mapping[str, Any]


class Finder[FoundT](Protocol):
    """What finds a page of a list, and where the next one starts, if there is one."""

    def __call__(self, *, limit: int, start: Position | None) -> tuple[Iterable[FoundT], Position | None]:
        """Return at most ``limit`` from ``start`` on."""
        ...


@final
class Cursors(Struct, frozen=True):
    """Opens and closes cursors; the seal is fetched only when there is one."""

    seal: Callable[[], Signer]

    def close(self, of_list: str, position: Mapping[str, Any] | None) -> str | None:
        """Return the cursor of a position, or nothing at the end of the list."""
        return None if position is None else self.seal().close(f"cursor:{of_list}", position)

    def open(self, of_list: str, cursor: str | None, now: datetime) -> dict[str, Any] | None:
        """Return the position that a cursor holds.

        Raises:
            ValidationFailed: it is altered, or of another list.
        """
        if cursor is None:
            return None
        refused = ValidationFailed.at("cursor", "This is not a cursor of this list.")
        return self.seal().open(f"cursor:{of_list}", cursor, now=now, otherwise=refused)

    def page[FoundT, ViewT](
        self, of_list: str, query: PageQuery, now: datetime, find: Finder[FoundT], view: Callable[[FoundT], ViewT]
    ) -> Page[ViewT]:
        """Return the page of a list that a query asks for.

        Raises:
            ValidationFailed: its cursor is altered, or of another list.
        """
        found, position = find(limit=query.limit, start=self.open(of_list, query.cursor, now))
        return {"items": [view(each) for each in found], "nextCursor": self.close(of_list, position)}
