"""The expressions of DynamoDB's conditions, filters and updates, judged on a row in memory."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from botocore.exceptions import ClientError

type Attributes = dict[str, dict[str, Any]]
type Test = Callable[["Scope"], bool]


_TOKENS: Final = re.compile(r"\s*(#\w+(?:\.#\w+)*|:\w+|<>|<=|>=|=|<|>|\(|\)|,|\w+)")


_COMPARE: Final = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_MISSING: Final = object()


_WITHOUT_SIZE: Final = frozenset({"N", "BOOL", "NULL"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is judged against."""

    item: Attributes
    names: Mapping[str, str]
    values: Mapping[str, dict[str, Any]]

    def find(self, path: str) -> Any:  # noqa: ANN401 - an attribute value or a mark
        """Return the attribute value at a path."""
        found: Any = {"M": self.item}
        for step in path.split("."):
            found = found["M"].get(self.names[step], _MISSING) if "M" in found else _MISSING
            if found is _MISSING:
                break
        return found


@cache
def parsed(expression: str) -> Test:
    """Return an expression as a test; knows comparisons, AND, OR, BETWEEN, parentheses and most functions.

    Raises:
        ValueError: there is more in it than is known here.
    """
    tokens = _TOKENS.findall(expression)
    test, at = _either(tokens, 0)
    if at != len(tokens):
        message = f"cannot read {' '.join(tokens[at:])!r} in {expression!r}"
        raise ValueError(message)
    return test


def _either(tokens: Sequence[str], at: int) -> tuple[Test, int]:
    test, at = _both(tokens, at)
    while at < len(tokens) and tokens[at] == "OR":
        other, at = _both(tokens, at + 1)
        test = _any(test, other)
    return test, at


def _both(tokens: Sequence[str], at: int) -> tuple[Test, int]:
    test, at = _clause(tokens, at)
    while at < len(tokens) and tokens[at] == "AND":
        other, at = _clause(tokens, at + 1)
        test = _all(test, other)
    return test, at


def _clause(tokens: Sequence[str], at: int) -> tuple[Test, int]:
    match tokens[at : at + 6]:
        case ["(", *_]:
            test, at = _either(tokens, at + 1)
            return test, at + 1
        case ["attribute_exists" | "attribute_not_exists" as function, _, path, *_]:
            return _existence(path, wanted=function == "attribute_exists"), at + 4
        case ["attribute_type" | "begins_with" as function, _, path, _, placeholder, *_]:
            return _FUNCTIONS[function](path, placeholder), at + 6
        case ["size", _, path, _, sign, placeholder]:
            return size(path, sign, placeholder), at + 6
        case [path, "BETWEEN", low, _, high, *_]:
            return _all(_comparison(path, ">=", low), _comparison(path, "<=", high)), at + 5
        case [path, sign, placeholder, *_]:
            return _comparison(path, sign, placeholder), at + 3
        case _:
            message = f"cannot read {' '.join(tokens[at:])!r}"
            raise ValueError(message)


def _any(one: Test, other: Test) -> Test:
    return lambda scope: one(scope) or other(scope)


def _all(one: Test, other: Test) -> Test:
    return lambda scope: one(scope) and other(scope)


def _comparison(path: str, sign: str, placeholder: str) -> Test:
    compare = _COMPARE[sign]

    def test(scope: Scope) -> bool:
        stored, given = scope.find(path), scope.values[placeholder]
        if stored is _MISSING or stored.keys() != given.keys():
            return sign == "<>"
        return bool(compare(comparable(stored), comparable(given)))

    return test


def _existence(path: str, *, wanted: bool) -> Test:
    return lambda scope: (scope.find(path) is not _MISSING) is wanted


def _type_test(path: str, placeholder: str) -> Test:
    def test(scope: Scope) -> bool:
        stored = scope.find(path)
        return stored is not _MISSING and scope.values[placeholder]["S"] in stored

    return test


def _beginning(path: str, placeholder: str) -> Test:
    def test(scope: Scope) -> bool:
        stored = scope.find(path)
        return stored is not _MISSING and str(stored.get("S", "")).startswith(scope.values[placeholder]["S"])

    return test


_FUNCTIONS: Final = {"attribute_type": _type_test, "begins_with": _beginning}


def size(path: str, sign: str, placeholder: str) -> Test:
    compare = _COMPARE[sign]

    def test(scope: Scope) -> bool:
        stored = scope.find(path)
        if stored is _MISSING or not stored.keys().isdisjoint(_WITHOUT_SIZE):
            return False
        ((_, held),) = stored.items()
        return bool(compare(len(held), comparable(scope.values[placeholder])))

    return test


def comparable(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what Python can order
    """Return an attribute value as something that Python orders as DynamoDB does."""
    ((kind, held),) = value.items()
    return Decimal(held) if kind == "N" else held


def updated(stored: Attributes, asked: Mapping[str, Any]) -> Attributes:
    names, values = asked["ExpressionAttributeNames"], asked.get("ExpressionAttributeValues", {})
    item = copied(stored)
    for clause in re.split(r"\s(?=(?:SET|REMOVE|ADD|DELETE)\s)", asked["UpdateExpression"]):
        verb, _, rest = clause.partition(" ")
        for part in rest.split(", "):
            path, _, placeholder = part.replace(" = ", " ").partition(" ")
            steps = [names[step] for step in path.split(".")]
            holder = item
            for step in steps[:-1]:
                if "M" not in holder.get(step, {}):
                    raise invalid()
                holder = holder[step]["M"]
            given = values.get(placeholder)
            match verb:
                case "SET":
                    holder[steps[-1]] = given
                case "REMOVE":
                    holder.pop(steps[-1], None)
                case _:
                    _combine(holder, steps[-1], given, adding=verb == "ADD")
    return item


def _combine(holder: Attributes, name: str, given: Mapping[str, Any], *, adding: bool) -> None:
    ((kind, change),) = given.items()
    present = holder.get(name, {}).get(kind)
    if kind == "N":
        holder[name] = {"N": str(Decimal(present or 0) + Decimal(change))}
        return
    members = set(present or ()) | set(change) if adding else set(present or ()) - set(change)
    if members:
        holder[name] = {kind: sorted(members)}
    else:
        holder.pop(name, None)


def copied(item: Attributes) -> Attributes:
    return {name: {"M": copied(value["M"])} if "M" in value else value for name, value in item.items()}


def invalid() -> ClientError:
    return error("ValidationException", {})


def error(code: str, more: Mapping[str, Any]) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}, **more}
    return ClientError(answer, "operation")
