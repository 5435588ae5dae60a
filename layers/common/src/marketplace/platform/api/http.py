"""The REST API: an event of the gateway to a request in our words, our response or refusal back.

The gateway has matched the route already and names it in ``resource``, so a table look-up finds the
function; see docs/decisions for why no resolver stands here.
"""

import base64
import json
from collections.abc import Callable, Mapping
from copy import replace
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any, Final, Unpack, final, overload

from msgspec import Struct, field

from marketplace.platform.api.invocation import Context, Event, correlation_id, invocation
from marketplace.platform.api.problems import STATUSES, internal_problem, problem
from marketplace.platform.api.request_model import Query, RequestModel, parse, parse_nothing
from marketplace.platform.api.route import Declaration, Route
from marketplace.platform.api.strict_json import parse_json, parse_json_or_nothing
from marketplace.platform.api.text import expected_version, idempotency_key, path_id
from marketplace.platform.caller import Caller, caller_in
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import Forbidden, MalformedJson, MfaRequired, NotFound, Refusal, Unauthenticated
from marketplace.platform.runtime.observability import (
    Category,
    Severity,
    count_server_error,
    report,
    report_contacts_shown,
)
from marketplace.platform.settings import settings


@final
class Request(Struct, frozen=True, kw_only=True):
    """One request, opened only as far as somebody asks."""

    event: Event
    headers: Mapping[str, str]
    """By lower-case name."""
    signed_in: Caller | None
    """``None`` on routes that are open to anyone."""
    now: datetime
    """When the function began with it."""

    @property
    def caller(self) -> Caller:
        """Who calls.

        Raises:
            Unauthenticated: nobody has signed in.
        """
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in

    @property
    def expected_version(self) -> int | None:
        """The version of a booking that the caller has seen, by ``If-Match``, if there is one.

        Raises:
            ValidationFailed: it is not one version in quotation marks.
        """
        return expected_version(self.headers.get("if-match"))

    @property
    def source_network(self) -> str:
        """The client's network as the gateway saw it, never as a header tells it.

        An IPv4 address, or the /64 of an IPv6 one, within which a single household may choose any address.
        """
        address = str(self.event.get("requestContext", {}).get("identity", {}).get("sourceIp", ""))
        try:
            return str(ip_network((address, 64 if ":" in address else 32), strict=False))
        except ValueError:
            return ""

    @property
    def source_browser(self) -> str:
        """What is known of a caller without a token: the network, and how the browser names itself.

        Somebody may change the latter at will, so it narrows what a network may do and never widens it.
        """
        named = (self.headers.get(name, "") for name in ("user-agent", "accept-language"))
        return "\n".join((self.source_network, *named))

    @property
    def idempotency_key(self) -> str | None:
        """The ``Idempotency-Key``, if there is one."""
        return idempotency_key(self.headers.get("idempotency-key"))

    def path(self, name: str) -> str:
        """Return an id in the path; what cannot be one is not found."""
        return path_id(str((self.event.get("pathParameters") or {}).get(name, "")))

    def raw_body(self) -> str | bytes | None:
        """Return the body as it was sent.

        Raises:
            MalformedJson: the gateway says that it is base64, and it is not.
        """
        body: str | None = self.event.get("body")
        if body is None or not self.event.get("isBase64Encoded"):
            return body
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise MalformedJson from None


@final
class Response(Struct, frozen=True, kw_only=True):
    """What goes back where it is not the JSON that the route declares: a file, a redirection."""

    content: str
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: HTTPStatus | None = None
    """That of the route, if not given."""
    is_base64: bool = False
    """Whether the content is bytes, written so; the gateway knows the type of such content by its BinaryMediaTypes."""


type Plain[ResponseT] = Callable[[Request], ResponseT | Response]
type WithModel[ModelT, ResponseT] = Callable[[Request, ModelT], ResponseT | Response]


@final
class Reading:
    """Declares routes that change nothing or need no body: GET and DELETE, with or without a query string."""

    def __init__(self, api: "Api", method: str) -> None:
        """Add to the routes of ``api``."""
        self._api = api
        self._method = method

    @overload
    def __call__[ResponseT](
        self, path: str, *, response: type[ResponseT], query: None = None, **words: Unpack[Declaration]
    ) -> Callable[[Plain[ResponseT]], Plain[ResponseT]]: ...

    @overload
    def __call__[ResponseT, QueryT: Query](
        self, path: str, *, response: type[ResponseT], query: type[QueryT], **words: Unpack[Declaration]
    ) -> Callable[[WithModel[QueryT, ResponseT]], WithModel[QueryT, ResponseT]]: ...

    def __call__(
        self, path: str, *, response: Any, query: type[Query] | None = None, **words: Unpack[Declaration]
    ) -> Callable[..., Any]:
        """Declare the route that the decorated function answers; with ``query`` it gets that model too."""
        return self._api.register(self._method, path, response=response, query=query, body=None, words=words)


