"""Safety: blocking, reporting and calling for help, and the queue in which staff looks after reports."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.booking.responses.booking import booking_view
from marketplace.chat.model import Room
from marketplace.moderation.report import Outcome
from marketplace.moderation.requests import CallForHelp, NewReport, ReportsQuery, ResolveReport
from marketplace.moderation.responses import Blocked, FiledReport, HelpIsCalled, ReportView, filed_view, report_view
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Page, Text
from marketplace.platform.caller import ADMINS, OPERATIONS, PARTIES, SUPPORT
from marketplace.platform.clock import format_utc
from marketplace.platform.refusals import Forbidden, InvalidTransition, NotFound
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.CHAT, tag="Chat")


@api.post("/rooms/{conversationId}/block", roles=PARTIES, response=Blocked, summary="Block the other party of a room")
def block_party(request: Request) -> Blocked:
    """Let the other party write nothing more here, and make no booking with the caller."""
    return _blocked(
        bootstrap.moderation().block(request.path("conversationId"), by=request.caller, now=request.now, blocked=True)
    )


@api.delete("/rooms/{conversationId}/block", roles=PARTIES, response=Blocked, summary="Lift one's own block")
def unblock_party(request: Request) -> Blocked:
    """Let the other party write and book again."""
    return _blocked(
        bootstrap.moderation().block(request.path("conversationId"), by=request.caller, now=request.now, blocked=False)
    )


def _blocked(room: Room) -> Blocked:
    return {"conversationId": room.conversation_id, "blockedBy": room.blocked_by}


@api.post(
    "/reports",
    roles=PARTIES,
    body=NewReport,
    response=FiledReport,
    status=HTTPStatus.CREATED,
    idempotent=True,
    refusals=(NotFound,),
    summary="Report the other party of a room or booking",
    description="Somebody of the staff looks at it within a day; both parties are told what it has led to.",
)
def file_report(request: Request, body: NewReport) -> FiledReport:
    """Put a report into the queue."""
    report = bootstrap.moderation().report(
        identifiers.report_id(request.caller.user_id, request.idempotency_key),
        conversation_id=body.conversation_id,
        booking_id=body.booking_id,
        sequence=body.sequence,
        reason=body.reason,
        text=body.text,
        by=request.caller,
        now=request.now,
    )
    count("ReportsFiled")
    return filed_view(report)


@api.get(
    "/admin/reports",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=ReportsQuery,
    response=Page[ReportView],
    summary="List reports, newest first",
    tag="Administration",
)
def list_reports(request: Request, query: ReportsQuery) -> Page[ReportView]:
    """Return a page of the reports."""
    of_list, cursors = f"reports:{query.status}", bootstrap.cursors()
    start = cursors.open(of_list, query.cursor, request.now)
    reports, page = bootstrap.reports().find_page(query.status, limit=query.limit, start=start)
    return {
        "items": [report_view(report) for report in reports],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


@api.post(
    "/admin/reports/{reportId}/claim",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    response=ReportView,
    refusals=(InvalidTransition,),
    summary="Take a report into one's hands",
    tag="Administration",
)
def claim_report(request: Request) -> ReportView:
    """Say who looks after a report."""
    return report_view(bootstrap.moderation().claim(request.path("reportId"), by=request.caller, now=request.now))


@api.post(
    "/admin/reports/{reportId}/resolve",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    body=ResolveReport,
    response=ReportView,
    refusals=(InvalidTransition,),
    summary="Say what a report has led to",
    description="`hide` empties the message that was reported for its parties; `suspend` needs the duty `operations`.",
    tag="Administration",
)
def resolve_report(request: Request, body: ResolveReport) -> ReportView:
    """Do what a report asks for, and tell both parties."""
    if body.action is Outcome.SUSPEND and not request.caller.may_call(ADMINS, OPERATIONS):
        raise Forbidden
    report = bootstrap.moderation().resolve(
        request.path("reportId"), body.action, body.note, by=request.caller, now=request.now
    )
    count("ReportsResolved")
    return report_view(report)


@api.get(
    "/admin/rooms/{conversationId}/evidence",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    response=Text,
    media=("application/jsonl",),
    summary="Write a whole room down as evidence",
    description=(
        "JSON Lines: each bears the SHA-256 of the one before, the last one a signature. `make check-evidence` names "
        "a line that was changed, moved, left out or cut off."
    ),
    tag="Administration",
)
def write_evidence(request: Request) -> Response:
    """Write a room down so that nobody can change it unseen."""
    text = bootstrap.evidence().write(request.path("conversationId"), by=request.caller, now=request.now)
    count("EvidenceWritten")
    return Response(content=text, content_type="application/jsonl; charset=utf-8")


@api.post(
    "/bookings/{bookingId}/sos",
    roles=PARTIES,
    body=CallForHelp,
    response=HelpIsCalled,
    refusals=(InvalidTransition,),
    summary="Call for help on a visit",
    description="From the confirmation until two hours after the planned end. Rings at every admin at once.",
    tag="Bookings",
)
def call_for_help(request: Request, body: CallForHelp) -> HelpIsCalled:
    """Tell the staff that somebody needs help."""
    booking_id = request.path("bookingId")
    logger().append_keys(booking_id=booking_id)
    booking = bootstrap.moderation().call_for_help(
        booking_id,
        latitude=body.latitude,
        longitude=body.longitude,
        text=body.text,
        by=request.caller,
        now=request.now,
    )
    count("CallsForHelp")
    return {
        "bookingId": booking_id,
        "at": format_utc(request.now),
        "booking": booking_view(booking, request.caller.role, request.now),
    }


lambda_handler = api.answer
