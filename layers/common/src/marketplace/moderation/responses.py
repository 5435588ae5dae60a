"""What is said of reports, blocks and calls for help."""

from typing import Literal, TypedDict

from marketplace.booking.responses.booking import BookingView
from marketplace.moderation.report import Outcome, Report, ReportStatus
from marketplace.platform.api.responses import Time
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc, format_utc_or_none


class FiledReport(TypedDict):
    """A report as whoever made it sees it."""

    reportId: str
    status: ReportStatus
    dueAt: Time
    """By when somebody will have looked at it."""


class ReportView(TypedDict):
    """A report as admins see it."""

    reportId: str
    status: ReportStatus
    bookingId: str
    conversationId: str
    sequence: int | None
    reason: str
    text: str | None
    reporterId: str
    reporterRole: Role
    concernsId: str
    """The other party."""
    concernsRole: Role
    createdAt: Time
    dueAt: Time
    claimedBy: str | None
    claimedAt: Time | None
    resolvedBy: str | None
    resolvedAt: Time | None
    action: Outcome | None
    note: str | None


class Blocked(TypedDict):
    """Who of a room's parties has blocked the other."""

    conversationId: str
    blockedBy: list[Role]


class HelpIsCalled(TypedDict):
    """The staff has been told."""

    bookingId: str
    at: Time
    booking: BookingView


class SosEvent(TypedDict):
    """Somebody needs help on a visit; for admins."""

    type: Literal["sos"]
    bookingId: str
    conversationId: str
    role: Role
    """Of whoever calls."""
    latitude: float | None
    longitude: float | None
    text: str | None
    at: Time
    sound: bool


def filed_view(report: Report) -> FiledReport:
    """Return what its maker may know of a report."""
    return {"reportId": report.report_id, "status": report.status, "dueAt": format_utc(report.due_at)}


def report_view(report: Report) -> ReportView:
    """Return all of a report, for admins."""
    return {
        "reportId": report.report_id,
        "status": report.status,
        "bookingId": report.booking_id,
        "conversationId": report.conversation_id,
        "sequence": report.sequence,
        "reason": report.reason,
        "text": report.text,
        "reporterId": report.reporter_id,
        "reporterRole": report.reporter_role,
        "concernsId": report.concerns_id,
        "concernsRole": report.concerns_role,
        "createdAt": format_utc(report.created_at),
        "dueAt": format_utc(report.due_at),
        "claimedBy": report.claimed_by,
        "claimedAt": format_utc_or_none(report.claimed_at),
        "resolvedBy": report.resolved_by,
        "resolvedAt": format_utc_or_none(report.resolved_at),
        "action": report.action,
        "note": report.note,
    }
