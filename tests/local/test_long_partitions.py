"""The emulator finds the pages of a long partition as DynamoDB does, whatever was written and removed before."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from boto3.dynamodb.conditions import Key

from tools.local.emulator import Emulator

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase
    from types_boto3_dynamodb.service_resource import Table

TABLE: Final = "pages"
MANY: Final = 700
PAGE: Final = 40
ROOM: Final = Key("room").eq("long")
NUMBER: Final = Key("number")
QUERIES: Final[Sequence[tuple["ConditionBase", Callable[[int], bool]]]] = [
    (ROOM, lambda _: True),
    (ROOM & NUMBER.lt(300), lambda number: number < 300),
    (ROOM & NUMBER.lte(300), lambda number: number <= 300),
    (ROOM & NUMBER.gt(300), lambda number: number > 300),
    (ROOM & NUMBER.gte(300), lambda number: number >= 300),
    (ROOM & NUMBER.eq(300), lambda number: number == 300),
    (ROOM & NUMBER.between(290, 1_290), lambda number: 290 <= number <= 1_290),
    (ROOM & NUMBER.gt(100_000), lambda _: False),
]


def long_table(running: Emulator) -> "Table":
    """Make a table whose partitions are ordered by a number."""
    dynamodb: Any = running.session().resource("dynamodb", endpoint_url=running.url)
    table: Table = dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "room", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "room", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
    )
    return table


def write(table: "Table", numbers: Sequence[int]) -> None:
    """Put an item for each number into the long partition, and one into another."""
    with table.batch_writer() as batch:
        for number in numbers:
            batch.put_item(Item={"room": "long", "number": number})
        batch.put_item(Item={"room": "short", "number": 1})


def walked(table: "Table", where: "ConditionBase", *, forward: bool) -> list[int]:
    """Return the numbers of a query, page by page to its end."""
    found: list[int] = []
    start: Mapping[str, Any] = {}
    while True:
        page = table.query(KeyConditionExpression=where, ScanIndexForward=forward, Limit=PAGE, **start)
        assert len(page["Items"]) <= PAGE
        found += [int(str(item["number"])) for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def assert_found(table: "Table", numbers: set[int]) -> None:
    """Judge every query, both ways, in pages and at once."""
    for where, wanted in QUERIES:
        expected = sorted(filter(wanted, numbers))
        assert walked(table, where, forward=True) == expected
        assert walked(table, where, forward=False) == expected[::-1]
        whole = table.query(KeyConditionExpression=where)
        assert [int(str(item["number"])) for item in whole["Items"]] == expected


def test_pages_of_a_long_partition_are_exact_while_it_changes(bare: Emulator) -> None:
    table = long_table(bare)
    chance = random.Random(11)  # noqa: S311 - a sample, not a secret
    numbers = chance.sample(range(1, 2_000), MANY)
    write(table, numbers)
    assert_found(table, {*numbers})

    more = [number for number in range(2_000, 2_050) if number not in numbers] + [*range(-20, 0)]
    write(table, chance.sample(more, len(more)))
    assert_found(table, {*numbers, *more})

    gone = chance.sample(numbers, 30)
    for number in gone:
        table.delete_item(Key={"room": "long", "number": number})
    assert_found(table, {*numbers, *more} - {*gone})


def test_a_table_made_again_has_nothing_of_the_one_before(bare: Emulator) -> None:
    table = long_table(bare)
    write(table, range(1, MANY))
    assert len(walked(table, ROOM, forward=True)) == MANY - 1

    table.delete()
    again = long_table(bare)
    write(again, range(5_000, 5_000 + MANY))

    assert walked(again, ROOM, forward=True) == [*range(5_000, 5_000 + MANY)]
