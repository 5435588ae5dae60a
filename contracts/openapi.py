"""The OpenAPI 3.1 document of the REST interface."""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Final, assert_never

from pydantic import TypeAdapter, ValidationError

from contracts.examples import ANSWERED, ANSWERS, BODIES
from contracts.handlers import all_routes
from contracts.schemas import REFERENCE, Json, component_name, prose, query_parameters, schemas
from marketplace.booking.model import BookingStatus
from marketplace.platform import refusals
from marketplace.platform.api.problems import INTERNAL_CODE, INTERNAL_DETAIL, STATUSES
from marketplace.platform.api.responses import Problem, Redirection, Text
from marketplace.platform.api.route import Route
from marketplace.platform.caller import SIGNED_IN, Duty, Role
from marketplace.platform.refusals import Refusal

GUIDE: Final = Path(__file__).resolve().parent.parent / "docs" / "api.md"
TAGS: Final[Mapping[str, str]] = {
    "Sessions": "Signing in without an account, and tickets for the WebSocket.",
    "Notifications": "How people wish to be reached when they are not looking.",
    "Catalogue": "Therapists, places, hotels, prices and free times. Open to anyone but for quotes.",
    "Bookings": "From the request to the visit.",
    "Chat": "Rooms, messages, files and notifications.",
    "Therapist": "A therapist's own profile and money.",
    "Payments": "Paying commissions by QRIS, and what providers of payments tell.",
    "Administration": "The desk of those who run the marketplace.",
    "Documents": "This document and its sibling, for programs and for people.",
}

BEARER: Final = "bearerToken"
_PROBLEM: Final = "application/problem+json"
_COMMON: Final = (refusals.TooManyRequests, refusals.ServiceUnavailable)
_PASSING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LOOSE: Final = {"type": "string", "minLength": 1, "maxLength": 128}


def openapi_document() -> Json:
    """Return the whole document."""
    paths: dict[str, Json] = {}
    for route in all_routes():
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Booking and chat",
            "version": version("marketplace"),
            "description": guide(),
        },
        "servers": [
            {
                "url": "{restUrl}",
                "description": "The stack's output RestUrl",
                "variables": {"restUrl": {"default": "http://127.0.0.1:4566"}},
            }
        ],
        "security": [{BEARER: []}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": _components(),
    }


def guide() -> str:
    """Return docs/api.md, which explains what all operations share, without its title."""
    text = GUIDE.read_text(encoding="utf-8").partition("\n\n")[2].strip()
    return f"{text}\n\nFrames and events are described [on a page of their own](docs/sockets)."


def refusals_of(route: Route) -> list[type[Refusal]]:
    """Return every refusal that a route may answer, in the order of the one table of statuses."""
    found: set[type[Refusal]] = {*route.refusals, *_COMMON}
    if route.roles is not None:
        found.add(refusals.Unauthenticated)
        if route.roles != SIGNED_IN:
            found.add(refusals.Forbidden)
    if "{" in route.path:
        found.add(refusals.NotFound)
    found.add(refusals.ValidationFailed)
    if route.method != "GET":
        found |= {refusals.MalformedJson, refusals.PayloadTooLarge}
    if route.idempotent:
        found.add(refusals.IdempotencyKeyReused)
    return [refusal for refusal in STATUSES if refusal in found]


def _operation(route: Route) -> Json:
    described: Json = {
        "operationId": route.operation_id,
        "tags": [route.tag],
        "summary": route.summary,
        "description": _description(route),
    }
    if route.roles is None:
        described["security"] = []
    parameters = [*_path_parameters(route), *(query_parameters(route.query) if route.query else [])]
    if route.idempotent:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if refusals.VersionChanged in route.refusals:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    if parameters:
        described["parameters"] = parameters
    if route.body:
        described["requestBody"] = {
            "required": route.needs_body,
            "content": {
                "application/json": {
                    "schema": {"$ref": REFERENCE + route.body.__name__},
                    "example": BODIES[route.body.__name__],
                }
            },
        }
    described["responses"] = {str(route.status.value): _success(route), **_refused(route)}
    return described


def _description(route: Route) -> str:
    if route.roles is None:
        who = "Open to anyone."
    elif route.roles == SIGNED_IN:
        who = "For anyone who has signed in."
    else:
        who = f"For {' and '.join(_plural(role) for role in sorted(route.roles))}."
    duties = sorted(route.duties | {Duty.OWNER}) if route.duties else []
    needed = f"Admins need one of the duties {', '.join(f'`{duty}`' for duty in duties)}." if duties else ""
    return " ".join(filter(None, (route.description, who, needed)))


def _plural(role: Role) -> str:
    match role:
        case Role.CUSTOMER:
            return "customers"
        case Role.THERAPIST:
            return "therapists"
        case Role.ADMIN:
            return "admins"
        case Role.SYSTEM:
            return "the system"
        case _:
            assert_never(role)


def _path_parameters(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(_LOOSE)}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _success(route: Route) -> Json:
    headers: Json = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
    if route.status is HTTPStatus.FOUND:
        headers["location"] = {
            "description": "The link to the file.",
            "required": True,
            "schema": {"type": "string", "format": "uri"},
        }
        return {"description": "The file is there.", "headers": headers}
    text: Json = {other: {"schema": {"type": "string"}} for other in route.media}
    if route.response is Text:
        return {"description": "OK.", "headers": headers, "content": text}
    content: Json = {"schema": {"$ref": REFERENCE + component_name(route.response)}}
    example = _recorded_answer(route) or ANSWERS.get(component_name(route.response))
    if example is not None:
        content["example"] = example
    media = {"application/json": content, **text}
    description = "Created, or there already." if route.idempotent else route.status.phrase + "."
    return {"description": description, "headers": headers, "content": media}


