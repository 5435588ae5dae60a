"""GET and PATCH /me: what therapists see and change of themselves."""

from marketplace import bootstrap
from marketplace.catalogue.requests import BankDetails, ProfileChange
from marketplace.catalogue.responses import Profile, profile_view
from marketplace.catalogue.therapist.bank_details import masked
from marketplace.catalogue.therapist.profile_changes import (
    SealedBankDetails,
    bank_details_notice,
    changed,
    plain_bank_details,
)
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import THERAPISTS
from marketplace.platform.clock import utc_now
from marketplace.platform.runtime.observability import Category, count

api = Api(Category.BOOKING, tag="Therapist")


@api.get("/me", roles=THERAPISTS, response=Profile, summary="Read the caller's profile")
def read_profile(request: Request) -> Profile:
    """Return the caller's own profile."""
    therapist = bootstrap.catalogue().therapist(request.caller.user_id)
    bootstrap.catalogue().note_seen(therapist, utc_now())
    return profile_view(therapist)


@api.patch(
    "/me",
    roles=THERAPISTS,
    body=ProfileChange,
    response=Profile,
    summary="Change the caller's profile",
    description="Each part that is given replaces the present one whole; the others stay.",
)
def change_profile(request: Request, body: ProfileChange) -> Profile:
    """Change the given parts; where money goes only after a fresh sign-in, and never without telling."""
    now, caller = request.now, request.caller
    bank_details = None
    if body.bank_details is not None:
        caller.check_signed_in_lately(now)
        bank_details = _sealed(caller.user_id, body.bank_details)

    before, after = bootstrap.catalogue().change_therapist(
        caller.user_id,
        lambda therapist: changed(therapist, body, bank_details),
        by=caller,
        now=now,
        announcing=bank_details_notice(caller, bank_details.masked) if bank_details else None,
    )

    if after.language is not before.language:
        bootstrap.connections().set_language(caller.user_id, after.language)
    bootstrap.catalogue().note_seen(after, now)
    count("ProfilesChanged")
    return profile_view(after)


def _sealed(therapist_id: str, given: BankDetails) -> SealedBankDetails:
    plain = plain_bank_details(given)
    return SealedBankDetails(
        encrypted=bootstrap.bank_details_vault().encrypt(therapist_id, plain), masked=masked(plain)
    )


lambda_handler = api.answer
