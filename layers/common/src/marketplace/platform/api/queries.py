"""What the query strings of all lists have in common."""

from datetime import datetime
from typing import Final

from marketplace.platform.api.request_model import Omissible, Query
from marketplace.platform.api.text import LONGEST_PAGE, Cursor, LimitInQuery

BACKWARDS: Final = "The period must not end before it begins."


class PageQuery(Query):
    """A page of a list: where it goes on, and how long it may be."""

    cursor: Omissible[Cursor] = None
    limit: LimitInQuery = LONGEST_PAGE


def ends_before_it_begins(since: datetime | None, until: datetime | None) -> bool:
    """Say whether a period that is given from both ends runs backwards."""
    return since is not None and until is not None and until <= since