@final
class Commanding:
    """Declares routes that do something: POST, PUT and PATCH, with or without a body."""

    def __init__(self, api: "Api", method: str) -> None:
        """Add to the routes of ``api``."""
        self._api = api
        self._method = method

    @overload
    def __call__[ResponseT](
        self, path: str, *, response: type[ResponseT], body: None = None, **words: Unpack[Declaration]
    ) -> Callable[[Plain[ResponseT]], Plain[ResponseT]]: ...

    @overload
    def __call__[ResponseT, BodyT: RequestModel](
        self, path: str, *, response: type[ResponseT], body: type[BodyT], **words: Unpack[Declaration]
    ) -> Callable[[WithModel[BodyT, ResponseT]], WithModel[BodyT, ResponseT]]: ...

    def __call__(
        self, path: str, *, response: Any, body: type[RequestModel] | None = None, **words: Unpack[Declaration]
    ) -> Callable[..., Any]:
        """Declare the route that the decorated function answers; with ``body`` it gets that model too."""
        return self._api.register(self._method, path, response=response, query=None, body=body, words=words)


@final
class Api:
    """The routes of one function."""

    def __init__(self, category: Category, *, tag: str) -> None:
        """Blame failures on ``category``; ``tag`` is the chapter of the document in which the routes stand."""
        self.category = category
        self._tag = tag
        self._routes: dict[tuple[str, str], Route] = {}
        self.get = Reading(self, "GET")
        self.delete = Reading(self, "DELETE")
        self.post = Commanding(self, "POST")
        self.put = Commanding(self, "PUT")
        self.patch = Commanding(self, "PATCH")

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route that is declared."""
        return tuple(self._routes.values())

    def register(  # noqa: PLR0913 - the parts of a declaration
        self,
        method: str,
        path: str,
        *,
        response: Any,  # noqa: ANN401 - a type expression
        query: type[Query] | None,
        body: type[RequestModel] | None,
        words: Declaration,
    ) -> Callable[..., Any]:
        """Return what adds the route that a function answers; see :class:`Reading` and :class:`Commanding`."""

        def declare[EndpointT: Callable[..., Any]](endpoint: EndpointT) -> EndpointT:
            declared: Any = {"tag": self._tag, **words}
            self._routes[method, path] = Route(
                method=method, path=path, endpoint=endpoint, response=response, body=body, query=query, **declared
            )
            return endpoint

        return declare

    def answer(self, event: Event, context: Context) -> dict[str, Any]:
        """Answer one event of the gateway; whatever goes wrong becomes a problem document."""
        request_id = correlation_id(event, context)
        headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        with invocation(event, context):
            try:
                answered = self._dispatch(event, headers)
            except Refusal as refusal:
                answered = _refused(refusal, request_id)
            except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
                report(
                    "request failed",
                    category=self.category,
                    severity=Severity.ERROR,
                    code="internal_error",
                    error=error,
                )
                count_server_error()
                answered = _json(internal_problem(request_id), HTTPStatus.INTERNAL_SERVER_ERROR, content_type=_PROBLEM)
        return _written(answered, request_id, headers.get("origin"))

    def _dispatch(self, event: Event, headers: Mapping[str, str]) -> Response:
        method = str(event.get("httpMethod"))
        if method == "OPTIONS":
            return _PREFLIGHT
        route = self._routes.get((method, str(event.get("resource"))))
        if route is None:
            raise NotFound
        signed_in = None
        if route.roles is not None:
            signed_in = caller_in(event)
            if signed_in.lacks_second_factor:
                raise MfaRequired
            if not signed_in.may_call(route.roles, route.duties):
                raise Forbidden
        request = Request(event=event, headers=headers, signed_in=signed_in, now=utc_now())
        answered = route.endpoint(request, *_models(route, request))
        if signed_in is not None:
            report_contacts_shown(answered, signed_in.user_id, signed_in.role)
        if isinstance(answered, Response):
            return replace(answered, status=answered.status or route.status)
        return _json(answered, route.status)


def _models(route: Route, request: Request) -> tuple[RequestModel, ...]:
    """Return what the route asks for beside its path, and refuse what it does not ask for."""
    query = request.event.get("queryStringParameters") or {}
    if route.query is not None:
        return (parse(route.query, query),)
    parse_nothing(query)
    if route.body is None:
        parse_nothing(parse_json_or_nothing(request.raw_body()))
        return ()
    raw = request.raw_body()
    return (parse(route.body, parse_json(raw or b"") if route.needs_body else parse_json_or_nothing(raw)),)


def _json(
    body: Mapping[str, object],
    status: HTTPStatus,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(content=text, content_type=content_type, headers=headers or {}, status=status)


_PREFLIGHT: Final = Response(
    content="",
    status=HTTPStatus.NO_CONTENT,
    headers={
        "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key, if-match",
        "Access-Control-Max-Age": "600",
    },
)
"""The answer to a browser's question whether it may call; the origin is judged with every answer."""
_PROBLEM: Final = "application/problem+json"
_EXPOSED: Final = "x-request-id, retry-after, location, date, x-next-cursor"


def _refused(refusal: Refusal, request_id: str) -> Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    status = STATUSES[type(refusal)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        count_server_error()
    return _json(problem(refusal, request_id), status, content_type=_PROBLEM, headers=headers)


def _written(answered: Response, request_id: str, origin: str | None) -> dict[str, Any]:
    return {
        "statusCode": (answered.status or HTTPStatus.OK).value,
        "headers": {
            "Content-Type": answered.content_type,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
            "x-request-id": request_id,
            **cross_origin_headers(origin),
            **answered.headers,
        },
        "body": answered.content,
        **({"isBase64Encoded": True} if answered.is_base64 else {}),
    }


def cross_origin_headers(origin: str | None) -> dict[str, str]:
    """Return the CORS headers for a browser on an origin that the template names, else none but ``Vary``."""
    if origin is None or origin not in settings().allowed_origins:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _EXPOSED,
    }
