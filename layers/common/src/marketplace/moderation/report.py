"""A report of one party about the other: open, claimed by a member of staff, and resolved."""

from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import InvalidTransition

ANSWERED_WITHIN: Final = timedelta(hours=24)


class ReportStatus(StrEnum):
    """Where a report stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """What a report has led to."""

    NONE = "none"
    WARN = "warn"
    HIDE = "hide"
    """The message that was reported shows its parties nothing more."""
    SUSPEND = "suspend"
    """The therapist who is meant gets no more bookings."""


@final
class Report(Record, frozen=True, kw_only=True):
    """What somebody reports: a room, a message in it, or a booking."""

    report_id: str
    status: ReportStatus
    booking_id: str
    conversation_id: str
    sequence: int | None
    reason: str
    text: str | None
    reporter_id: str
    reporter_role: Role
    concerns_id: str
    """The other party."""
    concerns_role: Role
    created_at: Instant
    due_at: Instant
    version: int = 1
    claimed_by: str | None = None
    claimed_at: Instant | None = None
    resolved_by: str | None = None
    resolved_at: Instant | None = None
    action: Outcome | None = None
    note: str | None = None
    listed: str = "report"

    def claim(self, *, by: Caller, now: datetime) -> "Report":
        """Return the report in somebody's hands.

        Raises:
            InvalidTransition: it is in somebody's already, or resolved.
        """
        if self.status is not ReportStatus.OPEN:
            raise InvalidTransition
        return replace(
            self, status=ReportStatus.CLAIMED, claimed_by=by.user_id, claimed_at=now, version=self.version + 1
        )

    def resolve(self, action: Outcome, note: str, *, by: Caller, now: datetime) -> "Report":
        """Return the report with what it has led to.

        Raises:
            InvalidTransition: it is resolved already.
        """
        if self.status is ReportStatus.RESOLVED:
            raise InvalidTransition
        return replace(
            self,
            status=ReportStatus.RESOLVED,
            resolved_by=by.user_id,
            resolved_at=now,
            action=action,
            note=note,
            version=self.version + 1,
        )
