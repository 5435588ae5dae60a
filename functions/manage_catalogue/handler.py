"""How the marketplace is run: therapists, hotels, discount codes, papers, policies, and who of the staff may what."""

from functools import partial
from http import HTTPStatus
from typing import Any, Final

from marketplace import bootstrap
from marketplace.catalogue.discount.model import normalised_code
from marketplace.catalogue.discount.requests import DiscountCodeChange, NewDiscountCode
from marketplace.catalogue.document.requests import DocumentsQuery, RejectDocument
from marketplace.catalogue.place.hotel_requests import HotelChange, NewHotel
from marketplace.catalogue.policy.requests import NewPolicy, PolicyReplay
from marketplace.catalogue.policy.responses import PolicyVersion, ReplayedPolicy, policy_view
from marketplace.catalogue.queries import HotelsQuery
from marketplace.catalogue.responses import (
    AdminHotel,
    Invitation,
    PaperView,
    Profile,
    ShownDiscountCode,
    admin_hotel_view,
    discount_code_view,
    document_view,
    profile_view,
)
from marketplace.catalogue.therapist.requests import InviteTherapist, NewTherapist, SuspendTherapist, TherapistChange
from marketplace.identity.staff.requests import NewStaffMember, StaffChange
from marketplace.identity.staff.responses import ShownStaffMember, staff_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event, triggered
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.responses import Page
from marketplace.platform.api.route import Rights
from marketplace.platform.caller import ADMINS, FINANCE, OPERATIONS, OWNERS, SUPPORT
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.refusals import AlreadyExists, InvalidTransition, LastOwner, NotFound
from marketplace.platform.runtime.observability import Category, count, count_any
from marketplace.services.catalogue.documents import today_at

api = Api(Category.BOOKING, tag="Administration")

_BY_OPERATIONS: Final[Rights] = {"roles": ADMINS, "duties": OPERATIONS}
_BY_OWNERS: Final[Rights] = {"roles": ADMINS, "duties": OWNERS}


@api.post(
    "/admin/therapists",
    **_BY_OPERATIONS,
    body=NewTherapist,
    response=Profile,
    status=HTTPStatus.CREATED,
    refusals=(AlreadyExists,),
    summary="Add a therapist or place",
    description="They are offline at first; invite them, and they say themselves when they can come.",
)
def add_therapist(request: Request, body: NewTherapist) -> Profile:
    """Add somebody who can be booked."""
    therapist = bootstrap.therapist_commands().add(body, by=request.caller, now=request.now)
    count("TherapistsAdded")
    return profile_view(therapist)


@api.get(
    "/admin/therapists/{therapistId}",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    response=Profile,
    summary="Read everything of one therapist or place",
)
def read_any_therapist(request: Request) -> Profile:
    """Return a therapist, suspended or not."""
    return profile_view(bootstrap.catalogue().therapist(request.path("therapistId")))


@api.patch(
    "/admin/therapists/{therapistId}",
    **_BY_OPERATIONS,
    body=TherapistChange,
    response=Profile,
    summary="Change a therapist or place",
    description="Each part that is given replaces the present one whole; the others stay.",
)
def change_therapist(request: Request, body: TherapistChange) -> Profile:
    """Change the given parts."""
    therapist = bootstrap.therapist_commands().change(
        request.path("therapistId"), body, by=request.caller, now=request.now
    )
    return profile_view(therapist)


@api.post(
    "/admin/therapists/{therapistId}/invite",
    **_BY_OPERATIONS,
    body=InviteTherapist,
    response=Invitation,
    refusals=(AlreadyExists,),
    summary="Mail a therapist their sign-in",
    description="The id is the user name. Asked again, it mails a new temporary password.",
)
def invite_therapist(request: Request, body: InviteTherapist) -> Invitation:
    """Hand out a sign-in, or mail its password anew."""
    sign_in = bootstrap.therapist_commands().invite(
        request.path("therapistId"), email=body.email, by=request.caller, now=request.now
    )
    return {"userId": sign_in.user_id, "email": sign_in.email, "invitedAt": format_utc(sign_in.invited_at)}


@api.post(
    "/admin/therapists/{therapistId}/suspend",
    **_BY_OPERATIONS,
    body=SuspendTherapist,
    response=Profile,
    summary="Keep a therapist from new bookings",
    description="Pending offers end as declined; confirmed visits and the desk stay.",
)
def suspend_therapist(request: Request, body: SuspendTherapist) -> Profile:
    """Take somebody out of the catalogue, and end what was offered to them."""
    therapist = bootstrap.therapist_commands().suspend(
        request.path("therapistId"), reason=body.reason, by=request.caller, now=request.now
    )
    count("TherapistsSuspended")
    return profile_view(therapist)


@api.post(
    "/admin/therapists/{therapistId}/reinstate",
    **_BY_OPERATIONS,
    response=Profile,
    summary="Let a suspended therapist be booked again",
)
def reinstate_therapist(request: Request) -> Profile:
    """Put somebody back into the catalogue."""
    return profile_view(
        bootstrap.therapist_commands().reinstate(request.path("therapistId"), by=request.caller, now=request.now)
    )


@api.get(
    "/admin/hotels",
    roles=ADMINS,
    duties=OPERATIONS | SUPPORT,
    query=HotelsQuery,
    response=Page[AdminHotel],
    summary="List hotels and villas, inactive ones last",
)
def list_all_hotels(request: Request, query: HotelsQuery) -> Page[AdminHotel]:
    """Return a page of all hotels and villas."""
    find = bootstrap.catalogue().find_all_hotels
    return bootstrap.cursors().page("admin-hotels", query, request.now, find, admin_hotel_view)


@api.post(
    "/admin/hotels",
    **_BY_OPERATIONS,
    body=NewHotel,
    response=AdminHotel,
    status=HTTPStatus.CREATED,
    refusals=(AlreadyExists,),
    summary="Add a hotel or villa",
)
def add_hotel(request: Request, body: NewHotel) -> AdminHotel:
    """Add a house that guests can name."""
    return admin_hotel_view(bootstrap.offer_commands().add_hotel(body, by=request.caller, now=request.now))


@api.patch(
    "/admin/hotels/{hotelVillaId}",
    **_BY_OPERATIONS,
    body=HotelChange,
    response=AdminHotel,
    refusals=(NotFound,),
    summary="Change a hotel or villa",
    description="Bookings that name it keep what they were told.",
)
def change_hotel(request: Request, body: HotelChange) -> AdminHotel:
    """Change the given parts."""
    return admin_hotel_view(
        bootstrap.offer_commands().change_hotel(request.path("hotelVillaId"), body, by=request.caller, now=request.now)
    )


@api.get(
    "/admin/discount-codes",
    **_BY_OPERATIONS,
    query=PageQuery,
    response=Page[ShownDiscountCode],
    summary="List discount codes with their uses",
)
def list_discount_codes(request: Request, query: PageQuery) -> Page[ShownDiscountCode]:
    """Return a page of the codes, retired ones too."""
    find = bootstrap.catalogue().find_discount_codes
    return bootstrap.cursors().page("discount-codes", query, request.now, find, discount_code_view)


@api.post(
    "/admin/discount-codes",
    **_BY_OPERATIONS,
    body=NewDiscountCode,
    response=ShownDiscountCode,
    status=HTTPStatus.CREATED,
    refusals=(AlreadyExists,),
    summary="Add a discount code",
    description="`value` is basis points of a share, rupiah of an amount. `fundedBy: platform` takes the discount off "
    "the commission on the list price.",
)
def add_discount_code(request: Request, body: NewDiscountCode) -> ShownDiscountCode:
    """Add a code."""
    return discount_code_view(bootstrap.offer_commands().add_code(body, by=request.caller, now=request.now))


@api.patch(
    "/admin/discount-codes/{discountCode}",
    **_BY_OPERATIONS,
    body=DiscountCodeChange,
    response=ShownDiscountCode,
    refusals=(NotFound, InvalidTransition),
    summary="Change or retire a discount code",
    description="Kind and value are fixed once it is used; `active: false` retires it.",
)
def change_discount_code(request: Request, body: DiscountCodeChange) -> ShownDiscountCode:
    """Change the given parts."""
    code = normalised_code(request.path("discountCode"))
    return discount_code_view(bootstrap.offer_commands().change_code(code, body, by=request.caller, now=request.now))


@api.get(
    "/admin/documents",
    **_BY_OPERATIONS,
    query=DocumentsQuery,
    response=Page[PaperView],
    summary="List therapists' papers in a state, those that expire first at first",
    description="Without `status` those that wait to be judged.",
)
def list_documents(request: Request, query: DocumentsQuery) -> Page[PaperView]:
    """Return a page of papers."""
    today = today_at(request.now)
    find = partial(bootstrap.documents().find_by_status, query.status, today)
    return bootstrap.cursors().page(
        f"documents-by:{query.status}", query, request.now, find, lambda paper: document_view(paper, today)
    )


