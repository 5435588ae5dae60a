"""A therapist's wishes for their own profile, carried out on the domain's therapist."""

from collections.abc import Mapping
from copy import replace
from typing import Any, final

from msgspec import Struct

from marketplace.catalogue.requests import BankDetails, ProfileChange
from marketplace.catalogue.therapist.model import Therapist
from marketplace.catalogue.therapist.opening_hours import OpeningHours
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
    given = {name: getattr(asked, name) for name in asked.model_fields_set if name != "bank_details"}
    after = with_parts(therapist, given)
    if bank_details is None:
        return after
    return replace(after, encrypted_bank_details=bank_details.encrypted, masked_bank_details=bank_details.masked)


def with_parts(therapist: Therapist, given: Mapping[str, Any]) -> Therapist:
    """Return a therapist with the given parts, which are as request models have them, in place of the present ones."""
    changes = dict(given)
    hours = therapist.opening_hours
    if "opening_hours" in changes:
        hours = replace(hours, weekly=changes.pop("opening_hours").as_domain())
    if "overrides" in changes:
        overrides = tuple(override.as_domain() for override in changes.pop("overrides"))
        hours = OpeningHours(weekly=hours.weekly, overrides=overrides)
    if "menu" in changes:
        changes["menu"] = tuple(item.as_domain() for item in changes["menu"])
    for name in ("service_area", "instant_confirm"):
        if changes.get(name) is not None:
            changes[name] = changes[name].as_domain()
    if "biography" in changes:
        changes["biography"] = changes["biography"].as_domain() if changes["biography"] else {}
    return replace(therapist, opening_hours=hours, **changes)


def bank_details_notice(therapist: Caller, masked: Mapping[str, str]) -> Notice:
    """Return what tells therapists that their bank details have been changed, in case it was somebody else."""
    return Notice(
        user_id=therapist.user_id,
        role=therapist.role,
        kind="bank_details_changed",
        parameters={"bankName": masked["bankName"], "accountNumber": masked["accountNumber"]},
    )
