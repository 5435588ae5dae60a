"""The query strings of notifications."""

from typing import final

from marketplace.platform.api.queries import PageQuery


@final
class NotificationsQuery(PageQuery):
    """The caller's notifications, newest first."""