@api.post(
    "/admin/documents/{documentId}/approve",
    **_BY_OPERATIONS,
    response=PaperView,
    refusals=(InvalidTransition,),
    summary="Approve a therapist's paper",
)
def approve_document(request: Request) -> PaperView:
    """Take a paper: it counts from now on until it expires."""
    paper = bootstrap.document_commands().approve(request.path("documentId"), by=request.caller, now=request.now)
    return document_view(paper, today_at(request.now))


@api.post(
    "/admin/documents/{documentId}/reject",
    **_BY_OPERATIONS,
    body=RejectDocument,
    response=PaperView,
    refusals=(InvalidTransition,),
    summary="Reject a therapist's paper, an approved one too",
)
def reject_document(request: Request, body: RejectDocument) -> PaperView:
    """Do not take a paper."""
    paper = bootstrap.document_commands().reject(
        request.path("documentId"), reason=body.reason, by=request.caller, now=request.now
    )
    return document_view(paper, today_at(request.now))


@api.get(
    "/admin/policies",
    **_BY_OWNERS,
    query=PageQuery,
    response=Page[PolicyVersion],
    summary="List the versions of the policy, newest first",
    description="The first one is in force; version 0, the template's parameters, ends the list.",
)
def list_policies(request: Request, query: PageQuery) -> Page[PolicyVersion]:
    """Return a page of the versions."""
    cursors, policies = bootstrap.cursors(), bootstrap.policies()
    start = cursors.open("policies", query.cursor, request.now)
    versions, page = policies.find_page(limit=query.limit, start=start)
    items = [policy_view(policy) for policy in versions]
    if page.next_key is None:
        items.append(policy_view(policies.first))
    return {"items": items, "nextCursor": cursors.close("policies", page.next_key)}


@api.post(
    "/admin/policies",
    **_BY_OWNERS,
    body=NewPolicy,
    response=PolicyVersion,
    status=HTTPStatus.CREATED,
    summary="Set the policy for new bookings",
    description="Holds what is given and else what was. It is in force 60 seconds after the answer at the latest; "
    "bookings that were made before keep theirs.",
)
def add_policy(request: Request, body: NewPolicy) -> PolicyVersion:
    """Add a version."""
    policy = bootstrap.policy_commands().add(body.given(), reason=body.reason, by=request.caller, now=request.now)
    count("PoliciesAdded")
    return policy_view(policy)


@api.post(
    "/admin/policies/replay",
    roles=ADMINS,
    duties=OWNERS | FINANCE,
    body=PolicyReplay,
    response=ReplayedPolicy,
    summary="Try a policy out on the bookings of the last days",
    description="What they come to under their own policies, and would have come to under this one; nothing is saved.",
)
def replay_policy(request: Request, body: PolicyReplay) -> ReplayedPolicy:
    """Judge the bookings of the last days twice."""
    done = bootstrap.policy_replay().run(body.given(), days=body.days, now=request.now)
    return {
        "bookings": done.bookings,
        "before": {"commission": done.before.commission, "fees": done.before.fees},
        "after": {"commission": done.after.commission, "fees": done.after.fees},
    }


@api.get(
    "/admin/staff",
    **_BY_OWNERS,
    query=PageQuery,
    response=Page[ShownStaffMember],
    summary="List the members of staff",
)
def list_staff(request: Request, query: PageQuery) -> Page[ShownStaffMember]:
    """Return a page of the members."""
    return bootstrap.cursors().page("staff", query, request.now, bootstrap.staff().find_page, staff_view)


@api.post(
    "/admin/staff",
    **_BY_OWNERS,
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
    **_BY_OWNERS,
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


@triggered(Category.BOOKING)
def remind_of_papers(_: Event) -> dict[str, Any]:
    """Remind therapists of papers that expire soon; an hour that is missed is made up for by the next."""
    reminded = bootstrap.document_commands().remind(utc_now())
    count_any("PapersReminded", reminded)
    return {"reminded": reminded}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer a request, or do what the hour asks."""
    return api.answer(event, context) if "httpMethod" in event else remind_of_papers(event, context)
