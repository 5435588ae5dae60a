"""DynamoDB in memory, as far as the store asks for it: atomic under threads, and quick enough for long games.

Stands where botocore's client stands. A test compares it with moto, operation by operation. Conflicts, lost answers
and throttling are no matter of its own: who needs them puts them in front of it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import RLock
from typing import Any, Final, final

from botocore.exceptions import ClientError

from tests.cloudformation import load_template, resources_of
from tests.dynamodb_expressions import _TOKENS, Attributes, Scope, comparable, error, invalid, parsed, updated

type Hears = Callable[[str, Attributes | None, Attributes | None], None]
type Change = tuple[str, Attributes | None, Attributes | None]
"""The table, the item before and the item after."""

PAGE_BYTES: Final = 1_000_000


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
                raise invalid()
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
        where, filtered_by = parsed(asked["KeyConditionExpression"]), asked.get("FilterExpression")
        start, limit = asked.get("ExclusiveStartKey"), asked.get("Limit", 10**9)
        found: list[Attributes] = []
        read, size = 0, 0
        for item in self._candidates(table, keys, asked, start, forward=forward):
            if not where(Scope(item, names, values)):
                if read and "IndexName" not in asked:
                    break  # past the stretch that the key condition names
                continue
            read, size = read + 1, size + len(str(item))
            if filtered_by is None or parsed(filtered_by)(Scope(item, names, values)):
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
                return name, stored, updated(stored or dict(asked["Key"]), asked)
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


def _cancelled(reasons: list[dict[str, Any] | None]) -> ClientError:
    return error(
        "TransactionCanceledException", {"CancellationReasons": [reason or {"Code": "None"} for reason in reasons]}
    )


def _refused(refusal: Mapping[str, Any]) -> ClientError:
    return error("ConditionalCheckFailedException", {"Item": refusal["Item"]} if "Item" in refusal else {})
