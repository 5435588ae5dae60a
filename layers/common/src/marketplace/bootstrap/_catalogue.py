"""Wiring of the catalogue: therapists, their documents and photos, hotels, codes and policies."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.resilience import Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from marketplace.booking.model import Booking
    from marketplace.catalogue.document.repository import Documents
    from marketplace.catalogue.favourites import Favourites
    from marketplace.catalogue.policy.repository import Policies
    from marketplace.catalogue.repository import Catalogue
    from marketplace.catalogue.search import TherapistSearch
    from marketplace.catalogue.therapist.bank_details import BankDetailsVault
    from marketplace.catalogue.therapist.model import Therapist
    from marketplace.catalogue.therapist.presence import Presence
    from marketplace.services.catalogue.desk import TherapistCommands
    from marketplace.services.catalogue.documents import DocumentCommands
    from marketplace.services.catalogue.photos import Photos
    from marketplace.services.catalogue.policies import PolicyCommands
    from marketplace.services.catalogue.policy_replay import PolicyReplay


@cache
def bank_details_vault() -> BankDetailsVault:
    """Return the only reader of bank details."""
    from marketplace.catalogue.therapist.bank_details import BankDetailsVault

    return BankDetailsVault(Dependency("kms", bootstrap.client("kms")), settings().bank_details_key_id)


def bank_details_for(booking: Booking, therapist: Therapist | None) -> dict[str, str] | None:
    """Return the bank details that go into the acceptance of a scheduled booking, if the therapist has any."""
    from marketplace.booking.model import BookingType

    if booking.booking_type is not BookingType.SCHEDULED or therapist is None or not therapist.encrypted_bank_details:
        return None
    return bootstrap.bank_details_vault().decrypt(therapist.therapist_id, therapist.encrypted_bank_details)


@cache
def catalogue() -> Catalogue:
    """Return therapists, hotels and discount codes."""
    from marketplace.catalogue.repository import Catalogue

    return Catalogue(bootstrap.store())


@cache
def photos() -> Photos:
    """Return what publishes photos; only where the layer of images is, and their bucket is named."""
    from marketplace.services.catalogue.photos import Photos

    bucket, url = os.environ["PHOTOS_BUCKET"], os.environ["PHOTOS_URL"]
    return Photos(bootstrap.uploads().s3, bootstrap.catalogue, bucket=bucket, url=url)


@cache
def favourites() -> Favourites:
    """Return whom customers like to find again."""
    from marketplace.catalogue.favourites import Favourites

    return Favourites(bootstrap.store())


@cache
def policy_replay() -> PolicyReplay:
    """Return what tries policies out on the bookings of the last days."""
    from marketplace.services.catalogue.policy_replay import PolicyReplay

    return PolicyReplay(bootstrap.bookings(), bootstrap.policies())


@cache
def therapist_commands() -> TherapistCommands:
    """Return what admins do to therapists."""
    from marketplace.services.catalogue.desk import TherapistCommands

    return TherapistCommands(
        bootstrap.store(),
        bootstrap.catalogue(),
        bootstrap.sign_ins(),
        bookings=bootstrap.booking_commands,
        lists=bootstrap.booking_lists,
        roles_of=lambda user_id: bootstrap.user_pool().roles_of(user_id),
    )


@cache
def therapist_search() -> TherapistSearch:
    """Return the search of the catalogue, with its copy in memory."""
    from marketplace.catalogue.search import TherapistSearch

    return TherapistSearch(bootstrap.store())


@cache
def documents() -> Documents:
    """Return the papers of therapists."""
    from marketplace.catalogue.document.repository import Documents

    return Documents(bootstrap.store())


@cache
def document_commands() -> DocumentCommands:
    """Return the use cases of therapists' papers."""
    from marketplace.services.catalogue.documents import DocumentCommands

    return DocumentCommands(
        bootstrap.store(),
        documents=bootstrap.documents(),
        catalogue=bootstrap.catalogue(),
        attachments=bootstrap.attachments,
        files=bootstrap.files,
    )


@cache
def policies() -> Policies:
    """Return the versions of the policy; version 0 is the template's parameters."""
    from marketplace.catalogue.policy.model import Policy
    from marketplace.catalogue.policy.repository import Policies

    first = Policy(
        response_window_seconds=int(settings().response_window.total_seconds()),
        commission_rate_bps=settings().commission_rate_bps,
        commission_due_days=settings().commission_due_days,
    )
    return Policies(bootstrap.store(), first)


@cache
def policy_commands() -> PolicyCommands:
    """Return the use cases of policies."""
    from marketplace.services.catalogue.policies import PolicyCommands

    return PolicyCommands(bootstrap.store(), bootstrap.policies())


@cache
def presence() -> Presence:
    """Return who of the therapists is here."""
    from marketplace.catalogue.therapist.presence import Presence

    return Presence(bootstrap.store())
