"""Every function of the repository, imported, and what it declares: routes, frames, whose errors its errors are."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from marketplace.platform.api.http import Api
from marketplace.platform.api.invocation import Trigger
from marketplace.platform.api.route import Route
from marketplace.platform.api.websocket import FrameRoute, Frames
from marketplace.platform.runtime.observability import Category

FUNCTIONS: Final = Path(__file__).resolve().parent.parent / "functions"


class UndeclaredError(Exception):
    """A function does not say, or contradicts itself in saying, what it is."""


@cache
def handlers() -> Mapping[str, ModuleType]:
    """Return the module of every function, by its folder's name."""
    names = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))
    return {name: import_module(f"functions.{name}.handler") for name in names}


def _declared[KindT](kind: type[KindT], module: ModuleType) -> Iterator[KindT]:
    return (value for value in vars(module).values() if isinstance(value, kind))


@cache
def routes_by_function() -> Mapping[str, tuple[Route, ...]]:
    """Return the routes that each function declares."""
    return {
        name: tuple(route for api in _declared(Api, module) for route in api.routes)
        for name, module in handlers().items()
    }


@cache
def frames_by_function() -> Mapping[str, tuple[FrameRoute, ...]]:
    """Return the frames that each function declares."""
    return {
        name: tuple(route for frames in _declared(Frames, module) for route in frames.routes)
        for name, module in handlers().items()
    }


@cache
def all_routes() -> tuple[Route, ...]:
    """Return every route of the REST interface, by path."""
    found = [route for routes in routes_by_function().values() for route in routes]
    return tuple(sorted(found, key=lambda route: (route.path, route.method)))


@cache
def all_frames() -> tuple[FrameRoute, ...]:
    """Return every frame that a client may send, by action."""
    found = [route for routes in frames_by_function().values() for route in routes]
    return tuple(sorted(found, key=lambda route: route.action))


def route_of(method: str, path: str) -> Route:
    """Return the route of that method and path; raises KeyError if there is none."""
    return {route.key: route for route in all_routes()}[method, path]


@cache
def categories() -> Mapping[str, Category]:
    """Return whose errors the errors of each function are.

    Raises:
        UndeclaredError: a function declares no category, or two.
    """
    found: dict[str, Category] = {}
    for name, module in handlers().items():
        declared = {value.category for value in vars(module).values() if isinstance(value, Api | Frames | Trigger)}
        if len(declared) != 1:
            message = f"functions/{name} declares {sorted(declared) or 'no category'}"
            raise UndeclaredError(message)
        (found[name],) = declared
    return found
