"""Names, values and updates of actions, as DynamoDB has them written."""

import re
from collections.abc import Mapping
from typing import Any, Final

from marketplace.platform.dynamodb.actions import Update, placeholder
from marketplace.platform.dynamodb.attribute_values import to_attribute

_NAME: Final = re.compile(r"#(\w+)")


def update_expression(update: Update) -> tuple[str, dict[str, object], dict[str, str]]:
    """Return the expression of an update, its values and its names."""
    names: dict[str, str] = {}
    values: dict[str, object] = {}

    def path(written: str) -> str:
        steps = written.split(".")
        for step in steps:
            names[placeholder(step)] = step
        return ".".join(placeholder(step) for step in steps)

    def value(clause: str, position: int, held: object) -> str:
        values[f"{clause}{position}"] = held
        return f":{clause}{position}"

    clauses = []
    if update.assign:
        pairs = [f"{path(name)} = {value('set', n, held)}" for n, (name, held) in enumerate(update.assign.items())]
        clauses.append("SET " + ", ".join(pairs))
    if update.remove:
        clauses.append("REMOVE " + ", ".join(path(name) for name in update.remove))
    if update.add:
        pairs = [f"{path(name)} {value('add', n, held)}" for n, (name, held) in enumerate(update.add.items())]
        clauses.append("ADD " + ", ".join(pairs))
    if update.delete:
        pairs = [f"{path(name)} {value('del', n, held)}" for n, (name, held) in enumerate(update.delete.items())]
        clauses.append("DELETE " + ", ".join(pairs))
    return " ".join(clauses), values, names


def names_in(*expressions: str) -> dict[str, str]:
    """Return what the ``#name`` of some expressions stand for."""
    return {f"#{name}": name for expression in expressions for name in _NAME.findall(expression)}


def values_of(values: Mapping[str, object]) -> dict[str, Any]:
    """Return values under the names that expressions have for them, as DynamoDB has them written."""
    return {f":{name}": to_attribute(value) for name, value in values.items()}
