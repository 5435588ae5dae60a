"""DynamoDB in our words: conditional writes, transactions that say who lost, strongly consistent reads.

Every write takes a condition. Expressions are written with ``#name`` for attributes and ``:name`` for
values, so that no reserved word of DynamoDB ever matters.

Every written item bears the id of the operation that wrote it. An answer can be lost after the write was
applied; the repeat then meets its own work and its condition fails. The id tells that from a lost race:
whoever is refused by what it wrote itself has won.
"""

import random
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import replace
from typing import Any, Final, assert_never, final

from botocore.exceptions import ClientError
from msgspec import Struct, field

from marketplace.platform.dynamodb.attribute_values import Item, from_item, to_attribute, to_item
from marketplace.platform.observability import count
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Dependency,
    cancellation_reasons,
    error_code,
    seconds_left,
)

type Key = Mapping[str, str | int]

BATCH_GET_LIMIT: Final = 100
BATCH_WRITE_LIMIT: Final = 25
OPERATION: Final = "operationId"
"""The attribute that names the operation which wrote an item last."""
TRANSACTION_LIMIT: Final = 100
_NAME: Final = re.compile(r"#(\w+)")
_NOT_IN_NAMES: Final = re.compile(r"\W")


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
    steps = {_placeholder(step): step for step in path.split(".")}
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


@final
class Page(Struct, frozen=True, kw_only=True):
    """Items of one query and where the next page starts."""

    items: Sequence[Item]
    next_key: Item | None


