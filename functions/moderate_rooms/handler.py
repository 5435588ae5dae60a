"""Safety: blocking, reporting and calling for help, and the queue in which staff looks after reports."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.booking.responses.booking import booking_view
from marketplace.chat.model import Room
from marketplace.moderation.report import Outcome
from marketplace.moderation.requests import (
    CallForHelp,
    EvidenceQuery,
    MaskedMessagesQuery,
    NewReport,
    ReportsQuery,
    ResolveReport,
)
from marketplace.moderation.responses import (
    Blocked,
    FiledReport,
    HelpIsCalled,
    MaskedSender,
    ReportView,
    SharedVisit,
    SharedVisitLink,
    filed_view,
    masked_view,
    report_view,
    shared_visit_view,
)
from marketplace.platform import identifiers
from marketplace.platform.api.http import Api, Request, Response
from marketplace.platform.api.responses import Page, Text
from marketplace.platform.caller import ADMINS, ANYONE, OPERATIONS, PARTIES, SUPPORT
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
    query=EvidenceQuery,
    response=Text,
    media=("application/jsonl",),
    summary="Write a whole room down as evidence",
    description=(
        "JSON Lines: each bears the SHA-256 of the one before, the last one a signature. `make check-evidence` names "
        "a line that was changed, moved, left out or cut off. A room of more than some thousand messages comes in"
        " several answers: the header `x-next-cursor` names the next, and one after the other they are the file."
    ),
    tag="Administration",
)
def write_evidence(request: Request, query: EvidenceQuery) -> Response:
    """Write a room down so that nobody can change it unseen."""
    conversation_id, cursors = request.path("conversationId"), bootstrap.cursors()
    of_room = f"evidence:{conversation_id}"
    text, position = bootstrap.evidence().write(
        conversation_id, by=request.caller, now=request.now, start=cursors.open(of_room, query.cursor, request.now)
    )
    count("EvidenceWritten")
    cursor = cursors.close(of_room, position)
    return Response(
        content=text,
        content_type="application/jsonl; charset=utf-8",
        headers={} if cursor is None else {"x-next-cursor": cursor},
    )


@api.get(
    "/admin/masked-messages",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=MaskedMessagesQuery,
    response=Page[MaskedSender],
    summary="List whose messages held contact details in a month, and how often",
    tag="Administration",
)
def list_masked_messages(request: Request, query: MaskedMessagesQuery) -> Page[MaskedSender]:
    """Return a page of the people whose messages were masked."""
    month = query.month or format_utc(request.now)[:7]
    of_list, cursors = f"masked:{month}", bootstrap.cursors()
    start = cursors.open(of_list, query.cursor, request.now)
    page = bootstrap.masked_messages().find_page(month, limit=query.limit, start=start)
    return {
        "items": [masked_view(item, month) for item in page.items],
        "nextCursor": cursors.close(of_list, page.next_key),
    }


@api.post(
    "/bookings/{bookingId}/share",
    roles=PARTIES,
    response=SharedVisitLink,
    status=HTTPStatus.CREATED,
    refusals=(InvalidTransition,),
    summary="Get a link by which a friend follows a visit",
    description="It shows neither numbers nor addresses, and ends with the visit.",
    tag="Bookings",
)
def share_visit(request: Request) -> SharedVisitLink:
    """Let a party show a visit to somebody they trust."""
    booking_id = request.path("bookingId")
    token = bootstrap.shared_visits().share(booking_id, by=request.caller, now=request.now)
    count("VisitsShared")
    return {"bookingId": booking_id, "token": token, "path": f"/visit/{token}"}


@api.get(
    "/shared-visits/{token}",
    roles=ANYONE,
    response=SharedVisit,
    refusals=(NotFound,),
    summary="Follow a visit that somebody shared",
    description="404 once the visit is over.",
    tag="Bookings",
)
def read_shared_visit(request: Request) -> SharedVisit:
    """Return how far a visit has come."""
    booking, shared_by = bootstrap.shared_visits().open(request.path("token"), request.now)
    return shared_visit_view(booking, shared_by)


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
