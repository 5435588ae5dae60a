"""Reads template.yaml as data and works out the values of its intrinsic functions, without AWS and without SAM."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
TEMPLATE: Final = ROOT / "template.yaml"

type Template = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """A safe loader that knows ``!Ref`` and its like."""


def _intrinsic(loader: yaml.CSafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
            if tag == "GetAtt":
                value = str(value).split(".", 1)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the only kind that is left
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


def load_template() -> Template:
    """Return a copy of template.yaml of one's own, intrinsic functions in their long form.

    What anchors repeat is repeated, as `sam build` writes it out: a change in one place is none in another.
    """
    template: Template = json.loads(_parsed())
    return template


@cache
def _parsed() -> str:
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    return json.dumps(template)


def resources_of(template: Template, *types: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every resource of these types by logical id."""
    return {
        logical_id: resource.get("Properties", {})
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in types
    }


def functions_of(template: Template) -> dict[str, dict[str, Any]]:
    """Return the properties of every function by logical id."""
    return resources_of(template, "AWS::Serverless::Function")


type Route = tuple[str, str]
"""Method and path, such as ``("GET", "/bookings/{bookingId}")``."""


def routes_of(template: Template) -> dict[Route, tuple[str, bool]]:
    """Return the function, by logical id, that answers each REST route, and whether anybody may call it."""
    paths: dict[str, dict[str, Any]] = template["Resources"]["RestApi"]["Properties"]["DefinitionBody"]["paths"]
    return {
        (method.upper(), path): (
            operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"][1]["Function"]["Ref"].removesuffix(".Alias"),
            operation.get("security") == [{"NONE": []}],
        )
        for path, operations in paths.items()
        for method, operation in operations.items()
    }


def resolved(value: Any, known: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:  # noqa: ANN401 - any part of a template
    """Work out the intrinsic functions in a part of the template.

    ``known`` has the values of parameters, resources (``Bucket``) and their attributes (``Bucket.Arn``).
    """
    answer: Any
    match value:
        case {"Ref": name}:
            answer = known[name]
        case {"Fn::GetAtt": [resource, attribute]}:
            answer = known[f"{resource}.{attribute}"]
        case {"Fn::Sub": [text, {**extra}]}:
            own = {str(name): resolved(each, known, conditions) for name, each in extra.items()}
            answer = _substituted(text, {**known, **own})
        case {"Fn::Sub": text}:
            answer = _substituted(text, known)
        case {"Fn::Join": [separator, parts]}:
            answer = separator.join(resolved(parts, known, conditions))
        case {"Fn::Select": [index, parts]}:
            answer = resolved(parts, known, conditions)[int(index)]
        case {"Fn::If": [condition, yes, no]}:
            answer = resolved(yes if conditions[condition] else no, known, conditions)
        case dict():
            answer = {name: resolved(each, known, conditions) for name, each in value.items()}
        case list():
            answer = [resolved(each, known, conditions) for each in value]
        case _:
            answer = value
    return answer


def _substituted(text: str, known: Mapping[str, Any]) -> str:
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text
