"""What can be written, and under which conditions; who says how a write came out.

Expressions are written with ``#name`` for attributes and ``:name`` for values, so that no reserved word of DynamoDB
ever matters.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, final

from msgspec import Struct, field

from marketplace.platform.dynamodb.attribute_values import Item

_NOT_IN_NAMES: Final = re.compile(r"\W")
type Key = Mapping[str, str | int]


class ConditionRefused(Exception):  # noqa: N818 - it is an answer of the store
    """The condition of a single write did not hold; ``item`` is what stood there."""

    def __init__(self, item: Item | None) -> None:
        """Keep the item that stood in the way."""
        super().__init__("condition refused")
        self.item = item


class TransactionRefused(Exception):  # noqa: N818 - it is an answer of the store
    """Conditions of a transaction did not hold; ``refused`` has the stored item by the label of each such action."""

    def __init__(self, refused: Mapping[str, Item | None]) -> None:
        """Keep which actions lost, and to what."""
        super().__init__("transaction refused: " + ", ".join(sorted(refused)))
        self.refused = refused


@final
class Condition(Struct, frozen=True, kw_only=True):
    """A condition under its own name, such as ``unchanged since read``."""

    expression: str
    values: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Attribute names by placeholder, for those that are no plain words."""

    def __and__(self, other: "Condition") -> "Condition":
        """Return the condition that both hold."""
        return self._joined("AND", other)

    def __or__(self, other: "Condition") -> "Condition":
        """Return the condition that one of both holds."""
        return self._joined("OR", other)

    def _joined(self, word: str, other: "Condition") -> "Condition":
        return Condition(
            expression=f"({self.expression}) {word} ({other.expression})",
            values={**self.values, **other.values},
            names={**self.names, **other.names},
        )


def absent(key_attribute: str) -> Condition:
    """Hold if there is no such item yet."""
    return Condition(expression=f"attribute_not_exists(#{key_attribute})")


def present(key_attribute: str) -> Condition:
    """Hold if there is such an item."""
    return Condition(expression=f"attribute_exists(#{key_attribute})")


def present_at(path: str) -> Condition:
    """Hold if a nested attribute is there (``holds.b-1``)."""
    steps = {placeholder(step): step for step in path.split(".")}
    return Condition(expression=f"attribute_exists({'.'.join(steps)})", names=steps)


def at_version(version: int) -> Condition:
    """Hold if the item is unchanged since it was read; version 0 means there was none."""
    if version == 0:
        return Condition(expression="attribute_not_exists(#version)")
    return Condition(expression="#version = :readVersion", values={"readVersion": version})


@final
class Put(Struct, frozen=True, kw_only=True):
    """Write a whole item; ``label`` names the action when it loses."""

    label: str
    table: str
    item: Mapping[str, object]
    condition: Condition


@final
class Update(Struct, frozen=True, kw_only=True):
    """Change attributes of one item; paths may be nested (``holds.b-1``)."""

    label: str
    table: str
    key: Key
    condition: Condition
    assign: Mapping[str, object] = field(default_factory=dict)
    add: Mapping[str, object] = field(default_factory=dict)
    remove: Sequence[str] = ()
    delete: Mapping[str, object] = field(default_factory=dict)


@final
class Delete(Struct, frozen=True, kw_only=True):
    """Remove one item."""

    label: str
    table: str
    key: Key
    condition: Condition


@final
class Check(Struct, frozen=True, kw_only=True):
    """Change nothing, but let the transaction hold only if the condition does."""

    label: str
    table: str
    key: Key
    condition: Condition


type Action = Put | Update | Delete | Check


def placeholder(step: str) -> str:
    """Return a name for a step of a path in which anything may stand."""
    return "#" + _NOT_IN_NAMES.sub("_", step)
