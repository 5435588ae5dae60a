"""The authorizer of both gateways: a bearer token for REST, a single-use ticket for $connect.

It says who somebody is; what they may do is decided row by row behind it. The policy covers the whole
API, because the gateway keeps it for a while and uses it for other routes too.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jwt import PyJWKClient

from marketplace import bootstrap
from marketplace.clock import utc_now
from marketplace.domain.caller import Caller
from marketplace.domain.refusals import Unauthenticated
from marketplace.edge.identity import context_of
from marketplace.edge.rest import Context, Event
from marketplace.edge.tickets import read_ticket
from marketplace.edge.tokens import TokenReader
from marketplace.observability import begin_invocation, count, finish_invocation
from marketplace.resilience import keep_invocation_deadline
from marketplace.settings import settings

KEYS_KEPT_SECONDS = 300
KEY_FETCH_SECONDS = 2


@cache
def token_reader() -> TokenReader:
    """Return the reader of tokens, with the user pool's keys kept for five minutes."""
    keys = PyJWKClient(
        settings().token_keys_url, cache_jwk_set=True, lifespan=KEYS_KEPT_SECONDS, timeout=KEY_FETCH_SECONDS
    )
    return TokenReader(
        guest_key=bootstrap.sealing_key,
        pool_keys=lambda token: keys.get_signing_key_from_jwt(token).key,
        issuer=settings().token_issuer,
        client_id=settings().user_pool_client_id,
    )


def authenticate(event: Event) -> Caller:
    """Return who is behind a request or a new connection.

    Raises:
        Unauthenticated: the token or ticket does not hold.
    """
    now = utc_now()
    if event.get("requestContext", {}).get("routeKey") == "$connect":
        ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
        ticket_id, caller = read_ticket(ticket, bootstrap.seal(), now)
        bootstrap.used_tickets().use(ticket_id, now=now)
        return caller
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return token_reader().read(token.strip())


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer the gateway with a policy; a token that does not hold is its ``Unauthorized``."""
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(str(event.get("requestContext", {}).get("requestId") or context.aws_request_id))
    try:
        caller = authenticate(event)
    except Unauthenticated:
        count("SignInsRefused")
        if "routeKey" in event.get("requestContext", {}):
            return _policy("nobody", "Deny", str(event["methodArn"]), {})
        raise UnauthorizedError from None
    finally:
        finish_invocation()
    return _policy(caller.user_id, "Allow", _whole_api(str(event["methodArn"])), context_of(caller))


class UnauthorizedError(Exception):
    """What the gateway wants to hear for a 401: the very word, as the text of the exception.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    def __init__(self) -> None:
        """Say the word."""
        super().__init__("Unauthorized")


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
