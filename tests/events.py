"""Events as API Gateway makes them, of requests and of frames: the one place that knows their form."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from marketplace.platform.caller import Caller, context_of

type Event = dict[str, Any]

SOURCE_ADDRESS: Final = "203.0.113.7"
_KINDS: Final[Mapping[str, str]] = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What Lambda hands to a handler beside the event."""

    function_name: str = "test"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "00000000-0000-4000-8000-000000000000"
    log_group_name: str = "/aws/lambda/test"
    log_stream_name: str = "test"
    remaining_milliseconds: int = 15_000

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left to the invocation."""
        return self.remaining_milliseconds


def rest_event(  # noqa: PLR0913 - each is a part of a request
    method: str,
    route: str,
    *,
    by: Caller | None,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Event:
    """Return the event that the REST gateway makes of a request to a route (``/bookings/{bookingId}``)."""
    return {
        "httpMethod": method,
        "resource": route,
        "path": re.sub(r"\{(\w+)\+?\}", lambda found: (path or {}).get(found[1], ""), route),
        "pathParameters": dict(path) if path else None,
        "queryStringParameters": dict(query) if query else None,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {**_context(by), "identity": {"sourceIp": SOURCE_ADDRESS}},
    }


def socket_event(route: str, *, by: Caller | None, connection_id: str, frame: object = None) -> Event:
    """Return the event that the WebSocket gateway makes of a frame, or of a socket that opens or closes."""
    socket = {"routeKey": route, "connectionId": connection_id, "eventType": _KINDS.get(route, "MESSAGE")}
    event: Event = {"requestContext": {**_context(by), **socket}}
    if frame is not None:
        event["body"] = frame if isinstance(frame, str) else json.dumps(frame)
    return event


def _context(by: Caller | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"requestId": f"request-{secrets.token_hex(4)}"}
    return asked if by is None else {**asked, "authorizer": {**context_of(by), "principalId": by.user_id}}
