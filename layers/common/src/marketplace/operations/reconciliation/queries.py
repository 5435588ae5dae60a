"""The query string of audits."""

from typing import final

from marketplace.platform.api.queries import PageQuery


@final
class AuditsQuery(PageQuery):
    """The audits of the past, newest first."""
