"""A therapist's wishes for their own profile, carried out on the domain's therapist."""

from collections.abc import Mapping
from copy import replace
from typing import Any, final

from msgspec import Struct

from marketplace.catalogue.opening_hours import OpeningHours
from marketplace.catalogue.requests import BankDetails, ProfileChange
from marketplace.catalogue.therapist import Therapist
from marketplace.notification.announcement import Notice
from marketplace.platform.caller import Caller


@final
class SealedBankDetails(Struct, frozen=True, kw_only=True):
    """Bank details as they are kept: the ciphertext, and what may be shown."""

    encrypted: str
    masked: Mapping[str, str]


def plain_bank_details(given: BankDetails) -> dict[str, str]:
    """Return bank details under their wire names."""
    return given.model_dump(by_alias=True)


def changed(therapist: Therapist, asked: ProfileChange, bank_details: SealedBankDetails | None) -> Therapist:
    """Return the therapist after the change; every part that was given replaces the present one whole."""
    changes: dict[str, Any] = {
        "name": asked.name,
        "status": asked.status,
        "language": asked.language,
        "languages": asked.languages,
        "menu": None if asked.menu is None else tuple(item.as_domain() for item in asked.menu),
    }
    hours = therapist.opening_hours
    if asked.opening_hours is not None:
        hours = replace(hours, weekly=asked.opening_hours.as_domain())
    if asked.overrides is not None:
        hours = OpeningHours(weekly=hours.weekly, overrides=tuple(override.as_domain() for override in asked.overrides))
    given = {name: value for name, value in changes.items() if value is not None}
    if "whats_app" in asked.model_fields_set:
        given["whats_app"] = asked.whats_app
    if bank_details is not None:
        given |= {"encrypted_bank_details": bank_details.encrypted, "masked_bank_details": bank_details.masked}
    return replace(therapist, opening_hours=hours, **given)


def bank_details_notice(therapist: Caller, masked: Mapping[str, str]) -> Notice:
    """Return what tells therapists that their bank details have been changed, in case it was somebody else."""
    return Notice(
        user_id=therapist.user_id,
        role=therapist.role,
        kind="bank_details_changed",
        parameters={"bankName": masked["bankName"], "accountNumber": masked["accountNumber"]},
    )
