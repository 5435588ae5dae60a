"""What is said of reports, blocks and calls for help."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from marketplace.booking.model import Booking, VisitStep
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


class MaskedSender(TypedDict):
    """Somebody whose messages held contact details before a booking was confirmed, in one month."""

    userId: str
    role: Role
    month: str
    masked: int
    """Messages in which something was masked."""
    rooms: int
    """In how many rooms."""
    perRoom: float
    """Masked messages a room, to two places."""
    lastAt: Time


class SharedVisitLink(TypedDict):
    """By what a friend follows a visit."""

    bookingId: str
    token: str
    """Names the visit to `GET /shared-visits/{token}`; anybody who has it may look."""
    path: str
    """The page of the web client that shows it."""


class SharedVisit(TypedDict):
    """What a friend sees of a visit: neither a number nor an address, nor the customer's name."""

    therapistName: str
    sharedBy: Role
    visitStep: VisitStep | None
    """How far it has come; null before anybody has set out."""
    beginsAt: Time | None
    endsAt: Time | None
    """As it is planned."""
    duration: int
    timeZone: str


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


def masked_view(item: Mapping[str, Any], month: str) -> MaskedSender:
    """Return how often somebody's messages were masked, from its stored count."""
    role, _, user_id = str(item["claimId"]).partition("#")
    masked, rooms = int(item["masked"]), len(item["maskedIn"])
    return {
        "userId": user_id,
        "role": Role(role),
        "month": month,
        "masked": masked,
        "rooms": rooms,
        "perRoom": round(masked / rooms, 2),
        "lastAt": str(item["maskedAt"]),
    }


def shared_visit_view(booking: Booking, shared_by: Role) -> SharedVisit:
    """Return what a friend may know of a visit."""
    return {
        "therapistName": booking.therapist_name,
        "sharedBy": shared_by,
        "visitStep": booking.visit_step,
        "beginsAt": format_utc_or_none(booking.begins_at),
        "endsAt": format_utc_or_none(booking.planned_end),
        "duration": booking.duration,
        "timeZone": booking.time_zone,
    }


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
