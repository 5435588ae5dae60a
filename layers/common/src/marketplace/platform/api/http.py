"""The REST door: an event of the gateway to a request in our words, our answer or refusal back.

The gateway has matched the route already and names it in ``resource``, so a table look-up finds the
function; see docs/decisions for why no resolver stands here.
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any, Final, final

from msgspec import Struct, field

from marketplace.identity.caller import caller_in
from marketplace.platform.api.access import allowed_roles
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.problems import STATUSES, internal_problem, problem
from marketplace.platform.api.request_model import Query, Request, parse, parse_query
from marketplace.platform.api.strict_json import parse_json, parse_json_or_nothing
from marketplace.platform.api.text import idempotency_key, path_id
from marketplace.platform.caller import Caller
from marketplace.platform.observability import (
    Category,
    Severity,
    begin_invocation,
    count_server_error,
    finish_invocation,
    report,
    report_contacts_shown,
)
from marketplace.platform.refusals import Forbidden, MalformedJson, NotFound, Refusal, Unauthenticated
from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.platform.settings import settings

_GATEWAY_WAITS_MILLISECONDS: Final = 30_000
_COMMITTED_AFTER_MILLISECONDS: Final = 10
"""A step is dated before its booking is read; the read and the transaction take longer than this."""


@final
class Call(Struct, frozen=True, kw_only=True):
    """One request, opened only as far as somebody asks."""

    event: Event
    request_id: str
    headers: Mapping[str, str]
    signed_in: Caller | None

    @property
    def caller(self) -> Caller:
        """Who calls.

        Raises:
            Unauthenticated: nobody has signed in.
        """
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in

    def seen_until(self, now: datetime) -> datetime:
        """Return the latest date of a booking's step that the caller can have seen when asking.

        That is when the request came to the gateway, less what lies between a step's date and its commit; ``now``
        where the gateway does not tell, or tells something that it would not have waited for.
        """
        given = self.event.get("requestContext", {}).get("requestTimeEpoch")
        if not isinstance(given, int) or not 0 <= now.timestamp() * 1_000 - given <= _GATEWAY_WAITS_MILLISECONDS:
            return now
        return datetime.fromtimestamp((given - _COMMITTED_AFTER_MILLISECONDS) / 1_000, UTC)

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
    def idempotency_key(self) -> str | None:
        """The ``Idempotency-Key``, if there is one."""
        return idempotency_key(self.headers.get("idempotency-key"))

    def path(self, name: str) -> str:
        """Return an id in the path; what cannot be one is not found."""
        return path_id(str((self.event.get("pathParameters") or {}).get(name, "")))

    def query[QueryT: Query](self, model: type[QueryT]) -> QueryT:
        """Return the query string as a model says."""
        return parse_query(model, self.event.get("queryStringParameters"))

    def body[RequestT: Request](self, model: type[RequestT]) -> RequestT:
        """Return the body as a model says."""
        return parse(model, parse_json(self._raw_body() or b""))

    def optional_body[RequestT: Request](self, model: type[RequestT]) -> RequestT:
        """Return a body that may be left out as a model says."""
        return parse(model, parse_json_or_nothing(self._raw_body()))

    def _raw_body(self) -> str | bytes | None:
        body: str | None = self.event.get("body")
        if body is None or not self.event.get("isBase64Encoded"):
            return body
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise MalformedJson from None


@final
class Answer(Struct, frozen=True, kw_only=True):
    """What goes back: a body to be written as JSON, or a ready ``text``."""

    body: Mapping[str, Any] = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    content_type: str = "application/json"


type Endpoint = Callable[[Call], Answer | Mapping[str, Any]]


@final
class Rest:
    """The routes of one function."""

    def __init__(self, category: Category) -> None:
        """Blame failures on ``category``."""
        self._category = category
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    def get(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register what answers GET of a route."""
        return self._register("GET", path)

    def post(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register what answers POST of a route."""
        return self._register("POST", path)

    def patch(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register what answers PATCH of a route."""
        return self._register("PATCH", path)

    def options(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register what answers OPTIONS of a route."""
        return self._register("OPTIONS", path)

    @property
    def routes(self) -> frozenset[tuple[str, str]]:
        """Every registered method and path."""
        return frozenset(self._endpoints)

    def answer(self, event: Event, context: Context) -> dict[str, Any]:
        """Answer one event of the gateway; whatever goes wrong becomes a problem document."""
        keep_invocation_deadline(context.get_remaining_time_in_millis())
        request_id = str(event.get("requestContext", {}).get("requestId") or context.aws_request_id)
        begin_invocation(request_id)
        headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        try:
            answer = self._dispatch(event, request_id, headers)
        except Refusal as refusal:
            answer = _refused(refusal, request_id)
        except Exception as error:  # noqa: BLE001 - the last line before the gateway: nothing may escape
            report(
                "request failed",
                category=self._category,
                severity=Severity.ERROR,
                code="internal_error",
                error=error,
            )
            count_server_error()
            answer = Answer(
                body=internal_problem(request_id),
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
                content_type=_PROBLEM,
            )
        finally:
            finish_invocation()
        return _written(answer, request_id, headers.get("origin"))

    def _dispatch(self, event: Event, request_id: str, headers: Mapping[str, str]) -> Answer:
        method, path = str(event.get("httpMethod")), str(event.get("resource"))
        endpoint = self._endpoints.get((method, path))
        if endpoint is None:
            raise NotFound
        roles = None if method == "OPTIONS" else allowed_roles(method, path)
        signed_in = None if roles is None else caller_in(event)
        if roles is not None and signed_in is not None and signed_in.role not in roles:
            raise Forbidden
        call = Call(event=event, request_id=request_id, headers=headers, signed_in=signed_in)
        answer = endpoint(call)
        if signed_in is not None:
            report_contacts_shown(signed_in.user_id, signed_in.role)
        return answer if isinstance(answer, Answer) else Answer(body=answer)

    def _register(self, method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        def register(endpoint: Endpoint) -> Endpoint:
            self._endpoints[method, path] = endpoint
            return endpoint

        return register


def created(body: Mapping[str, Any]) -> Answer:
    """Return the answer of a POST that made something."""
    return Answer(body=body, status=HTTPStatus.CREATED)


def preflight(call: Call) -> Answer:
    """Answer a browser's question whether it may call; the origin is judged with every answer."""
    del call
    return Answer(status=HTTPStatus.NO_CONTENT, text="", headers=_PREFLIGHT)


_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
    "Access-Control-Max-Age": "600",
}
_PROBLEM: Final = "application/problem+json"
_EXPOSED: Final = "x-request-id, retry-after, location"


def _refused(refusal: Refusal, request_id: str) -> Answer:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    status = STATUSES[type(refusal)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        count_server_error()
    return Answer(
        body=problem(refusal, request_id),
        status=status,
        headers=headers,
        content_type=_PROBLEM,
    )


def _written(answer: Answer, request_id: str, origin: str | None) -> dict[str, Any]:
    text = answer.text
    if text is None:
        text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return {
        "statusCode": answer.status.value,
        "headers": {
            "Content-Type": answer.content_type,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
            "x-request-id": request_id,
            **cross_origin_headers(origin),
            **answer.headers,
        },
        "body": text,
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
