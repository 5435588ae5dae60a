"""The OpenAPI 3.1 document of the REST interface."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Final, assert_never

from contracts.examples import ANSWERS, BODIES
from contracts.operations import OPERATIONS, TAGS, Operation
from contracts.schemas import (
    REFERENCE,
    Json,
    all_answers,
    component_name,
    prose,
    query_parameters,
    request_model,
    schemas,
)
from marketplace.platform import refusals
from marketplace.platform.api.access import NO_BODY, ROUTES, SIGNED_IN, Route
from marketplace.platform.api.problems import INTERNAL_CODE, INTERNAL_DETAIL, STATUSES
from marketplace.platform.caller import Role
from marketplace.platform.refusals import Refusal

GUIDE: Final = Path(__file__).resolve().parent.parent / "docs" / "api.md"
BEARER: Final = "bearerToken"
_PROBLEM: Final = "application/problem+json"
_COMMON: Final = (refusals.TooManyRequests, refusals.ServiceUnavailable)
_PASSING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LOOSE: Final = {"type": "string", "minLength": 1, "maxLength": 128}


def openapi_document() -> Json:
    """Return the whole document."""
    paths: dict[str, Json] = {}
    for route in ROUTES:
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
    return GUIDE.read_text(encoding="utf-8").partition("\n\n")[2].strip()


def refusals_of(route: Route) -> list[type[Refusal]]:
    """Return every refusal that a route may answer, in the order of the one table of statuses."""
    found: set[type[Refusal]] = {*OPERATIONS[route.key].refusals, *_COMMON}
    if route.roles is not None:
        found.add(refusals.Unauthenticated)
        if route.roles != SIGNED_IN:
            found.add(refusals.Forbidden)
    if "{" in route.path:
        found.add(refusals.NotFound)
    if route.body:
        found |= {refusals.MalformedJson, refusals.PayloadTooLarge, refusals.ValidationFailed}
    if route.query:
        found.add(refusals.ValidationFailed)
    if route.idempotent:
        found |= {refusals.ValidationFailed, refusals.IdempotencyKeyReused}
    return [refusal for refusal in STATUSES if refusal in found]


def _operation(route: Route) -> Json:
    words = OPERATIONS[route.key]
    described: Json = {
        "operationId": words.operation_id,
        "tags": [words.tag],
        "summary": words.summary,
        "description": _description(route, words),
    }
    if route.roles is None:
        described["security"] = []
    parameters = [*_path_parameters(route), *_query_parameters(route)]
    if route.idempotent:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if parameters:
        described["parameters"] = parameters
    if route.body and route.body != NO_BODY:
        described["requestBody"] = _request_body(route.body)
    described["responses"] = {str(route.status.value): _success(route), **_refused(refusals_of(route))}
    return described


def _description(route: Route, words: Operation) -> str:
    if route.roles is None:
        who = "Open to anyone."
    elif route.roles == SIGNED_IN:
        who = "For anyone who has signed in."
    else:
        who = f"For {' and '.join(_plural(role) for role in sorted(route.roles))}."
    return f"{words.description} {who}".strip()


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


def _query_parameters(route: Route) -> list[Json]:
    return query_parameters(request_model(route.query)) if route.query else []


def _request_body(name: str) -> Json:
    model = request_model(name)
    return {
        "required": any(field.is_required() for field in model.model_fields.values()),
        "content": {
            "application/json": {
                "schema": {"$ref": REFERENCE + model.__name__},
                "example": BODIES[model.__name__],
            }
        },
    }


def _success(route: Route) -> Json:
    headers: Json = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
    if route.status is HTTPStatus.FOUND:
        headers["location"] = {
            "description": "The link to the file.",
            "required": True,
            "schema": {"type": "string", "format": "uri"},
        }
        return {"description": "The file is there.", "headers": headers}
    content: Json = {"schema": {"$ref": REFERENCE + component_name(route.answer)}}
    if route.answer in ANSWERS:
        content["example"] = ANSWERS[route.answer]
    media = {"application/json": content}
    if route.answer == "Page[ErrorEvent]":
        media["text/csv"] = {"schema": {"type": "string"}}
    description = "Created, or there already." if route.idempotent else route.status.phrase + "."
    return {"description": description, "headers": headers, "content": media}


def _refused(found: Iterable[type[Refusal]]) -> dict[str, Json]:
    by_status: dict[HTTPStatus, list[type[Refusal]]] = {}
    for refusal in found:
        by_status.setdefault(STATUSES[refusal], []).append(refusal)
    answers = {
        str(status.value): (
            {"$ref": f"#/components/responses/{of_status[0].__name__}"}
            if len(of_status) == 1
            else _problem(status, [(refusal.code, refusal.detail) for refusal in of_status])
        )
        for status, of_status in by_status.items()
    }
    answers["500"] = {"$ref": "#/components/responses/InternalError"}
    return dict(sorted(answers.items()))


def _problem(status: HTTPStatus, codes: list[tuple[str, str]]) -> Json:
    headers: Json = {"x-request-id": {"$ref": "#/components/headers/RequestId"}}
    if status in _PASSING:
        headers["retry-after"] = {"$ref": "#/components/headers/RetryAfter"}
    return {
        "description": "\n".join(f"- `{code}`: {detail}" for code, detail in codes),
        "headers": headers,
        "content": {
            _PROBLEM: {
                "schema": {
                    "allOf": [
                        {"$ref": f"{REFERENCE}Problem"},
                        {"type": "object", "properties": {"code": {"enum": [code for code, _ in codes]}}},
                    ]
                }
            }
        },
    }


def _components() -> Json:
    models = [request_model(route.body) for route in ROUTES if route.body and route.body != NO_BODY]
    described = schemas(of_answers=[*all_answers(), "Problem"], of_models=models)
    del described["Redirection"]
    codes = [refusal.code for refusal in STATUSES if refusal is not refusals.UnknownAction]
    described["Problem"]["properties"]["code"]["enum"] = [*dict.fromkeys(codes), INTERNAL_CODE]
    internal = (INTERNAL_CODE, INTERNAL_DETAIL)
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
            }
        },
        "responses": {
            **{
                refusal.__name__: _problem(status, [(refusal.code, prose(refusal.detail))])
                for refusal, status in STATUSES.items()
                if refusal is not refusals.UnknownAction
            },
            "InternalError": _problem(HTTPStatus.INTERNAL_SERVER_ERROR, [internal]),
        },
        "schemas": dict(sorted(described.items())),
    }