def _recorded_answer(route: Route) -> Json | None:
    """Return the recorded answer of a route, unless it has got other fields since."""
    recorded = ANSWERED.get(route.operation_id)
    try:
        TypeAdapter(route.response).validate_python(recorded)
    except ValidationError:
        return None
    return recorded


def _by_status(route: Route) -> dict[HTTPStatus, list[type[Refusal]]]:
    found: dict[HTTPStatus, list[type[Refusal]]] = {}
    for refusal in refusals_of(route):
        found.setdefault(STATUSES[refusal], []).append(refusal)
    return found


def _refused(route: Route) -> dict[str, Json]:
    answers = {
        str(status.value): (
            {"$ref": f"#/components/responses/{of_status[0].__name__}"}
            if len(of_status) == 1
            else _problem(status, of_status, _problem_name(route, status))
        )
        for status, of_status in _by_status(route).items()
    }
    answers["500"] = {"$ref": "#/components/responses/InternalError"}
    return dict(sorted(answers.items()))


def _problem_name(route: Route, status: HTTPStatus) -> str:
    """Return the name of the problems that a route answers with a status: ``AcceptBookingConflict``."""
    operation = route.operation_id
    return operation[0].upper() + operation[1:] + "".join(word.capitalize() for word in status.phrase.split())


def _problem(status: HTTPStatus, found: Iterable[type[Refusal]], name: str) -> Json:
    codes = [(refusal.code, prose(refusal.detail)) for refusal in found] or [(INTERNAL_CODE, INTERNAL_DETAIL)]
    headers: Json = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
    if status in _PASSING:
        headers["retry-after"] = {"$ref": "#/components/headers/RetryAfter"}
    return {
        "description": "\n".join(f"- `{code}`: {detail}" for code, detail in codes),
        "headers": headers,
        "content": {_PROBLEM: {"schema": {"$ref": REFERENCE + name}}},
    }


def _problem_schemas() -> dict[str, Json]:
    """Return a schema for each set of codes that some route answers with one status."""

    def with_codes(codes: list[str]) -> Json:
        return {
            "allOf": [
                {"$ref": f"{REFERENCE}Problem"},
                {"type": "object", "properties": {"code": {"enum": codes}}},
            ]
        }

    alone = {f"{refusal.__name__}Problem": with_codes([refusal.code]) for refusal in _answered()}
    together = {
        _problem_name(route, status): with_codes([refusal.code for refusal in of_status])
        for route in all_routes()
        for status, of_status in _by_status(route).items()
        if len(of_status) > 1
    }
    return {**alone, **together, "InternalErrorProblem": with_codes([INTERNAL_CODE])}


def _answered() -> list[type[Refusal]]:
    """Return every refusal that is the only one of its status on some route, in the order of the statuses."""
    found = {of[0] for route in all_routes() for of in _by_status(route).values() if len(of) == 1}
    return [refusal for refusal in STATUSES if refusal in found]


def _components() -> Json:
    routes = all_routes()
    described = schemas(
        of_responses=[*(route.response for route in routes if route.response not in {Redirection, Text}), Problem],
        of_models=[route.body for route in routes if route.body],
    )
    codes = {refusal.code for route in routes for refusal in refusals_of(route)}
    described["Problem"]["properties"]["code"]["enum"] = [
        *dict.fromkeys(refusal.code for refusal in STATUSES if refusal.code in codes),
        INTERNAL_CODE,
    ]
    described["Problem"]["properties"]["bookingStatus"] |= {"enum": [status.value for status in BookingStatus]}
    described |= _problem_schemas()
    return {
        "securitySchemes": {
            BEARER: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access or id token of the user pool, or a guest's token from `/guest-sessions`.",
            }
        },
        "headers": {
            "RequestId": {"description": "Names the request in our logs.", "schema": {"type": "string"}},
            "RetryAfter": {
                "description": "Seconds after which a repeat may succeed.",
                "required": True,
                "schema": {"type": "integer", "minimum": 0},
            },
        },
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": (
                    "The same key, caller and body have one effect for at least 24 hours; a repeat answers the "
                    "resource as it is now. Any 1 to 128 printable characters, best a random UUID."
                ),
                "schema": dict(_LOOSE),
            },
            "IfMatch": {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "description": (
                    "The version of the booking that the caller has seen, in quotation marks. If the booking has "
                    "another by now, the answer is 409 `version_changed` and nothing happens: of commands that saw "
                    "the same version one takes effect. Without it, commands take effect as they come."
                ),
                "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$', "examples": ['"1"']},
            },
        },
        "responses": {
            **{
                refusal.__name__: _problem(STATUSES[refusal], [refusal], f"{refusal.__name__}Problem")
                for refusal in _answered()
            },
            "InternalError": _problem(HTTPStatus.INTERNAL_SERVER_ERROR, [], "InternalErrorProblem"),
        },
        "schemas": dict(sorted(described.items())),
    }
