"""The query string of what is known of a customer."""

from typing import final

from marketplace.platform.api.queries import PageQuery


@final
class ExportQuery(PageQuery):
    """What is known of the caller."""
