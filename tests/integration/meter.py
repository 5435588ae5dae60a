"""Counts what a scenario asks of AWS: calls by name, and DynamoDB write units modelled from the items themselves.

The emulators' own figures are not DynamoDB's, so units follow the documented rules: a transactional write is two
units per started kilobyte of the item, a plain one one, and every index that the write touches one more per
kilobyte of what it projects.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

from marketplace import bootstrap

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from types_boto3_dynamodb.service_resource import Table

KILOBYTE: Final = 1024
_TRANSACTIONAL: Final = 2


@final
@dataclass(slots=True)
class Bill:
    """What a scenario asked for."""

    calls: list[str] = field(default_factory=list)
    write_units: int = 0


@final
class Meter:
    """Listens to every client of the functions."""

    def __init__(self, tables: Mapping[str, "Table"]) -> None:
        self._tables = {table.name: table for table in tables.values()}
        self._written: list[tuple[str, Mapping[str, Any], int, bool]] = []
        self._calls: list[str] = []
        bootstrap.session().register("provide-client-params", self._note)

    def _note(self, **event: Any) -> None:  # noqa: ANN401 - botocore's hooks take what the event has
        params: Mapping[str, Any] = event["params"]
        model: OperationModel = event["model"]
        self._calls.append(f"{model.service_model.service_name}:{model.name}")
        match model.name:
            case "TransactWriteItems":
                for action in params["TransactItems"]:
                    ((kind, request),) = action.items()
                    self._written.append((kind, request, _TRANSACTIONAL, kind == "Put"))
            case "PutItem" | "UpdateItem" | "DeleteItem":
                kind = model.name.removesuffix("Item")
                self._written.append((kind, params, 1, kind == "Put"))
            case _:
                pass

    @contextmanager
    def reading(self) -> Iterator[Bill]:
        """Fill a bill with what is asked for meanwhile."""
        bill = Bill()
        self._calls, self._written = [], []
        yield bill
        bill.calls = list(self._calls)
        bill.write_units = sum(self._units(*write) for write in self._written)

    def _units(self, kind: str, request: Mapping[str, Any], factor: int, is_put: bool) -> int:  # noqa: FBT001 - one row
        table = self._tables[request["TableName"]]
        key_names = [key["AttributeName"] for key in table.key_schema]
        key = {name: request["Item" if is_put else "Key"][name] for name in key_names}
        stored = None if is_put else self._stored(table, key)
        size = _size(request["Item"]) if is_put else _size(stored or key)
        units = factor * math.ceil(size / KILOBYTE)
        if kind == "ConditionCheck":
            return units
        item = request["Item"] if is_put else stored or {}
        return units + sum(
            math.ceil(_projected_size(index, item, key_names) / KILOBYTE)
            for index in _indexes(table)
            if all(part["AttributeName"] in item for part in index["KeySchema"])
            and (is_put or index["Projection"]["ProjectionType"] != "KEYS_ONLY")
        )

    @staticmethod
    def _stored(table: "Table", key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        client: Any = bootstrap.client("dynamodb")
        found: Mapping[str, Any] | None = client.get_item(TableName=table.name, Key=key).get("Item")
        return found


def _indexes(table: "Table") -> Sequence[Mapping[str, Any]]:
    return [*(table.global_secondary_indexes or ()), *(table.local_secondary_indexes or ())]


def _projected_size(index: Mapping[str, Any], item: Mapping[str, Any], key_names: Sequence[str]) -> int:
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return _size(item)
    names = {*key_names, *(part["AttributeName"] for part in index["KeySchema"])}
    names |= set(projection.get("NonKeyAttributes", ()))
    return _size({name: value for name, value in item.items() if name in names})


def _size(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(entry) for name, entry in held.items())
        case "L":
            return 3 + sum(1 + _value_size(entry) for entry in held)
        case "SS":
            return sum(len(entry.encode()) for entry in held)
        case _:
            return 1
