"""DynamoDB in our words: conditional writes, transactions that say who lost, strongly consistent reads.

Every write takes a condition; ``actions`` says which writes and conditions there are.

Every written item bears the id of the operation that wrote it. An answer can be lost after the write was
applied; the repeat then meets its own work and its condition fails. The id tells that from a lost race:
whoever is refused by what it wrote itself has won.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import replace
from typing import Any, Final, assert_never, final

from botocore.exceptions import ClientError
from msgspec import Struct

from marketplace.platform.dynamodb.actions import (
    Action,
    Check,
    Condition,
    ConditionRefused,
    Delete,
    Key,
    Put,
    TransactionRefused,
    Update,
)
from marketplace.platform.dynamodb.attribute_values import Item, from_item, to_item
from marketplace.platform.dynamodb.expressions import names_in, update_expression, values_of
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Dependency,
    cancellation_reasons,
    error_code,
    seconds_left,
)
from marketplace.platform.runtime.observability import count

BATCH_GET_LIMIT: Final = 100
BATCH_WRITE_LIMIT: Final = 25
OPERATION: Final = "operationId"
"""The attribute that names the operation which wrote an item last."""
TRANSACTION_LIMIT: Final = 100


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
        filtered_by: Condition | None = None,
        strongly: bool = False,
    ) -> Page:
        """Return one page of one query; ``filtered_by`` filters after reading, so a page may be short."""
        values = {**where.values, **(filtered_by.values if filtered_by else {})}
        request: dict[str, Any] = {
            "TableName": self._prefix + table,
            "KeyConditionExpression": where.expression,
            "ExpressionAttributeNames": names_in(where.expression, filtered_by.expression if filtered_by else ""),
            "ExpressionAttributeValues": values_of(values),
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
        if filtered_by:
            request["FilterExpression"] = filtered_by.expression
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
                "ExpressionAttributeNames": names_in(where.expression),
                "ExpressionAttributeValues": values_of(where.values),
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
                update, placed, path_names = update_expression(action)
                request["UpdateExpression"] = update
                request["ExpressionAttributeNames"] = path_names
                values |= placed
            case _:
                assert_never(action)
        names = {
            **request.get("ExpressionAttributeNames", {}),
            **names_in(action.condition.expression),
            **action.condition.names,
        }
        if names:
            request["ExpressionAttributeNames"] = names
        if values:
            request["ExpressionAttributeValues"] = values_of(values)
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


def _optional_item(stored: object) -> Item | None:
    return from_item(stored) if isinstance(stored, Mapping) and stored else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