@final
class Store:
    """The tables of one stack."""

    def __init__(self, dynamodb: Dependency, table_prefix: str) -> None:
        """Reach the tables through ``dynamodb``; their names start with ``table_prefix``."""
        self._dynamodb = dynamodb
        self._prefix = table_prefix

    def get(self, table: str, key: Key) -> Item | None:
        """Return one item, read strongly."""
        answer = self._dynamodb.call("get_item", TableName=self._prefix + table, Key=to_item(key), ConsistentRead=True)
        return _optional_item(answer.get("Item"))

    def batch_get(self, wanted: Sequence[tuple[str, Key]]) -> list[Item | None]:
        """Return many items of any tables in the order asked, each read strongly; absent ones as ``None``.

        One call for up to a hundred keys; what the service leaves unprocessed is asked for again.

        Raises:
            ServiceUnavailable: some were left unprocessed until the time was up.
        """
        found: dict[tuple[str, tuple[tuple[str, Any], ...]], Item] = {}
        key_names = {table: tuple(key) for table, key in wanted}
        identities = [(table, tuple(key.items())) for table, key in wanted]

        def read(chunk: Sequence[tuple[str, tuple[tuple[str, Any], ...]]]) -> list[Any]:
            request: dict[str, dict[str, Any]] = {}
            for table, key in chunk:
                keys = request.setdefault(self._prefix + table, {"ConsistentRead": True, "Keys": []})["Keys"]
                keys.append(to_item(dict(key)))
            answer = self._dynamodb.call("batch_get_item", RequestItems=request)
            for full_name, items in _mapping(answer.get("Responses")).items():
                table = full_name.removeprefix(self._prefix)
                for stored in items:
                    item = from_item(stored)
                    found[table, tuple((name, item[name]) for name in key_names[table])] = item
            return [
                (full_name.removeprefix(self._prefix), tuple(from_item(key).items()))
                for full_name, rest in _mapping(answer.get("UnprocessedKeys")).items()
                for key in rest["Keys"]
            ]

        until_processed(read, list(dict.fromkeys(identities)), at_once=BATCH_GET_LIMIT)
        return [found.get(identity) for identity in identities]

    def put_all(self, table: str, items: Sequence[Mapping[str, object]]) -> None:
        """Write items whose keys and contents follow from what they record, so that twice is the same as once.

        No condition guards a batch: it is for rows that only one operation can ever write, such as recorded
        errors. What the service leaves unprocessed is written again, and nothing else.

        Raises:
            ServiceUnavailable: some were left unprocessed until the time was up.
        """

        def write(chunk: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
            requests = [{"PutRequest": {"Item": to_item(item)}} for item in chunk]
            answer = self._dynamodb.call("batch_write_item", RequestItems={self._prefix + table: requests})
            left = _mapping(answer.get("UnprocessedItems")).get(self._prefix + table, [])
            return [from_item(request["PutRequest"]["Item"]) for request in left]

        until_processed(write, items, at_once=BATCH_WRITE_LIMIT)

    def query(  # noqa: PLR0913 - each is a clause of the query
        self,
        table: str,
        *,
        where: Condition,
        index: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        start: Mapping[str, Any] | None = None,
        keeping: Condition | None = None,
        strongly: bool = False,
    ) -> Page:
        """Return one page of one query; ``keeping`` filters after reading, so a page may be short."""
        values = {**where.values, **(keeping.values if keeping else {})}
        request: dict[str, Any] = {
            "TableName": self._prefix + table,
            "KeyConditionExpression": where.expression,
            "ExpressionAttributeNames": _names(where.expression, keeping.expression if keeping else ""),
            "ExpressionAttributeValues": _values(values),
            "ScanIndexForward": not newest_first,
        }
        if index:
            request["IndexName"] = index
        if strongly:
            request["ConsistentRead"] = True
        if limit:
            request["Limit"] = limit
        if start:
            request["ExclusiveStartKey"] = to_item(start)
        if keeping:
            request["FilterExpression"] = keeping.expression
        answer = self._dynamodb.call("query", **request)
        items: Any = answer.get("Items", [])
        return Page(items=[from_item(item) for item in items], next_key=_optional_item(answer.get("LastEvaluatedKey")))

    def query_all(
        self,
        table: str,
        *,
        where: Condition,
        index: str | None = None,
        limit: int | None = None,
        strongly: bool = False,
    ) -> Iterator[Item]:
        """Yield the items of every page of a query; ``limit`` is the size of a page."""
        start: Mapping[str, Any] | None = None
        while True:
            page = self.query(table, where=where, index=index, limit=limit, start=start, strongly=strongly)
            yield from page.items
            start = page.next_key
            if start is None:
                return

    def count(self, table: str, *, where: Condition, index: str | None = None, strongly: bool = False) -> int:
        """Return how many items a query matches, without reading them out."""
        total, start = 0, None
        while True:
            request: dict[str, Any] = {
                "TableName": self._prefix + table,
                "KeyConditionExpression": where.expression,
                "ExpressionAttributeNames": _names(where.expression),
                "ExpressionAttributeValues": _values(where.values),
                "Select": "COUNT",
                "ConsistentRead": strongly,
            }
            if index:
                request["IndexName"] = index
            if start:
                request["ExclusiveStartKey"] = start
            answer = self._dynamodb.call("query", **request)
            counted: Any = answer.get("Count", 0)
            total += counted
            start = answer.get("LastEvaluatedKey")
            if not start:
                return int(total)

    def scan(self, table: str, *, start: Mapping[str, Any] | None = None, limit: int | None = None) -> Page:
        """Return one page of a whole table; for full audits and verification only, never for a request."""
        request: dict[str, Any] = {"TableName": self._prefix + table}
        if start:
            request["ExclusiveStartKey"] = to_item(start)
        if limit:
            request["Limit"] = limit
        answer = self._dynamodb.call("scan", **request)
        items: Any = answer.get("Items", [])
        return Page(items=[from_item(item) for item in items], next_key=_optional_item(answer.get("LastEvaluatedKey")))

    def write(self, action: Put | Update | Delete) -> Item:
        """Carry out a single conditional write once and return the item after it (before it, for a delete).

        Raises:
            ConditionRefused: the condition did not hold. For a delete this may be the work of an attempt
                whose answer was lost.
        """
        token = operation_token()
        operation, request = self._request(_marked(action, token))
        if operation == "update_item":
            request["ReturnValues"] = "ALL_NEW"
        elif operation == "delete_item":
            request["ReturnValues"] = "ALL_OLD"
        try:
            answer = self._dynamodb.call(operation, **request)
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            stored = _optional_item(error.response.get("Item"))
            if _wrote(stored, token):
                count("LostAnswersFound")
                return stored or {}
            raise ConditionRefused(stored) from None
        return _optional_item(answer.get("Attributes")) or {}

    def transact(self, actions: Iterable[Action]) -> None:
        """Carry out all actions or none, once.

        One token names the operation for the service through all attempts, so that a repeat after a lost
        answer applies nothing twice; and since all or nothing is written, one item that bears the token
        proves the whole.

        Raises:
            TransactionRefused: a condition did not hold.
        """
        token = operation_token()
        listed = [_marked(action, token) for action in actions]
        requests = []
        for action in listed:
            operation, request = self._request(action)
            requests.append({_IN_TRANSACTION[operation]: request})
        try:
            self._dynamodb.call(
                "transact_write_items",
                TransactItems=requests,
                ClientRequestToken=token,
            )
        except ClientError as error:
            reasons = cancellation_reasons(error)
            if error_code(error) != "TransactionCanceledException" or "ConditionalCheckFailed" not in reasons:
                raise
            details: Any = error.response.get("CancellationReasons", [])
            refused = {
                action.label: _optional_item(detail.get("Item"))
                for action, detail in zip(listed, details, strict=True)
                if detail.get("Code") == "ConditionalCheckFailed"
            }
            if any(_wrote(stored, token) for stored in refused.values()):
                count("LostAnswersFound")
                return
            raise TransactionRefused(refused) from None

    def _request(self, action: Action) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": self._prefix + action.table,
            "ConditionExpression": action.condition.expression,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        values: dict[str, object] = dict(action.condition.values)
        operation: str
        match action:
            case Put():
                operation = "put_item"
                request["Item"] = to_item(action.item)
            case Delete():
                operation = "delete_item"
                request["Key"] = to_item(action.key)
            case Check():
                operation = "condition_check"
                request["Key"] = to_item(action.key)
            case Update():
                operation = "update_item"
                request["Key"] = to_item(action.key)
                update, placed, path_names = _update_expression(action)
                request["UpdateExpression"] = update
                request["ExpressionAttributeNames"] = path_names
                values |= placed
            case _:
                assert_never(action)
        names = {
            **request.get("ExpressionAttributeNames", {}),
            **_names(action.condition.expression),
            **action.condition.names,
        }
        if names:
            request["ExpressionAttributeNames"] = names
        if values:
            request["ExpressionAttributeValues"] = _values(values)
        return operation, request


_IN_TRANSACTION: Final = {
    "put_item": "Put",
    "update_item": "Update",
    "delete_item": "Delete",
    "condition_check": "ConditionCheck",
}
"""What a transaction calls each operation."""


def operation_token() -> str:
    """Return a fresh name for one business operation, 32 characters."""
    return secrets.token_hex(16)


def until_processed[T](
    process: Callable[[Sequence[T]], Iterable[T]],
    entries: Sequence[T],
    *,
    at_once: int,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Hand over entries in chunks until none is left; ``process`` returns those that must be tried again.

    Raises:
        ServiceUnavailable: four seconds, or the invocation's time, passed without any progress.
    """
    outstanding = list(entries)
    longest, ends_at = FIRST_PAUSE_SECONDS, time.monotonic() + seconds_left()
    while outstanding:
        chunk, outstanding = outstanding[:at_once], outstanding[at_once:]
        left = list(process(chunk))
        outstanding += left
        if len(left) < len(chunk):
            longest, ends_at = FIRST_PAUSE_SECONDS, time.monotonic() + seconds_left()
        if left:
            pause = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
            if time.monotonic() + pause >= ends_at:
                raise ServiceUnavailable
            sleep(pause)
            longest = min(longest * 2, LONGEST_PAUSE_SECONDS)


def _marked(action: Action, token: str) -> Action:
    """Return the action with the id of its operation in what it writes.

    An update that adds something also refuses to follow itself, since its own condition may still hold.
    """
    match action:
        case Put():
            return replace(action, item={**action.item, OPERATION: token})
        case Update():
            condition = action.condition
            if action.add:
                condition &= Condition(
                    expression=f"attribute_not_exists(#{OPERATION}) OR #{OPERATION} <> :{OPERATION}",
                    values={OPERATION: token},
                )
            return replace(action, condition=condition, assign={**action.assign, OPERATION: token})
        case Delete() | Check():
            return action
        case _:
            assert_never(action)


def _wrote(stored: Item | None, token: str) -> bool:
    """Say whether an item was written last by the operation of that name."""
    return stored is not None and stored.get(OPERATION) == token


def _update_expression(update: Update) -> tuple[str, dict[str, object], dict[str, str]]:
    names: dict[str, str] = {}
    values: dict[str, object] = {}

    def path(written: str) -> str:
        steps = written.split(".")
        for step in steps:
            names[_placeholder(step)] = step
        return ".".join(_placeholder(step) for step in steps)

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


def _placeholder(step: str) -> str:
    return "#" + _NOT_IN_NAMES.sub("_", step)


def _names(*expressions: str) -> dict[str, str]:
    return {f"#{name}": name for expression in expressions for name in _NAME.findall(expression)}


def _values(values: Mapping[str, object]) -> dict[str, Any]:
    return {f":{name}": to_attribute(value) for name, value in values.items()}


def _optional_item(stored: object) -> Item | None:
    return from_item(stored) if isinstance(stored, Mapping) and stored else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
