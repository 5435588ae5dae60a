"""DynamoDB in a dictionary: what the store uses of it, atomic under threads, fast enough for thousands of steps.

Unlike the tables of the simulation, no suite holds it against moto yet; conflicts, lost answers and lag are injected.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, final

from tests.cloudformation import load_template, resources_of
from tests.faults.scripted import failure

type AttributeValue = Mapping[str, Any]
type Stored = Mapping[str, AttributeValue]
type Predicate = Callable[[Stored, Mapping[str, str], Mapping[str, AttributeValue]], bool]

_TOKEN: Final = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[#:\w.]+)")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: bool(one == other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


@final
class MemoryTables:
    """A client of DynamoDB whose tables are those of the template."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._lock = threading.RLock()
        self._keys = _schemas()
        self._tables: dict[str, dict[tuple[Any, ...], Stored]] = {name: {} for name in self._keys}
        self._done: set[str] = set()
        self.streams: Callable[[str, Stored | None, Stored | None], None] = lambda *_: None
        """Hears of every change: the table, the item before and the item after."""
        self.forgets_tokens = False
        """Whether a repeat under the same token is carried out again, as emulators do and DynamoDB does not."""

    # Reading --------------------------------------------------------------------------------------------

    def get_item(self, *, TableName: str, Key: Stored, **_: Any) -> dict[str, Any]:
        with self._lock:
            item = self._tables[self._name(TableName)].get(_plain_key(Key.values()))
        return {} if item is None else {"Item": item}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            found = {
                name: [
                    item
                    for key in asked["Keys"]
                    if (item := self._tables[self._name(name)].get(self._key_of(self._name(name), key))) is not None
                ]
                for name, asked in RequestItems.items()
            }
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **request: Any) -> dict[str, Any]:
        table = self._name(request["TableName"])
        partition, sort = self._keys[table][request.get("IndexName", "")]
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        matches = parsed(request["KeyConditionExpression"])
        with self._lock:
            items = list(self._tables[table].values())
        found = [
            item
            for item in items
            if partition in item and (sort is None or sort in item) and matches(item, names, values)
        ]
        found.sort(key=lambda item: (_plain(item[sort]) if sort else "", self._key_of(table, item)))
        if not request.get("ScanIndexForward", True):
            found.reverse()
        return self._page(table, found, request, sort)

    def scan(self, **request: Any) -> dict[str, Any]:
        table = self._name(request["TableName"])
        with self._lock:
            found = sorted(self._tables[table].values(), key=lambda item: self._key_of(table, item))
        return self._page(table, found, request, None)

    def _page(self, table: str, found: list[Stored], request: Mapping[str, Any], sort: str | None) -> dict[str, Any]:
        start = request.get("ExclusiveStartKey")
        if start:
            place = self._key_of(table, start)
            index = next((n for n, item in enumerate(found) if self._key_of(table, item) == place), None)
            if index is None and sort:  # the item itself has gone meanwhile
                edge, forward = (_plain(start[sort]), place), request.get("ScanIndexForward", True)
                found = [item for item in found if ((_plain(item[sort]), self._key_of(table, item)) > edge) == forward]
            else:
                found = found[(-1 if index is None else index) + 1 :]
        limit = request.get("Limit", len(found))
        looked_at, more = found[:limit], len(found) > limit
        kept = looked_at
        if "FilterExpression" in request:
            keeps = parsed(request["FilterExpression"])
            names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
            kept = [item for item in looked_at if keeps(item, names, values)]
        answer: dict[str, Any] = {"Items": kept, "Count": len(kept), "ScannedCount": len(looked_at)}
        if request.get("Select") == "COUNT":
            del answer["Items"]
        if more:
            last = looked_at[-1]
            key_names = {
                name
                for pair in (self._keys[table][""], self._keys[table][request.get("IndexName", "")])
                for name in pair
                if name
            }
            answer["LastEvaluatedKey"] = {name: last[name] for name in key_names}
        return answer

    # Writing --------------------------------------------------------------------------------------------

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._write("Put", request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._write("Update", request)

    def delete_item(self, **request: Any) -> dict[str, Any]:
        return self._write("Delete", request)

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            for name, requests in RequestItems.items():
                for request in requests:
                    item = request["PutRequest"]["Item"]
                    table = self._name(name)
                    self._apply("Put", {"Item": item}, table, self._key_of(table, item))
        return {"UnprocessedItems": {}}

    def transact_write_items(
        self, *, TransactItems: Sequence[Mapping[str, Any]], ClientRequestToken: str
    ) -> dict[str, Any]:
        with self._lock:
            if ClientRequestToken in self._done and not self.forgets_tokens:
                return {}
            actions = [next(iter(action.items())) for action in TransactItems]
            places = [self._place(kind, request) for kind, request in actions]
            if len(set(places)) != len(places):
                raise failure("ValidationException")
            reasons: list[dict[str, Any]] = []
            for (_, request), (table, key) in zip(actions, places, strict=True):
                stored = self._tables[table].get(key)
                reason: dict[str, Any] = {"Code": "None"}
                if not self._holds(request, stored):
                    reason = {"Code": "ConditionalCheckFailed"} | ({"Item": stored} if stored is not None else {})
                reasons.append(reason)
            if any(reason["Code"] != "None" for reason in reasons):
                raise failure("TransactionCanceledException", CancellationReasons=reasons)
            for (kind, request), (table, key) in zip(actions, places, strict=True):
                self._apply(kind, request, table, key)
            self._done.add(ClientRequestToken)
        return {}

    def _write(self, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            table, key = self._place(kind, request)
            stored = self._tables[table].get(key)
            if not self._holds(request, stored):
                members: dict[str, Any] = {} if stored is None else {"Item": stored}
                raise failure("ConditionalCheckFailedException", **members)
            self._apply(kind, request, table, key)
            shown = stored if request.get("ReturnValues") == "ALL_OLD" else self._tables[table].get(key)
        return {"Attributes": shown} if request.get("ReturnValues") and shown is not None else {}

    def _apply(self, kind: str, request: Mapping[str, Any], table: str, key: tuple[Any, ...]) -> None:
        rows = self._tables[table]
        before = rows.get(key)
        match kind:
            case "Put":
                rows[key] = request["Item"]
            case "Delete":
                rows.pop(key, None)
            case "Update":
                rows[key] = _updated(rows.get(key, request["Key"]), request)
            case _:
                return
        if before != rows.get(key):
            self.streams(table, before, rows.get(key))

    def _holds(self, request: Mapping[str, Any], stored: Stored | None) -> bool:
        expression = request.get("ConditionExpression")
        if expression is None:
            return True
        return parsed(expression)(
            stored or {}, request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        )

    def _place(self, kind: str, request: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        table = self._name(request["TableName"])
        return table, self._key_of(table, request["Item"] if kind == "Put" else request["Key"])

    def _key_of(self, table: str, item: Stored) -> tuple[Any, ...]:
        return _plain_key(item[name] for name in self._keys[table][""] if name)

    def _name(self, full: str) -> str:
        return full.removeprefix(self._prefix)


@cache
def _schemas() -> Mapping[str, Mapping[str, tuple[str, str | None]]]:
    """Return the partition and sort key of every table, and of its indexes by their names."""
    schemas: dict[str, dict[str, tuple[str, str | None]]] = {}
    for table in resources_of(load_template(), "AWS::DynamoDB::Table").values():
        name = str(next(iter(table["TableName"].values()))).rpartition("-")[2]
        schemas[name] = {"": _pair(table["KeySchema"])}
        for index in [*table.get("GlobalSecondaryIndexes", ()), *table.get("LocalSecondaryIndexes", ())]:
            schemas[name][index["IndexName"]] = _pair(index["KeySchema"])
    return schemas


def _pair(schema: Sequence[Mapping[str, str]]) -> tuple[str, str | None]:
    by_type = {each["KeyType"]: each["AttributeName"] for each in schema}
    return by_type["HASH"], by_type.get("RANGE")


def _plain(value: AttributeValue) -> Any:
    ((kind, held),) = value.items()
    return Decimal(held) if kind == "N" else held


def _plain_key(values: Iterable[AttributeValue]) -> tuple[Any, ...]:
    return tuple(_plain(value) for value in values)


# Conditions ---------------------------------------------------------------------------------------------


@cache
def parsed(expression: str) -> Predicate:
    """Return a condition as a function of an item and the placeholders' meanings."""
    words = _TOKEN.findall(expression)
    predicate, rest = _either(words)
    if rest:
        message = f"cannot read {rest} in {expression}"
        raise ValueError(message)
    return predicate


def _either(words: list[str]) -> tuple[Predicate, list[str]]:
    one, rest = _both(words)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:])
        one = _or(one, other)
    return one, rest


def _both(words: list[str]) -> tuple[Predicate, list[str]]:
    one, rest = _clause(words)
    while rest and rest[0] == "AND":
        other, rest = _clause(rest[1:])
        one = _and(one, other)
    return one, rest


def _or(one: Predicate, other: Predicate) -> Predicate:
    return lambda *given: one(*given) or other(*given)


def _and(one: Predicate, other: Predicate) -> Predicate:
    return lambda *given: one(*given) and other(*given)


def _clause(words: list[str]) -> tuple[Predicate, list[str]]:  # noqa: PLR0911 - one return a kind of clause
    match words:
        case ["(", *rest]:
            inner, rest = _either(rest)
            return inner, rest[1:]
        case ["attribute_exists", "(", path, ")", *rest]:
            return lambda item, names, _: _found(item, path, names) is not None, rest
        case ["attribute_not_exists", "(", path, ")", *rest]:
            return lambda item, names, _: _found(item, path, names) is None, rest
        case ["attribute_type", "(", path, ",", kind, ")", *rest]:
            return lambda item, names, values: _plain(values[kind]) in (_found(item, path, names) or {}), rest
        case ["begins_with", "(", path, ",", beginning, ")", *rest]:
            return lambda item, names, values: _begins(_found(item, path, names), values[beginning]), rest
        case ["size", "(", path, ")", operator, value, *rest]:
            return lambda item, names, values: _sized(operator, _found(item, path, names), values[value]), rest
        case [path, "BETWEEN", low, "AND", high, *rest]:
            return (
                lambda item, names, values: (
                    _compared(">=", _found(item, path, names), values[low])
                    and _compared("<=", _found(item, path, names), values[high])
                ),
                rest,
            )
        case [path, operator, value, *rest]:
            return lambda item, names, values: _compared(operator, _found(item, path, names), values[value]), rest
        case _:
            message = f"cannot read {words}"
            raise ValueError(message)


def _found(item: Stored, path: str, names: Mapping[str, str]) -> AttributeValue | None:
    current: AttributeValue | None = {"M": item}
    for step in path.split("."):
        if current is None or "M" not in current:
            return None
        current = current["M"].get(names[step])
    return current


def _begins(found: AttributeValue | None, beginning: AttributeValue) -> bool:
    return found is not None and str(_plain(found)).startswith(str(_plain(beginning)))


def _sized(operator: str, found: AttributeValue | None, value: AttributeValue) -> bool:
    return found is not None and _COMPARE[operator](len(_plain(found)), _plain(value))


def _compared(operator: str, found: AttributeValue | None, value: AttributeValue) -> bool:
    if operator == "<>":
        return found is None or found.keys() != value.keys() or _plain(found) != _plain(value)
    return found is not None and found.keys() == value.keys() and _COMPARE[operator](_plain(found), _plain(value))


# Updates ------------------------------------------------------------------------------------------------

_CLAUSE: Final = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b")


def _updated(item: Stored, request: Mapping[str, Any]) -> Stored:
    names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
    parts = _CLAUSE.split(request["UpdateExpression"])
    for clause, body in zip(parts[1::2], parts[2::2], strict=True):
        for each in body.split(","):
            path, _, value = each.strip().replace(" = ", " ").partition(" ")
            steps = [names[step] for step in path.split(".")]
            item = _changed(item, steps, clause, values.get(value.strip()))
    return item


def _changed(item: Stored, steps: list[str], clause: str, value: AttributeValue | None) -> Stored:
    step, *rest = steps
    if rest:
        inner = item.get(step)
        if inner is None or "M" not in inner:
            raise failure("ValidationException")
        return {**item, step: {"M": _changed(inner["M"], rest, clause, value)}}
    if clause == "REMOVE":
        return {name: held for name, held in item.items() if name != step}
    assert value is not None
    new = _combined(clause, item.get(step), value)
    if new is None:
        return {name: held for name, held in item.items() if name != step}
    return {**item, step: new}


def _combined(clause: str, old: AttributeValue | None, value: AttributeValue) -> AttributeValue | None:
    if clause == "SET":
        return value
    if "N" in value:
        return {"N": str(Decimal(old["N"] if old else 0) + Decimal(value["N"]))}
    before, change = set(old["SS"] if old else ()), set(value["SS"])
    after = before | change if clause == "ADD" else before - change
    return {"SS": sorted(after)} if after else None


def pages(query: Callable[..., Mapping[str, Any]], **request: Any) -> Iterator[Stored]:
    """Yield the items of every page of a query or scan."""
    while True:
        answer = query(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
