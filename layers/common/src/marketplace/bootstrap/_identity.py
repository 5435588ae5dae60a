"""Wiring of callers: sign-ins, sessions, keys, tokens, sockets' tickets and abuse limits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marketplace import bootstrap
from marketplace.platform.resilience import Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from datetime import datetime

    from marketplace.identity.allowances import Allowance, Allowances
    from marketplace.identity.connections import Connections, FirstFrames
    from marketplace.identity.sign_ins import SignIns
    from marketplace.identity.sign_outs import SignOuts
    from marketplace.identity.signing_key import SigningKeys
    from marketplace.identity.staff.repository import Staff
    from marketplace.identity.ticket_repository import UsedTickets
    from marketplace.identity.tokens import TokenReader
    from marketplace.identity.user_pool import UserPool
    from marketplace.platform.api.cursors import Cursors
    from marketplace.platform.caller import Caller
    from marketplace.platform.limits import Limit
    from marketplace.platform.signing import Signer
    from marketplace.services.identity.guest_codes import GuestCodes
    from marketplace.services.identity.sessions import Sessions
    from marketplace.services.identity.staff import StaffCommands


def reader(caller: Caller) -> Caller:
    """Return a caller in the language that they read now: a therapist's own choice, else what their token says."""
    from copy import replace

    from marketplace.platform.caller import Role
    from marketplace.platform.refusals import NotFound

    if caller.role is not Role.THERAPIST:
        return caller
    try:
        return replace(caller, language=bootstrap.catalogue().therapist(caller.user_id).language)
    except NotFound:
        return caller


@cache
def connections() -> Connections:
    """Return the open sockets as the tables know them."""
    from marketplace.identity.connections import Connections

    return Connections(bootstrap.store())


@cache
def first_frames() -> FirstFrames:
    """Return the judge of connections that send for the first time."""
    from marketplace.identity.connections import FirstFrames

    return FirstFrames(bootstrap.connections())


@cache
def used_tickets() -> UsedTickets:
    """Return the memory of used tickets."""
    from marketplace.identity.ticket_repository import UsedTickets

    return UsedTickets(bootstrap.store())


@cache
def allowances() -> Allowances:
    """Return everybody's counts against abuse limits."""
    from marketplace.identity.allowances import Allowances

    return Allowances(bootstrap.store())


def allowance(limit: Limit, who: str, now: datetime) -> Allowance:
    """Return what somebody may still do within a limit, as the template scales it."""
    from marketplace.identity.allowances import Allowance

    return Allowance(limit=limit, who=who, scale=settings().rate_limit_scale, now=now)


@cache
def sessions() -> Sessions:
    """Return what ends sessions."""
    from marketplace.services.identity.sessions import Sessions

    return Sessions(bootstrap.sign_outs(), bootstrap.connections(), bootstrap.sockets())


@cache
def staff() -> Staff:
    """Return the members of staff."""
    from marketplace.identity.staff.repository import Staff

    return Staff(bootstrap.store())


@cache
def staff_commands() -> StaffCommands:
    """Return the use cases of staff."""
    from marketplace.services.identity.staff import StaffCommands

    return StaffCommands(
        bootstrap.store(),
        bootstrap.staff(),
        bootstrap.sign_ins(),
        bootstrap.sign_outs(),
        lambda user_id: bootstrap.user_pool().roles_of(user_id),
    )


@cache
def sign_ins() -> SignIns:
    """Return the sign-ins that admins have handed out."""
    from marketplace.identity.sign_ins import SignIns

    return SignIns(bootstrap.store())


@cache
def user_pool() -> UserPool:
    """Return the user pool as we administer it."""
    from marketplace.identity.user_pool import UserPool

    return UserPool(Dependency("cognito", bootstrap.client("cognito-idp")), settings().user_pool_id)


@cache
def sign_outs() -> SignOuts:
    """Return who has been signed out everywhere."""
    from marketplace.identity.sign_outs import SignOuts

    return SignOuts(bootstrap.store())


@cache
def signing_keys() -> SigningKeys:
    """Return the keys behind seals and guest tokens: the present one, and the one before it."""
    from marketplace.identity.signing_key import SigningKeys, reader

    secrets = Dependency("secretsmanager", bootstrap.client("secretsmanager"))
    return SigningKeys(reader(secrets, settings().sealing_secret_id))


def sealing_key() -> str:
    """Return the key that seals and guest tokens are signed with now."""
    return bootstrap.signing_keys().current()


@cache
def seal() -> Signer:
    """Return the stack's seal."""
    from marketplace.platform.signing import Signer

    return Signer(bootstrap.sealing_key, bootstrap.signing_keys().accepted)


@cache
def token_reader() -> TokenReader:
    """Return the reader of tokens; it keeps the user pool's keys. Only where the layer of tokens is."""
    from marketplace.identity.token_keys import TokenKeys, fetcher
    from marketplace.identity.tokens import TokenReader

    return TokenReader(
        guest_keys=lambda: bootstrap.signing_keys().accepted(),
        pool_keys=TokenKeys(fetcher(settings().token_keys_url)).find,
        issuer=settings().token_issuer,
        client_id=settings().user_pool_client_id,
    )


@cache
def guest_codes() -> GuestCodes:
    """Return the codes of telephone numbers."""
    from marketplace.services.identity.guest_codes import GuestCodes

    return GuestCodes(bootstrap.store(), lambda: bootstrap.signing_keys().accepted())


@cache
def cursors() -> Cursors:
    """Return the opener of cursors."""
    from marketplace.platform.api.cursors import Cursors

    return Cursors(bootstrap.seal)
