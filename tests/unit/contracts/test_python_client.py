"""The generated half of the Python client says what the documents say."""

import ast

import pytest

from contracts.asyncapi import asyncapi_document
from contracts.openapi import openapi_document
from contracts.python_client import Json, client_files, type_of, types_module

OPENAPI, ASYNCAPI = openapi_document(), asyncapi_document()
FILES = client_files(OPENAPI, ASYNCAPI)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#/components/schemas/Booking"}, "Booking"),
        ({"type": "string", "format": "date-time"}, "str"),
        ({"type": "array", "items": {"type": "integer"}}, "list[int]"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "str | None"),
        ({"type": ["number", "null"]}, "float | None"),
        ({"enum": ["en", "id"], "type": "string"}, "Literal['en', 'id']"),
        ({"const": "ack"}, "Literal['ack']"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "additionalProperties": True}, "dict[str, Any]"),
        ({"allOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "object"}]}, "Problem"),
        ({}, "Any"),
    ],
)
def test_a_schema_becomes_a_type(schema: Json, expected: str) -> None:
    assert type_of(schema) == expected


def test_names_that_python_keeps_for_itself_are_fields_too() -> None:
    text = types_module(
        {"Period": {"type": "object", "properties": {"from": {"type": "string"}, "60": {"type": "integer"}}}}
    )

    assert '"from": "NotRequired[str]"' in text
    ast.parse(text)


def test_every_operation_is_a_method_of_both_clients() -> None:
    operations = {operation["operationId"] for item in OPENAPI["paths"].values() for operation in item.values()}
    waiting, awaited = [node for node in ast.parse(FILES["operations.py"]).body if isinstance(node, ast.ClassDef)]

    methods = {node.name for node in waiting.body if isinstance(node, ast.FunctionDef)}
    assert len(methods) == len(operations)
    assert methods == {node.name for node in awaited.body if isinstance(node, ast.AsyncFunctionDef)}


def test_every_schema_is_a_type() -> None:
    described = {*OPENAPI["components"]["schemas"], *ASYNCAPI["components"]["schemas"]}
    declared = {
        name
        for node in ast.parse(FILES["types.py"]).body
        for name in (
            [node.name]
            if isinstance(node, ast.ClassDef)
            else [node.name.id]
            if isinstance(node, ast.TypeAlias)
            else [target.id for target in node.targets if isinstance(target, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
    }

    assert declared == described
