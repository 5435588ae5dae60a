"""Which function answers a route, a frame or a trigger of the template, and how it is reached."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tests.cloudformation import functions_of, load_template, routes_of
from tests.events import Invocation


@cache
def routes() -> tuple[tuple[str, tuple[str, ...], str, str], ...]:
    """Return every route of the template: method, segments, path and the folder of its function."""
    template = load_template()
    functions = functions_of(template)
    return tuple(
        (method, tuple(path.split("/")), path, functions[function]["CodeUri"].rpartition("/")[2])
        for (method, path), (function, _) in routes_of(template).items()
    )


def routed(method: str, path: str) -> tuple[str, str, dict[str, str]]:
    asked = path.split("/")
    for known_method, segments, resource, function in routes():
        if (
            known_method == method
            and len(segments) == len(asked)
            and all(_fits(pair) for pair in zip(segments, asked, strict=True))
        ):
            return function, resource, dict(parameters(segments, asked))
    message = f"the template has no route {method} {path}"
    raise LookupError(message)


def _fits(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1] or (pair[0].startswith("{") and bool(pair[1]))


def parameters(segments: Sequence[str], asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    return ((known[1:-1], given) for known, given in zip(segments, asked, strict=True) if known.startswith("{"))


@cache
def handler(function: str) -> Callable[[Mapping[str, Any], Invocation], dict[str, Any]]:
    handler: Callable[[Mapping[str, Any], Invocation], dict[str, Any]] = importlib.import_module(
        f"functions.{function}.handler"
    ).lambda_handler
    return handler
