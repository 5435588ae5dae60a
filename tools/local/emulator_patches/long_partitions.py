"""Teaches MiniStack to find a page of a long partition as fast as one of a short, as DynamoDB does.

The emulator looks at every item of a partition for each query: half a second where a room has 10,000 messages, a
minute where it has a million. Here the sort keys of a partition are kept in order from its first long query on, and
the emulator's own query is given only the stretch that its page can come from; it judges and answers that as before.
"""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, final

from ministack.services import dynamodb

LONG: Final = 500
"""Items from which on a partition is kept in order; shorter ones are read whole."""

type Item = Mapping[str, Any]
type Partition = MutableMapping[Any, Item]
type Table = Mapping[str, Any]


@final
@dataclass(slots=True)
class Ordered:
    """The sort keys of a partition in their order, each with the key under which the emulator keeps its item."""

    partition: Partition
    keys: list[tuple[Any, Any]]


@final
class Asked(threading.local):
    """The items that the query of this thread may see, where they were chosen beforehand."""

    items: Mapping[Any, Partition] | None = None


_ordered: Final[dict[tuple[str, Any], Ordered]] = {}
_asked: Final = Asked()
_tables_class: Final[Any] = type(dynamodb._tables)


@final
class Tables(_tables_class):  # type: ignore[misc] # the emulator's own class
    """The emulator's tables, of which a query sees its stretch alone."""

    __slots__ = ()

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - the signature is the emulator's
        """Return a table, with those of its items that were chosen for the query at work."""
        table = super().get(key, default)
        return table if table is None or _asked.items is None else {**table, "items": _asked.items}


def read_long_partitions_in_order() -> None:
    """Let queries of tables begin where their page begins."""
    dynamodb._tables.__class__ = Tables
    query_whole, set_alone, remove_alone = dynamodb._query, dynamodb._set_item, dynamodb._remove_item

    def query(request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - passes through what it does not know
        _asked.items = _stretch(request)
        try:
            return query_whole(request)
        finally:
            _asked.items = None

    def set_item(table: Table, partition_key: Any, sort_key: Any, item: Item) -> Any:  # noqa: ANN401 - as above
        old = set_alone(table, partition_key, sort_key, item)
        ordered = _ordered.get((table["TableArn"], partition_key))
        if ordered is not None and old is None:
            insort(ordered.keys, (_sort_value(table, item), sort_key))
        return old

    def remove_item(table: Table, partition_key: Any, sort_key: Any) -> Any:  # noqa: ANN401 - as above
        _ordered.pop((table["TableArn"], partition_key), None)
        return remove_alone(table, partition_key, sort_key)

    dynamodb._query, dynamodb._set_item, dynamodb._remove_item = query, set_item, remove_item


def _sort_value(table: Table, item: Item) -> Any:  # noqa: ANN401 - a number, a text or bytes
    name = table["sk_name"]
    return dynamodb._sort_key_value(item.get(name), dynamodb._get_attr_type(table, name))


def _keys_in_order(table: Table, partition_key: Any, partition: Partition) -> list[tuple[Any, Any]]:  # noqa: ANN401 - as above
    kept = _ordered.get((table["TableArn"], partition_key))
    if kept is None or kept.partition is not partition or len(kept.keys) != len(partition):
        keys = sorted((_sort_value(table, item), key) for key, item in partition.items())
        kept = _ordered[table["TableArn"], partition_key] = Ordered(partition, keys)
    return kept.keys


def _stretch(request: Mapping[str, Any]) -> Mapping[Any, Partition] | None:
    """Return the items that the page of a query can come from, or nothing where it may look at them all."""
    table = dynamodb._tables.get(request.get("TableName"))
    condition, values = request.get("KeyConditionExpression"), request.get("ExpressionAttributeValues") or {}
    if not table or not condition or not table.get("sk_name") or request.get("IndexName"):
        return None
    names = request.get("ExpressionAttributeNames") or {}
    partition_key = dynamodb._extract_pk_from_condition(condition, values, names, table["pk_name"])
    partition = table["items"].get(partition_key)
    if partition is None or len(partition) < LONG:
        return None
    keys = _keys_in_order(table, partition_key, partition)
    forward = request.get("ScanIndexForward", True)
    first, end = _limits(table, keys, condition, names, values)
    if start := request.get("ExclusiveStartKey"):
        value = (_sort_value(table, start),)
        first, end = (max(first, bisect_left(keys, value)), end) if forward else (first, min(end, _after(keys, value)))
    if limit := request.get("Limit"):
        page = int(limit) + 1  # the one where the last page ended is still among them
        first, end = (first, min(end, first + page)) if forward else (max(first, end - page), end)
    return {partition_key: {key: partition[key] for _, key in keys[first:end]}}


def _limits(
    table: Table, keys: list[tuple[Any, Any]], condition: str, names: Mapping[str, str], values: Mapping[str, Item]
) -> tuple[int, int]:
    """Return between which places of the keys lies whatever meets the condition on the sort key."""
    first, end = 0, len(keys)
    for clause in dynamodb._key_condition_clauses(dynamodb._tokenize(condition.replace("(", " ").replace(")", " "))):
        kinds = [kind for kind, *_ in clause]
        texts = [text for _, text, *_ in clause]
        if len(clause) < 3 or names.get(texts[0], texts[0]) != table["sk_name"]:  # noqa: PLR2004 - name, comparison, value
            continue
        bounds = [
            (_sort_value(table, {table["sk_name"]: values[text]}),)
            for kind, text in zip(kinds, texts, strict=True)
            if kind == "VALUE_REF" and text in values
        ]
        if kinds[1] in {"LT", "LE", "EQ"} and bounds:
            end = _after(keys, bounds[0])
        if kinds[1] in {"GT", "GE", "EQ"} and bounds:
            first = bisect_left(keys, bounds[0])
        if texts[1].upper() == "BETWEEN" and len(bounds) == 2:  # noqa: PLR2004 - from and to
            first, end = bisect_left(keys, bounds[0]), _after(keys, bounds[1])
    return first, end


def _after(keys: list[tuple[Any, Any]], value: tuple[Any]) -> int:
    return bisect_right(keys, value[0], key=lambda pair: pair[0])
