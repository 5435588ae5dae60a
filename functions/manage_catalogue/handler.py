"""What admins offer on the marketplace: therapists and places, and who of them can be booked."""

from http import HTTPStatus

from marketplace import bootstrap
from marketplace.catalogue.responses import Invitation, Profile, profile_view
from marketplace.catalogue.therapist_requests import InviteTherapist, NewTherapist, SuspendTherapist, TherapistChange
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, OPERATIONS, SUPPORT
from marketplace.platform.clock import written
from marketplace.platform.observability import Category, count
from marketplace.platform.refusals import AlreadyExists

api = Api(Category.BOOKING, tag="Administration")


@api.post(
    "/admin/therapists",
    roles=ADMINS,
    duties=OPERATIONS,
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
    roles=ADMINS,
    duties=OPERATIONS,
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
    roles=ADMINS,
    duties=OPERATIONS,
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
    return {"userId": sign_in.user_id, "email": sign_in.email, "invitedAt": written(sign_in.invited_at)}


@api.post(
    "/admin/therapists/{therapistId}/suspend",
    roles=ADMINS,
    duties=OPERATIONS,
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
    roles=ADMINS,
    duties=OPERATIONS,
    response=Profile,
    summary="Let a suspended therapist be booked again",
)
def reinstate_therapist(request: Request) -> Profile:
    """Put somebody back into the catalogue."""
    return profile_view(
        bootstrap.therapist_commands().reinstate(request.path("therapistId"), by=request.caller, now=request.now)
    )


lambda_handler = api.answer
