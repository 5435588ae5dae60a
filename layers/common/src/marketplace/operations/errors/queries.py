"""The query string of recorded errors."""

from collections.abc import Iterable
from typing import Annotated, Literal, final

from pydantic import Field

from marketplace.platform.api.queries import BACKWARDS, PageQuery, ends_before_it_begins
from marketplace.platform.api.request_model import Lax, Omissible
from marketplace.platform.api.text import Since, Until
from marketplace.platform.runtime.observability import Category, Severity


@final
class ErrorsQuery(PageQuery):
    """Recorded errors, newest first; the period is half open."""

    category: Omissible[Annotated[Category, Lax]] = None
    severity: Omissible[Annotated[Severity, Lax]] = None
    since: Omissible[Since] = Field(default=None, alias="from")
    until: Omissible[Until] = Field(default=None, alias="to")
    format: Literal["json", "csv"] = "json"

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a period that runs forward."""
        if ends_before_it_begins(self.since, self.until):
            yield "to", BACKWARDS
