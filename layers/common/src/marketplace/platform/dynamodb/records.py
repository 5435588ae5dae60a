"""Domain dataclasses to stored records and back: camelCase names, written instants, nothing else.

The type hints of the dataclass are the only schema; a reader for each is made once. Unknown attributes
are ignored and missing ones take the default, so that rows of an older or newer release can be read.
"""

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeAliasType, Union, cast, get_args, get_origin

from marketplace.platform.clock import read_instant, written
from marketplace.platform.observability import Category, Severity, count, report

type Reader = Callable[[Any], Any]


class MalformedRecord(Exception):  # noqa: N818 - it names a fact about a stored row
    """A stored row does not have the form of its kind; ``attribute`` says where."""

    def __init__(self, kind: str, attribute: str) -> None:
        """Name the kind of record and the attribute at fault."""
        super().__init__(f"malformed {kind}: {attribute}")
        self.kind = kind
        self.attribute = attribute


@cache
def wire_name(name: str) -> str:
    """Return the wire's name of an attribute: ``customer_whats_app`` is ``customerWhatsApp``."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def to_record(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return a dataclass as a record of plain values under wire names."""
    names: tuple[tuple[str, str], ...] = _wire_names(cast("Any", type(value)))
    return {wire: _plain(getattr(value, name)) for name, wire in names}


def from_record[T](kind: type[T], record: Mapping[str, Any]) -> T:
    """Return the dataclass that a record holds.

    Raises:
        MalformedRecord: an attribute is missing or has the wrong form.
    """
    values: dict[str, Any] = {}
    readers: tuple[tuple[str, str, Reader, bool], ...] = _readers(cast("Any", kind))
    for name, wire, reader, required in readers:
        if wire not in record:
            if required:
                raise MalformedRecord(kind.__name__, wire)
            continue
        try:
            values[name] = reader(record[wire])
        except MalformedRecord as error:
            raise MalformedRecord(kind.__name__, f"{wire}.{error.attribute}") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise MalformedRecord(kind.__name__, wire) from error
    return kind(**values)


def readable[T](kind: type[T], items: Iterable[Mapping[str, Any]], *, key: str) -> list[T]:
    """Return the rows that have the form of their kind; a malformed one is reported and left out."""
    found: list[T] = []
    for item in items:
        try:
            found.append(from_record(kind, item))
        except MalformedRecord as malformed:
            count("MalformedRows")
            report(
                "malformed row left out of a list",
                category=Category.STORAGE,
                severity=Severity.ERROR,
                code="malformed_row",
                kind=malformed.kind,
                attribute=malformed.attribute,
                key=str(item.get(key)),
            )
    return found


@cache
def _wire_names(kind: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - a dataclass
    return tuple((each.name, wire_name(each.name)) for each in fields(kind))


_ALREADY_PLAIN: Final = frozenset({str, int, float, bool, types.NoneType})
"""Most values are of these; to ask them for what they are costs more than all the rest of a record."""


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any stored value, one return a kind
    if type(value) in _ALREADY_PLAIN:
        return value
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case frozenset():
            return value
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case _ if is_dataclass(value):
            return to_record(value)
        case _:
            return value


@cache
def _readers(kind: Any) -> tuple[tuple[str, str, Reader, bool], ...]:  # noqa: ANN401 - a dataclass
    hints = typing.get_type_hints(kind)
    return tuple(
        (
            each.name,
            wire_name(each.name),
            _reader(hints[each.name]),
            each.default is MISSING and each.default_factory is MISSING,
        )
        for each in fields(kind)
    )


def _reader(hint: Any) -> Reader:  # noqa: ANN401, PLR0911 - one return a kind of hint
    if isinstance(hint, TypeAliasType):
        return _reader(hint.__value__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not types.NoneType)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read_entry = _reader(arguments[0])
        return lambda value: tuple(read_entry(entry) for entry in _list(value))
    if origin is frozenset:
        return lambda value: frozenset(value or ())
    if origin is not None and issubclass(origin, Mapping):
        read_value = _reader(arguments[1])
        return lambda value: {name: read_value(entry) for name, entry in _mapping(value).items()}
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if is_dataclass(hint):
        nested = cast("type[Any]", hint)
        return lambda value: from_record(nested, _mapping(value))
    return lambda value: value


def _exactly(kind: type[Any], value: Any) -> Any:  # noqa: ANN401 - returns what it got
    if type(value) is not kind:
        raise TypeError(kind.__name__)
    return value


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - checks what it got
    if not isinstance(value, Mapping):
        raise TypeError("mapping")  # noqa: EM101 - caught by from_record, which names the attribute
    return value


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - checks what it got
    if not isinstance(value, list):
        raise TypeError("list")  # noqa: EM101 - caught by from_record, which names the attribute
    return value


def _number(value: Any) -> float:  # noqa: ANN401 - checks what it got
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("number")  # noqa: EM101 - caught by from_record, which names the attribute
    return float(value)


_SCALARS: dict[Any, Reader] = {
    str: lambda value: _exactly(str, value),
    int: lambda value: _exactly(int, value),
    bool: lambda value: _exactly(bool, value),
    float: _number,
    datetime: lambda value: read_instant(_exactly(str, value)),
    date: lambda value: date.fromisoformat(_exactly(str, value)),
}
