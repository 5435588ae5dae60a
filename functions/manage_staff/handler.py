"""GET, POST /admin/staff and PATCH /admin/staff/{userId}: who runs the marketplace, and with which duties."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.identity.staff_requests import NewStaffMember, StaffChange
from marketplace.identity.staff_responses import ShownStaffMember, staff_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import ADMINS, OWNERS
from marketplace.platform.observability import Category, count
from marketplace.platform.refusals import AlreadyExists, LastOwner

api = Api(Category.AUTH, tag="Administration")


@api.get(
    "/admin/staff",
    roles=ADMINS,
    duties=OWNERS,
    query=PageQuery,
    response=Page[ShownStaffMember],
    summary="List the members of staff",
)
def list_staff(request: Request, query: PageQuery) -> Page[ShownStaffMember]:
    """Return a page of the members."""
    cursors = bootstrap.cursors()
    start = cursors.open("staff", query.cursor, request.now)
    members, page = bootstrap.staff().find_page(limit=query.limit, start=start)
    return {
        "items": [staff_view(member) for member in members],
        "nextCursor": cursors.close("staff", page.next_key),
    }


@api.post(
    "/admin/staff",
    roles=ADMINS,
    duties=OWNERS,
    body=NewStaffMember,
    response=ShownStaffMember,
    status=HTTPStatus.CREATED,
    refusals=(AlreadyExists,),
    summary="Take on a member of staff",
    description="They are invited by e-mail, with a temporary password; `userId` is their user name.",
)
def invite_staff_member(request: Request, body: NewStaffMember) -> ShownStaffMember:
    """Take somebody on."""
    member = bootstrap.staff_commands().invite(
        body.user_id,
        name=body.name,
        email=body.email,
        duties=frozenset(body.duties),
        by=request.caller,
        now=request.now,
    )
    count("StaffInvited")
    return staff_view(member)


@api.patch(
    "/admin/staff/{userId}",
    roles=ADMINS,
    duties=OWNERS,
    body=StaffChange,
    response=ShownStaffMember,
    refusals=(LastOwner,),
    summary="Change what a member of staff may do",
    description="An inactive one is signed out everywhere and cannot sign in. The last active owner stays.",
)
def change_staff_member(request: Request, body: StaffChange) -> ShownStaffMember:
    """Change somebody's duties, name, or whether they are active."""
    return staff_view(
        bootstrap.staff_commands().change(
            request.path("userId"),
            name=body.name,
            duties=None if body.duties is None else frozenset(body.duties),
            active=body.active,
            by=request.caller,
            now=request.now,
        )
    )


lambda_handler = api.answer
