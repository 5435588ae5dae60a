"""Holds what the running system answers against its own descriptions: docs/openapi.json and docs/asyncapi.json."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, final

import httpx
import jsonschema_rs

from tests.cloudformation import ROOT
from tools.local.person import Person

type Json = dict[str, Any]

EXAMPLES: Final = ROOT / "contracts" / "answers.json"
"""An answer of each operation, written by the test of all operations with ``RECORD_EXAMPLES=1``."""
NUMBER: Final = re.compile(r"\b628\d{8,11}\b")
SECRET: Final = frozenset({"token", "ticket", "chatTicket", "quoteToken", "nextCursor", "fields"})


@cache
def document(name: str) -> Json:
    """Return a committed description."""
    read: Json = json.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))
    return read


@cache
def validator(name: str, schema: str) -> Any:  # noqa: ANN401 - one of the validators of several drafts
    """Return the validator of a schema (its JSON) within a description."""
    whole = {**json.loads(schema), "components": document(name)["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def complaints_about(name: str, schema: Mapping[str, Any], value: object) -> list[str]:
    """Return how a value differs from a schema within a description."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator(name, json.dumps(schema)).iter_errors(value)
    ]


def as_example(value: object, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return an answer as an example: lists of two items at most, and nothing that opens a door."""
    if isinstance(value, dict):
        return {key: as_example(each, name if name == "fields" else key) for key, each in value.items()}
    if isinstance(value, list):
        return [as_example(each, name) for each in value[:2]]
    if isinstance(value, str) and (name in SECRET or "X-Amz-" in value or "127.0.0.1" in value):
        return "https://uploads.example/…" if value.startswith("http") else "…"
    return NUMBER.sub("6281234567890", value) if isinstance(value, str) else value


@final
class Conversation:
    """Calls operations as people, and holds each answer against its description."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.answers: dict[str, object] = {}
        """The first success of each operation, as an example of it."""

    def call(  # noqa: PLR0913 - each is a part of a request
        self,
        who: Person,
        method: str,
        route: str,
        *,
        expected: int | None = None,
        body: object = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Call an operation, which must answer with its success or the ``expected`` status, as it is described."""
        operation = document("openapi.json")["paths"][route][method.lower()]
        self.called.add(operation["operationId"])
        success = next(int(status) for status in operation["responses"] if status < "4")
        response = who.request(
            method, route.format(**(path or {})), json=body, params=dict(query or {}), follow_redirects=False
        )
        assert response.status_code == (expected or success), f"{method} {route}: {response.text}"
        _check_answer(operation, response, f"{method} {route}")
        is_json = "json" in response.headers.get("content-type", "")
        answered = response.json() if is_json and response.content else None
        if answered is not None and response.status_code == success:
            self.answers.setdefault(operation["operationId"], as_example(answered))
        return answered

    def try_out(self, who: Person, method: str, route: str) -> None:
        """Call an operation about things that are not there; whatever it answers must be described, and no failure."""
        operation = document("openapi.json")["paths"][route][method.lower()]
        self.called.add(operation["operationId"])
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        path = re.sub(r"\{\w+\}", "x-nobody", route)
        response = who.request(method, path, json=body, follow_redirects=False)
        assert response.status_code < httpx.codes.INTERNAL_SERVER_ERROR, f"{method} {route}: {response.text}"
        assert str(response.status_code) in operation["responses"], f"{method} {route}: {response.text}"
        _check_answer(operation, response, f"{method} {route}")


def _check_answer(operation: Json, response: httpx.Response, name: str) -> None:
    described = operation["responses"][str(response.status_code)]
    if "$ref" in described:
        described = document("openapi.json")["components"]["responses"][described["$ref"].rpartition("/")[2]]
    for header in described.get("headers", {}):
        assert header in response.headers, f"{name} has no {header}"
    if "content" not in described:
        return
    media = response.headers["content-type"].partition(";")[0]
    assert media in described["content"], f"{name} answers {media}"
    if "json" not in media:
        return
    assert complaints_about("openapi.json", described["content"][media]["schema"], response.json()) == [], name


def check_frame(frame: Mapping[str, Any], message: str) -> None:
    """Hold a frame against the description of a message."""
    schema = {"$ref": f"#/components/schemas/{message}"}
    assert complaints_about("asyncapi.json", schema, dict(frame)) == [], frame
