"""Signing out everywhere, by oneself or by an admin: every earlier token, ticket and socket of a person ends."""

import time

from marketplace import bootstrap
from marketplace.identity.responses import SignedOut
from marketplace.platform.api.http import Api, Request
from marketplace.platform.caller import ADMINS, OPERATIONS, SIGNED_IN, Caller
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.runtime.observability import Category, count, logger

api = Api(Category.AUTH, tag="Sessions")


@api.post(
    "/sign-out-everywhere",
    roles=SIGNED_IN,
    response=SignedOut,
    summary="End every session of the caller",
    description="Tokens, tickets and sockets from before end within five seconds. A guest cannot come back.",
)
def sign_out_everywhere(request: Request) -> SignedOut:
    """End every session of the caller, this one included."""
    return _end_sessions(request.caller.user_id, by=request.caller)


@api.post(
    "/admin/users/{userId}/sign-out",
    roles=ADMINS,
    duties=OPERATIONS,
    response=SignedOut,
    summary="End every session of a user",
    description="Tokens, tickets and sockets from before end within five seconds. A guest cannot come back.",
    tag="Administration",
)
def sign_out_somebody(request: Request) -> SignedOut:
    """End every session of anybody; a guest without an account cannot sign in again."""
    return _end_sessions(request.path("userId"), by=request.caller)


def _end_sessions(user_id: str, *, by: Caller) -> SignedOut:
    """End somebody's sessions.

    Tokens tell their sign-in by the second, so the answer waits for the end of this one: whoever signs in
    after it is signed in.
    """
    now = utc_now()
    closed = bootstrap.sessions().end(user_id, by=by, now=now)
    logger().info("sessions ended", extra={"user_id": user_id, "closed": closed})
    count("SessionsEnded")
    time.sleep(max(0.0, int(now.timestamp()) + 1 - utc_now().timestamp()))
    return {"userId": user_id, "signedOutAt": format_utc(now), "closedConnections": closed}


lambda_handler = api.answer
