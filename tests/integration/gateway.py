"""Both gateways in memory: they know from the template which function answers, and hand it events as AWS does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, final

from marketplace.platform.caller import Caller
from marketplace.platform.resilience import keep_invocation_deadline
from tests.cloudformation import functions_of, load_template, routes_of
from tests.events import Event, Invocation, rest_event, socket_event
from tests.integration.open_sockets import FRAMES

_AN_HOUR_IN_MILLISECONDS: Final = 3_600_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:  # noqa: ANN401 - any JSON
        """The body read as JSON."""
        return json.loads(self.text)

    @property
    def code(self) -> str | None:
        """The problem's code, if it is one."""
        return self.body.get("code") if self.headers.get("Content-Type") == "application/problem+json" else None


def frame_event(frame: object, *, by: Caller | None, connection_id: str = "connection-1=") -> Event:
    """Return the event that the WebSocket gateway makes of a frame, by the routes of the template."""
    action = frame.get("action") if isinstance(frame, dict) else None
    route = action if isinstance(action, str) and action in frame_functions() else "$default"
    return socket_event(route, by=by, connection_id=connection_id, frame=frame)


def call(method: str, route: str, **parts: Any) -> Reply:  # noqa: ANN401 - the parts of a request
    """Call a route and return its reply."""
    return answer(rest_event(method, route, **parts))


def answer(event: Event) -> Reply:
    """Let the function that the template names answer a request."""
    function = rest_functions()[event["httpMethod"], event["resource"]]
    answered = invoked(function, event)
    return Reply(status=answered["statusCode"], headers=answered["headers"], text=answered["body"])


def send(frame: object, *, by: Caller | None, connection_id: str = "connection-1=") -> Any:  # noqa: ANN401 - any frame
    """Send a frame over an open socket and return the frame that answers it, if one does."""
    event = frame_event(frame, by=by, connection_id=connection_id)
    FRAMES.clear()
    answered = invoked(frame_functions()[event["requestContext"]["routeKey"]], event)
    if "body" in answered:
        return json.loads(answered["body"])
    return next((sent for to, sent in FRAMES if to == connection_id and sent["type"] in {"ack", "error"}), None)


def connect(by: Caller, connection_id: str = "connection-1=") -> None:
    """Open a socket; one that is open stays so."""
    event = socket_event("$connect", by=by, connection_id=connection_id)
    assert invoked("chat_session", event)["statusCode"] == 200


def invoked(function: str, event: Event) -> Any:  # noqa: ANN401 - whatever it returns
    """Invoke a function; what the test does by itself afterwards is not bound by the invocation's time."""
    try:
        return handler_of(function)(event, Invocation())
    finally:
        keep_invocation_deadline(_AN_HOUR_IN_MILLISECONDS)


def handler_of(function: str) -> Any:  # noqa: ANN401 - a handler
    """Return the handler of a function by its folder's name."""
    return import_module(f"functions.{function}.handler").lambda_handler


@cache
def rest_functions() -> Mapping[tuple[str, str], str]:
    """Return which function answers which method and route."""
    template = load_template()
    functions = functions_of(template)
    return {route: _folder(functions[function]) for route, (function, _) in routes_of(template).items()}


@cache
def frame_functions() -> Mapping[str, str]:
    """Return which function answers which route of the WebSocket."""
    template = load_template()
    functions = functions_of(template)
    routes = template["Resources"]["WebSocketApi"]["Properties"]["Routes"]
    names = {key: route["FunctionArn"]["Ref"].removesuffix(".Alias") for key, route in routes.items()}
    return {key: _folder(functions[name]) for key, name in names.items()}


def _folder(function: Mapping[str, Any]) -> str:
    return str(function["CodeUri"]).removeprefix("functions/")
