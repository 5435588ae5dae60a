"""Who acts: a person by id and role, or the system itself; and who may be meant where a right is declared."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, final

from msgspec import Struct

from marketplace.platform.language import Language
from marketplace.platform.refusals import SignInTooOld, Unauthenticated

FRESH_FOR: Final = timedelta(minutes=10)
"""How long after signing in somebody may change where money goes."""


class Role(StrEnum):
    """The hats that somebody can wear; ``system`` is worn by schedules and streams alone."""

    CUSTOMER = "customer"
    THERAPIST = "therapist"
    ADMIN = "admin"
    SYSTEM = "system"


CUSTOMERS: Final = frozenset({Role.CUSTOMER})
THERAPISTS: Final = frozenset({Role.THERAPIST})
ADMINS: Final = frozenset({Role.ADMIN})
PARTIES: Final = CUSTOMERS | THERAPISTS
SIGNED_IN: Final = PARTIES | ADMINS
ANYONE: Final = None
"""Signed in or not."""


class Duty(StrEnum):
    """What an admin may be there for; an owner may do whatever any of them may."""

    OWNER = "owner"
    OPERATIONS = "operations"
    FINANCE = "finance"
    SUPPORT = "support"


OWNERS: Final = frozenset({Duty.OWNER})
OPERATIONS: Final = frozenset({Duty.OPERATIONS})
FINANCE: Final = frozenset({Duty.FINANCE})
SUPPORT: Final = frozenset({Duty.SUPPORT})


@final
class Caller(Struct, frozen=True, kw_only=True):
    """Somebody who has signed in, as the authorizer vouches for them."""

    user_id: str
    role: Role
    language: Language = Language.ENGLISH
    signed_in_at: int | None = None
    """Epoch second of the sign-in behind the token, where the token says."""
    duties: frozenset[Duty] = frozenset()
    """What an admin is there for."""
    lacks_second_factor: bool = False
    """Whether an admin has to set up a second factor before anything else."""

    def may_call(self, roles: frozenset[Role], duties: frozenset[Duty]) -> bool:
        """Say whether this is a caller of one of the roles and, if an admin, has one of the duties or is an owner.

        Without duties to ask for, every admin is meant.
        """
        if self.role not in roles:
            return False
        return self.role is not Role.ADMIN or not duties or bool(self.duties & (duties | {Duty.OWNER}))

    @property
    def is_admin(self) -> bool:
        """Say whether the caller runs the marketplace."""
        return self.role is Role.ADMIN

    def check_signed_in_lately(self, now: datetime) -> None:
        """Refuse whoever has not signed in within the last ten minutes."""
        if self.signed_in_at is None or now.timestamp() - self.signed_in_at > FRESH_FOR.total_seconds():
            raise SignInTooOld


SYSTEM: Final = Caller(user_id="system", role=Role.SYSTEM)


def context_of(caller: Caller) -> dict[str, str]:
    """Return a caller as the authorizer's context: texts only, since that is all a gateway passes on."""
    context = {"userId": caller.user_id, "role": caller.role.value, "language": caller.language.value}
    if caller.signed_in_at is not None:
        context["signedInAt"] = str(caller.signed_in_at)
    if caller.duties:
        context["duties"] = " ".join(sorted(caller.duties))
    if caller.lacks_second_factor:
        context["lacksSecondFactor"] = "true"
    return context


def caller_in(event: Mapping[str, Any]) -> Caller:
    """Return who is behind an event of the REST or WebSocket gateway.

    Raises:
        Unauthenticated: nobody is.
    """
    context = event.get("requestContext", {}).get("authorizer") or {}
    try:
        signed_in_at = context.get("signedInAt")
        return Caller(
            user_id=context["userId"],
            role=Role(context["role"]),
            language=Language(context.get("language", Language.ENGLISH.value)),
            signed_in_at=int(signed_in_at) if signed_in_at else None,
            duties=frozenset(Duty(duty) for duty in context.get("duties", "").split()),
            lacks_second_factor=context.get("lacksSecondFactor") == "true",
        )
    except (KeyError, ValueError):
        raise Unauthenticated from None
