"""JSON schemas of everything on the wire, taken from the models and types of the code."""

import inspect
import re
import sys
from collections.abc import Iterable
from typing import Any, Final, get_args, get_origin, is_typeddict, override

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import DEFAULT_REF_TEMPLATE, GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from marketplace.platform.api.request_model import RequestModel
from marketplace.platform.api.websocket import FrameRoute

type Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/"


class _WireSchema(GenerateJsonSchema):
    """pydantic's schemas without what says nothing to a client: titles of fields, defaults of null."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described


def component_name(response: Any) -> str:  # noqa: ANN401 - a type expression
    """Return the name of a response among the components: ``BookingPage`` for ``Page[Booking]``."""
    (item,) = get_args(response) or (None,)
    return (
        _component(response.__name__) if item is None else f"{_component(item.__name__)}{get_origin(response).__name__}"
    )


def schemas(*, of_responses: Iterable[Any], of_models: Iterable[type[RequestModel]]) -> dict[str, Json]:
    """Return the schemas of responses and models, and of all that they refer to, by component name."""
    _read_field_docstrings()
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((component_name(response), "serialization", TypeAdapter(response)) for response in _once(of_responses)),
        *((model.__name__, "validation", TypeAdapter(model)) for model in _once(of_models)),
    ]
    named, common = TypeAdapter.json_schemas(inputs, ref_template=DEFAULT_REF_TEMPLATE, schema_generator=_WireSchema)
    found: dict[str, Json] = dict(common.get("$defs", {}))
    for (name, _), schema in named.items():
        if "$ref" not in schema:
            found[str(name)] = schema
    renamed = {_component(name): _cleaned(schema) for name, schema in found.items()}
    if len(renamed) != len(found):
        message = "two classes would bear one name in the document"
        raise ValueError(message)
    return dict(sorted(renamed.items()))


def query_parameters(model: type[RequestModel]) -> list[Json]:
    """Return the parameters of a query string as OpenAPI writes them."""
    schema = schemas(of_responses=[], of_models=[model])
    own = schema.pop(model.__name__)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in own.get("required", ()),
            "schema": _inlined(field, schema),
        }
        for name, field in own["properties"].items()
    ]


def frame_schemas(frames: Iterable[FrameRoute]) -> dict[str, Json]:
    """Return the schemas of the frames that clients send, with their envelope, and of all that they refer to."""
    found = schemas(of_responses=[], of_models=[frame.model for frame in frames])
    for frame in frames:
        own = found[frame.model.__name__]
        own["properties"] = {
            "action": {"const": frame.action},
            "requestId": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "description": "The answer bears it again.",
            },
            **own.get("properties", {}),
        }
        own["required"] = ["action", *own.get("required", [])]
    return found


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", inspect.cleandoc(docstring or ""))
    text = re.sub(r" \(contract, section \d+\)", "", text.replace("``", "`"))
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def _read_field_docstrings() -> None:
    """Have pydantic take the docstrings below the fields of typed dictionaries as descriptions."""
    modules = [module for name, module in sys.modules.items() if name.startswith("marketplace.")]
    for candidate in [value for module in modules for value in vars(module).values()]:
        if is_typeddict(candidate):
            candidate.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)


def _once[EntryT](entries: Iterable[EntryT]) -> list[EntryT]:
    """Return the entries without repetitions; two types that would bear one name are both kept, and seen to differ."""
    return list(dict.fromkeys(entries))


def _component(name: str) -> str:
    """Return how the document calls a class: a view by what it shows, a page by its items."""
    page = re.fullmatch(r"Page_(\w+)_", name)
    return f"{_component(page[1])}Page" if page else name.removesuffix("View")


def _cleaned(node: Any) -> Any:  # noqa: ANN401 - a JSON value of any depth
    match node:
        case {"$ref": str(reference), **beside}:
            target = REFERENCE + _component(reference.rsplit("/", 1)[-1])
            return {"$ref": target, **_cleaned(beside)}
        case dict():
            cleaned = {key: _cleaned(value) for key, value in node.items() if not _is_title(key, value, node)}
            if isinstance(cleaned.get("description"), str):
                cleaned["description"] = prose(cleaned["description"])
            return cleaned
        case list() | tuple():
            return [_cleaned(entry) for entry in node]
        case _:
            return node


def _is_title(key: str, value: object, schema: Json) -> bool:
    """Tell the title of a schema from a property that bears that name."""
    return key == "title" and isinstance(value, str) and ("type" in schema or "enum" in schema)


def _inlined(schema: Json, components: dict[str, Json]) -> Json:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**components[reference.removeprefix(REFERENCE)], **beside}
