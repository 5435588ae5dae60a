"""The authorizer of both gateways: a bearer token for REST, a single-use ticket for $connect.

It says who somebody is; what they may do is decided row by row behind it. The policy covers the whole
API, because the gateway keeps it for a few seconds and uses it for other routes too.
"""

from collections.abc import Mapping
from copy import replace
from typing import Any

from marketplace import bootstrap
from marketplace.identity.staff.model import StaffMember
from marketplace.identity.tickets import read_ticket
from marketplace.platform.api.invocation import Event, triggered
from marketplace.platform.caller import Caller, context_of
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import Forbidden, Refusal, ServiceUnavailable, Unauthenticated
from marketplace.platform.runtime.observability import Category, count
from marketplace.platform.settings import settings


def bearer(headers: Mapping[str, str]) -> Caller:
    """Return who is behind a request.

    Raises:
        Unauthenticated: the token does not hold, or has been signed out.
        ServiceUnavailable: it cannot be checked now, so it does not count.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    caller = bootstrap.token_reader().read(token.strip())
    bootstrap.sign_outs().check_counts(caller)
    return on_duty(caller) if caller.is_admin else caller


def on_duty(caller: Caller) -> Caller:
    """Return an admin with their duties; whoever is no member of staff has none.

    Raises:
        Unauthenticated: an inactive member of staff.
    """
    member = bootstrap.staff().find(caller.user_id)
    if member is None:
        return caller
    if not member.active:
        raise Unauthenticated
    return replace(
        caller,
        duties=frozenset(member.duties),
        lacks_second_factor=settings().require_admin_mfa and lacks_factor(member),
    )


def lacks_factor(member: StaffMember) -> bool:
    """Say whether a member of staff has no second factor; once seen, it is never asked for again."""
    if member.mfa_enabled:
        return False
    if not bootstrap.user_pool().has_second_factor(member.user_id):
        return True
    bootstrap.staff().note_second_factor(member)
    return False


def ticket_holder(event: Event, headers: Mapping[str, str]) -> Caller:
    """Return who is behind a new connection, and use their ticket up.

    Whether they are still signed in is part of the transaction that notes the connection.

    Raises:
        Forbidden: a browser on an origin that the template does not name.
        Unauthenticated: the ticket does not hold.
    """
    origin = headers.get("origin")
    if origin is not None and origin not in settings().allowed_origins:
        raise Forbidden
    now = utc_now()
    ticket = (event.get("queryStringParameters") or {}).get("ticket") or ""
    ticket_id, caller = read_ticket(ticket, bootstrap.seal(), now)
    bootstrap.used_tickets().use(ticket_id, now=now)
    return caller


@triggered(Category.AUTH)
def lambda_handler(event: Event) -> dict[str, Any]:
    """Answer the gateway with a policy; whoever cannot be known is denied, which REST answers as 401.

    A denial is an answer and no failure of this function, so that wrong tokens raise no alarm.
    """
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    connecting = event.get("requestContext", {}).get("routeKey") == "$connect"
    try:
        caller = ticket_holder(event, headers) if connecting else bearer(headers)
    except ServiceUnavailable:
        count("SignInsUnchecked")
        raise UncheckedError from None
    except Refusal:
        count("SignInsRefused")
        return _policy("nobody", "Deny", str(event["methodArn"]), {})
    return _policy(caller.user_id, "Allow", _whole_api(str(event["methodArn"])), context_of(caller))


class UncheckedError(Exception):
    """Any exception makes the gateway answer with its AUTHORIZER_FAILURE response, which is our 503."""

    def __init__(self) -> None:
        """Say why, without a word of the request."""
        super().__init__("the sign-in cannot be checked now")


def _whole_api(method_arn: str) -> str:
    """Return the resource that stands for every route of a stage: ``arn:…:a1b2/v1/*``."""
    api, stage, *_ = method_arn.split("/")
    return f"{api}/{stage}/*"


def _policy(principal: str, effect: str, resource: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }
