"""DynamoDB in memory, as far as the store asks for it: atomic under threads, and quick enough for long games.

Stands where botocore's client stands. A test compares it with moto, operation by operation. Conflicts, lost answers
and throttling are no matter of its own: who needs them puts them in front of it.
"""

import operator
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from threading import RLock
from typing import Any, Final, final

from botocore.exceptions import ClientError

from tests.cloudformation import load_template, resources_of

type Attributes = dict[str, dict[str, Any]]
type Test = Callable[["Scope"], bool]
type Hears = Callable[[str, Attributes | None, Attributes | None], None]
type Change = tuple[str, Attributes | None, Attributes | None]
"""The table, the item before and the item after."""

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
PAGE_BYTES: Final = 1_000_000


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
            return _size(path, sign, placeholder), at + 6
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


def _size(path: str, sign: str, placeholder: str) -> Test:
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


@final
@dataclass(slots=True)
class Partition:
    """The items under one hash key, in the order of their range key."""

    order: list[Any] = field(default_factory=list)
    items: dict[Any, Attributes] = field(default_factory=dict)


@final
class Table:
    """One table."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.keys = _key_names(definition["KeySchema"])
        self.indexes = {
            index["IndexName"]: _key_names(index["KeySchema"])
            for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for index in definition.get(kind, [])
        }
        self._partitions: dict[Any, Partition] = {}

    def get(self, key: Attributes) -> Attributes | None:
        """Return an item."""
        partition = self._partitions.get(comparable(key[self.keys[0]]))
        return partition.items.get(self._range(key)) if partition else None

    def put(self, item: Attributes) -> None:
        """Write an item."""
        partition = self._partitions.setdefault(comparable(item[self.keys[0]]), Partition())
        place = self._range(item)
        if place not in partition.items:
            insort(partition.order, place)
        partition.items[place] = item

    def remove(self, key: Attributes) -> None:
        """Remove an item."""
        partition = self._partitions.get(comparable(key[self.keys[0]]))
        if partition and partition.items.pop(self._range(key), None) is not None:
            partition.order.remove(self._range(key))

    def stretch(self, hash_key: Any, start: Any, *, forward: bool) -> Iterator[Attributes]:  # noqa: ANN401 - a key
        """Yield the items of a partition from beyond a range key on."""
        partition = self._partitions.get(hash_key, Partition())
        order = partition.order
        if start is not None:
            order = order[bisect_right(order, start) :] if forward else order[: bisect_left(order, start)]
        for place in order if forward else reversed(order):
            yield partition.items[place]

    def everything(self) -> list[Attributes]:
        """Return every item."""
        return [partition.items[place] for partition in self._partitions.values() for place in partition.order]

    def place(self, key: Attributes) -> tuple[Any, ...]:
        """Return the key of an item as something that Python orders."""
        return tuple(comparable(key[name]) for name in self.keys)

    def _range(self, key: Attributes) -> Any:  # noqa: ANN401 - a key
        return comparable(key[self.keys[1]]) if len(self.keys) > 1 else ""


def _key_names(schema: list[dict[str, str]]) -> list[str]:
    return [part["AttributeName"] for part in sorted(schema, key=lambda part: part["KeyType"])]


@final
class MemoryDynamoDB:
    """The operations of botocore's client that the store uses, over the tables of the template."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._lock = RLock()
        self._done: dict[str, None] = {}
        self.tables = {prefix + name: Table(definition) for name, definition in _definitions().items()}
        self.streams: Hears = lambda *_: None
        """Hears of every change: the table without its prefix, the item before and the item after."""
        self.forgets_tokens = False
        """Whether a repeat under the same token is carried out again, as emulators do and DynamoDB does not."""

    # What the store calls: parameters bear botocore's names ---------------------------------------------

    def get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        with self._lock:
            found = self.tables[asked["TableName"]].get(asked["Key"])
        return {"Item": found} if found else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        with self._lock:
            found = {
                name: [item for key in asked["Keys"] if (item := self.tables[name].get(key))]
                for name, asked in RequestItems.items()
            }
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        with self._lock:
            return self._query(asked)

    def scan(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        with self._lock:
            return self._scan(asked)

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        return self._write("Put", asked)

    def update_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        return self._write("Update", asked)

    def delete_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore takes them
        return self._write("Delete", asked)

    def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        with self._lock:
            for name, requests in RequestItems.items():
                for request in requests:
                    ((kind, asked),) = request.items()
                    verb = {"PutRequest": "Put", "DeleteRequest": "Delete"}[kind]
                    self._make(self._change(verb, {"TableName": name, **asked}))
        return {"UnprocessedItems": {}}

    def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Mapping[str, Any]],  # noqa: N803 - botocore's name
        ClientRequestToken: str,  # noqa: N803 - botocore's name
    ) -> dict[str, Any]:
        with self._lock:
            if ClientRequestToken in self._done and not self.forgets_tokens:
                return {}
            actions = [next(iter(action.items())) for action in TransactItems]
            places = {(asked["TableName"], self._place(asked)) for _, asked in actions}
            if len(places) != len(actions):
                raise _invalid()
            reasons = [self._refusal(asked) for _, asked in actions]
            if any(reasons):
                raise _cancelled(reasons)
            for change in [self._change(kind, asked) for kind, asked in actions]:
                self._make(change)
            self._done[ClientRequestToken] = None
        return {}

    # How ---------------------------------------------------------------------------------------------------

    def _scan(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        start, limit = asked.get("ExclusiveStartKey"), asked.get("Limit", 10**9)
        found: list[Attributes] = []
        size = 0
        for item in sorted(table.everything(), key=table.place):
            if start is not None and table.place(item) <= table.place(start):
                continue
            found.append(item)
            size += len(str(item))
            if len(found) == limit or size > PAGE_BYTES:
                return _answer(asked, found, {name: item[name] for name in table.keys})
        return _answer(asked, found, None)

    def _query(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        table = self.tables[asked["TableName"]]
        keys = table.indexes[asked["IndexName"]] if "IndexName" in asked else table.keys
        forward = asked.get("ScanIndexForward", True)
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        where, keeping = parsed(asked["KeyConditionExpression"]), asked.get("FilterExpression")
        start, limit = asked.get("ExclusiveStartKey"), asked.get("Limit", 10**9)
        found: list[Attributes] = []
        read, size = 0, 0
        for item in self._candidates(table, keys, asked, start, forward=forward):
            if not where(Scope(item, names, values)):
                if read and "IndexName" not in asked:
                    break  # past the stretch that the key condition names
                continue
            read, size = read + 1, size + len(str(item))
            if keeping is None or parsed(keeping)(Scope(item, names, values)):
                found.append(item)
            if read == limit or size > PAGE_BYTES:
                return _answer(asked, found, {name: item[name] for name in dict.fromkeys([*keys, *table.keys])})
        return _answer(asked, found, None)

    def _candidates(
        self, table: Table, keys: list[str], asked: Mapping[str, Any], start: Attributes | None, *, forward: bool
    ) -> Iterator[Attributes]:
        values = asked["ExpressionAttributeValues"]
        if "IndexName" not in asked:
            tokens = _TOKENS.findall(asked["KeyConditionExpression"])
            names = asked["ExpressionAttributeNames"]
            pairs = {names[tokens[at]]: (tokens[at + 1], tokens[at + 2]) for at in _comparisons(tokens)}
            edge = comparable(start[keys[-1]]) if start else None
            sign, placeholder = pairs.get(keys[-1], ("", ""))
            if edge is None and ((sign == ">" and forward) or (sign == "<" and not forward)):
                edge = comparable(values[placeholder])
            yield from table.stretch(comparable(values[pairs[keys[0]][1]]), edge, forward=forward)
            return

        def place(item: Attributes) -> tuple[Any, ...]:
            return tuple(comparable(item[name]) for name in [*keys[1:], *table.keys])

        listed = sorted((item for item in table.everything() if all(_is_key(item, name) for name in keys)), key=place)
        for item in listed if forward else reversed(listed):
            if start is None or (place(item) > place(start) if forward else place(item) < place(start)):
                yield item

    def _write(self, kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            refusal = self._refusal(asked)
            if refusal:
                raise _refused(refusal)
            _, before, after = change = self._change(kind, asked)
            self._make(change)
        returned = {"ALL_OLD": before, "ALL_NEW": after}.get(asked.get("ReturnValues", "NONE"))
        return {"Attributes": returned} if returned else {}

    def _refusal(self, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        stored = self.tables[asked["TableName"]].get(asked.get("Key") or asked["Item"])
        scope = Scope(
            stored or {}, asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        )
        if "ConditionExpression" not in asked or parsed(asked["ConditionExpression"])(scope):
            return None
        return {"Code": "ConditionalCheckFailed", **({"Item": stored} if stored else {})}

    def _place(self, asked: Mapping[str, Any]) -> tuple[Any, ...]:
        return self.tables[asked["TableName"]].place(asked.get("Key") or asked["Item"])

    def _change(self, kind: str, asked: Mapping[str, Any]) -> Change:
        """Work out what a write does, which may be refused still; nothing has changed."""
        name = asked["TableName"]
        stored = self.tables[name].get(asked.get("Key") or asked["Item"])
        match kind:
            case "Put":
                return name, stored, asked["Item"]
            case "Delete":
                return name, stored, None
            case "Update":
                return name, stored, _updated(stored or dict(asked["Key"]), asked)
            case _:
                return name, stored, stored

    def _make(self, change: Change) -> None:
        name, before, after = change
        if after is not None:
            self.tables[name].put(after)
        elif before is not None:
            self.tables[name].remove(before)
        if before != after:
            self.streams(name.removeprefix(self._prefix), before, after)


@cache
def _definitions() -> Mapping[str, Mapping[str, Any]]:
    """Return every table of the template by its name without the stack's."""
    return {
        str(table["TableName"]["Fn::Sub"]).partition("-")[2]: table
        for table in resources_of(load_template(), "AWS::DynamoDB::Table").values()
    }


def _comparisons(tokens: list[str]) -> list[int]:
    return [at for at, token in enumerate(tokens) if token.startswith("#")]


def _is_key(item: Attributes, name: str) -> bool:
    return name in item and not item[name].keys().isdisjoint({"S", "N"})


def _answer(asked: Mapping[str, Any], found: list[Attributes], last: Attributes | None) -> dict[str, Any]:
    counted = {"Count": len(found)} if asked.get("Select") == "COUNT" else {"Items": found, "Count": len(found)}
    return counted | ({"LastEvaluatedKey": last} if last else {})


def _updated(stored: Attributes, asked: Mapping[str, Any]) -> Attributes:
    names, values = asked["ExpressionAttributeNames"], asked.get("ExpressionAttributeValues", {})
    item = _copied(stored)
    for clause in re.split(r"\s(?=(?:SET|REMOVE|ADD|DELETE)\s)", asked["UpdateExpression"]):
        verb, _, rest = clause.partition(" ")
        for part in rest.split(", "):
            path, _, placeholder = part.replace(" = ", " ").partition(" ")
            steps = [names[step] for step in path.split(".")]
            holder = item
            for step in steps[:-1]:
                if "M" not in holder.get(step, {}):
                    raise _invalid()
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


def _copied(item: Attributes) -> Attributes:
    return {name: {"M": _copied(value["M"])} if "M" in value else value for name, value in item.items()}


def _cancelled(reasons: list[dict[str, Any] | None]) -> ClientError:
    return _error(
        "TransactionCanceledException", {"CancellationReasons": [reason or {"Code": "None"} for reason in reasons]}
    )


def _refused(refusal: Mapping[str, Any]) -> ClientError:
    return _error("ConditionalCheckFailedException", {"Item": refusal["Item"]} if "Item" in refusal else {})


def _invalid() -> ClientError:
    return _error("ValidationException", {})


def _error(code: str, more: Mapping[str, Any]) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}, **more}
    return ClientError(answer, "operation")
