"""GET and PATCH /me: what therapists see and change of themselves."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import profile_view
from marketplace.catalogue.bank_details import masked
from marketplace.catalogue.requests import BankDetails, ProfileChange
from marketplace.catalogue.views import SealedBankDetails, bank_details_notice, changed, plain_bank_details
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category, count

rest = Rest(Category.BOOKING)


@rest.get("/me")
def read_profile(call: Call) -> dict[str, Any]:
    """Return the caller's own profile."""
    therapist = bootstrap.catalogue().therapist(call.caller.user_id)
    bootstrap.catalogue().note_seen(therapist, utc_now())
    return {**profile_view(therapist)}


@rest.patch("/me")
def change_profile(call: Call) -> dict[str, Any]:
    """Change the given parts; where money goes only after a fresh sign-in, and never without telling."""
    now, caller, asked = utc_now(), call.caller, call.body(ProfileChange)
    bank_details = None
    if asked.bank_details is not None:
        caller.check_signed_in_lately(now)
        bank_details = _sealed(caller.user_id, asked.bank_details)

    before, after = bootstrap.catalogue().change_therapist(
        caller.user_id,
        lambda therapist: changed(therapist, asked, bank_details),
        now=now,
        announcing=bank_details_notice(caller, bank_details.masked) if bank_details else None,
    )

    if after.language is not before.language:
        bootstrap.connections().set_language(caller.user_id, after.language)
    bootstrap.catalogue().note_seen(after, now)
    count("ProfilesChanged")
    return {**profile_view(after)}


def _sealed(therapist_id: str, given: BankDetails) -> SealedBankDetails:
    plain = plain_bank_details(given)
    return SealedBankDetails(
        encrypted=bootstrap.bank_details_vault().encrypt(therapist_id, plain), masked=masked(plain)
    )


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
