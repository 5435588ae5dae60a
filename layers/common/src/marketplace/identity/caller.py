"""Who calls: what the authorizer vouches for, as every gateway event carries it."""

from collections.abc import Mapping
from typing import Any

from marketplace.platform.caller import Caller, Language, Role
from marketplace.platform.refusals import Unauthenticated


def context_of(caller: Caller) -> dict[str, str]:
    """Return a caller as the authorizer's context: texts only, since that is all a gateway passes on."""
    context = {"userId": caller.user_id, "role": caller.role.value, "language": caller.language.value}
    if caller.signed_in_at is not None:
        context["signedInAt"] = str(caller.signed_in_at)
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
        )
    except (KeyError, ValueError):
        raise Unauthenticated from None
