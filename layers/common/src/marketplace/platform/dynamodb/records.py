"""Models to stored rows and back: camelCase names, written instants, nothing else.

The fields of the model are the only schema, and msgspec reads by it. Unknown attributes are ignored and missing ones
take the default, so that rows of an older or newer release can be read.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Final

from msgspec import ValidationError, convert

from marketplace.platform.clock import format_utc
from marketplace.platform.record import Record
from marketplace.platform.runtime.observability import Category, Severity, count, report


class MalformedRecord(Exception):  # noqa: N818 - it names a fact about a stored row
    """A stored row does not have the form of its kind; ``attribute`` says where."""

    def __init__(self, kind: str, attribute: str) -> None:
        """Name the kind of record and the attribute at fault."""
        super().__init__(f"malformed {kind}: {attribute}")
        self.kind = kind
        self.attribute = attribute


def to_record(model: Record) -> dict[str, Any]:
    """Return a model as a row of plain values under wire names."""
    return {
        wire: _plain(getattr(model, name))
        for name, wire in zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True)
    }


def from_record[T: Record](kind: type[T], record: Mapping[str, Any]) -> T:
    """Return the model that a row holds.

    Raises:
        MalformedRecord: an attribute is missing or has the wrong form.
    """
    try:
        return convert(record, kind)
    except ValidationError as error:
        raise MalformedRecord(kind.__name__, _attribute_at_fault(str(error))) from error


def readable_records[T: Record](kind: type[T], items: Iterable[Mapping[str, Any]], *, key: str) -> list[T]:
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


def _attribute_at_fault(message: str) -> str:
    """Return the path of wire names out of what msgspec says: ``… `customerName` - at `$.requests[...]` ``."""
    _, _, path = message.partition(" - at `$")
    missing = re.search("missing required field `(.*?)`", message)
    names = [*re.findall(r"[^.\[\]`]+", re.sub(r"\[.*?\]", "", path)), *(missing.groups() if missing else ())]
    return ".".join(names)


_ALREADY_PLAIN: Final = frozenset({str, int, float, bool, NoneType, frozenset})
"""Most values are of these; to ask them for what they are costs more than all the rest of a row."""


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any stored value, one return a kind
    if type(value) in _ALREADY_PLAIN:
        return value
    match value:
        case Record():
            return to_record(value)
        case StrEnum():
            return value.value
        case datetime():
            return format_utc(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): _plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case _:
            return value
