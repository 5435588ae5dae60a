"""The query strings of rooms and messages."""

from collections.abc import Iterable
from typing import final

from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Omissible
from marketplace.platform.api.text import (
    CountInQuery,
    Id,
    PositionInQuery,
    SearchWords,
)


@final
class RoomsQuery(PageQuery):
    """The caller's rooms, newest booking first."""


@final
class MessagesQuery(PageQuery):
    """Messages of a room: back from ``before``, forward from ``after``, or those that hold the words of ``search``.

    Without any of them the newest page is meant. ``cursor`` goes on where a page of the same kind ended. With
    ``changedAfter``, a revision, what was edited or deleted since comes along.
    """

    before: Omissible[PositionInQuery] = None
    after: Omissible[CountInQuery] = None
    search: Omissible[SearchWords] = None
    changed_after: Omissible[CountInQuery] = None
    epoch: Omissible[Id] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for one way through the room at a time."""
        if self.before is not None and self.after is not None:
            yield "after", "Give before or after, not both."
        if self.search is not None and (self.before is not None or self.after is not None):
            yield "search", "A search goes on with its cursor, not with before or after."
