"""Signing out everywhere, by oneself or by an admin: every earlier token, ticket and socket of a person ends."""

import time
from typing import Any

from marketplace import bootstrap
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now, written
from marketplace.platform.observability import Category, count, logger

rest = Rest(Category.AUTH)


@rest.post("/sign-out-everywhere")
def sign_out_everywhere(call: Call) -> dict[str, Any]:
    """End every session of the caller, this one included."""
    call.optional_body(NoBody)
    return _end_sessions(call.caller.user_id)


@rest.post("/admin/users/{userId}/sign-out")
def sign_out_somebody(call: Call) -> dict[str, Any]:
    """End every session of anybody; a guest without an account cannot sign in again."""
    call.optional_body(NoBody)
    return _end_sessions(call.path("userId"))


def _end_sessions(user_id: str) -> dict[str, Any]:
    """Make earlier sign-ins void first, so that no new socket can open; then close the open ones.

    Tokens tell their sign-in by the second, so the answer waits for the end of this one: whoever signs in
    after it is signed in.
    """
    now = utc_now()
    bootstrap.sign_outs().add(user_id, now=now)
    closed = bootstrap.sockets().close(bootstrap.connections().find_by_users([user_id]))
    logger().info("sessions ended", extra={"user_id": user_id, "closed": closed})
    count("SessionsEnded")
    time.sleep(max(0.0, int(now.timestamp()) + 1 - utc_now().timestamp()))
    return {"userId": user_id, "signedOutAt": written(now), "closedConnections": closed}


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
