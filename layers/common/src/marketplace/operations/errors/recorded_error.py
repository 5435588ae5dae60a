"""An error as it is recorded: what happened, where, and to which booking; never to whom."""

from collections.abc import Mapping
from typing import final

from msgspec import field

from marketplace.platform.clock import Instant
from marketplace.platform.record import Record


@final
class RecordedError(Record, frozen=True, kw_only=True):
    """One line of a log that says that something failed."""

    event_id: str
    """Sorts by time and follows from the line, so that a line delivered twice is one event."""
    at: Instant
    category: str
    severity: str
    function_name: str
    message: str
    code: str
    request_id: str | None = None
    trace_id: str | None = None
    """The trace of its invocation in X-Ray: ``1-6741f2a0-…``."""
    booking_id: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def minute(self) -> str:
        """The minute in which it happened: ``2026-11-22T08:15``."""
        return self.at.isoformat(timespec="minutes")[:16]
