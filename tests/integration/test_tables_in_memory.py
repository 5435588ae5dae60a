"""The tables in memory answer the store as moto does."""

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from marketplace.platform.dynamodb.actions import (
    Check,
    Condition,
    ConditionRefused,
    Delete,
    Put,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
)
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency
from tests.tables_in_memory import MemoryDynamoDB

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

PREFIX: Final = "marketplace-test-"
STEPS: Final = 150


def outcome(store: Store, seed: int) -> list[Any]:
    """Play the same operations and return every answer."""
    chance = random.Random(seed)  # noqa: S311 - a game, not a secret
    answers: list[Any] = []
    for step in range(STEPS):
        sequence = chance.randrange(6)
        key: dict[str, str | int] = {"conversationId": "r-1", "sequence": sequence}
        put = Put(
            label="put",
            table="chat_messages",
            item={**key, "version": 1, "names": frozenset({"a"}), "holds": {"x": 1}},
            condition=absent("conversationId"),
        )
        update = Update(
            label="update",
            table="chat_messages",
            key=key,
            condition=at_version(chance.randrange(1, 4)) | Condition(expression="#version = :w", values={"w": 9}),
            assign={f"holds.b-{step % 3}": step},
            add={"version": 1, "names": frozenset({str(step % 4)})},
        )
        dropping = Update(
            label="dropping",
            table="chat_messages",
            key=key,
            condition=present("conversationId"),
            remove=[f"holds.b-{step % 3}"],
            delete={"names": frozenset({str(step % 4)})},
        )
        check = Check(label="check", table="chat_messages", key=key, condition=present("conversationId"))
        delete = Delete(label="delete", table="chat_messages", key=key, condition=present("conversationId"))
        other = Put(
            label="other", table="claims", item={"claimKey": "k", "claimId": str(step)}, condition=absent("claimKey")
        )
        match chance.randrange(7):
            case 0:
                answers.append(played(lambda put=put: store.write(put)))
            case 1:
                answers.append(played(lambda update=update: store.write(update)))
            case 2:
                answers.append(played(lambda dropping=dropping: store.write(dropping)))
            case 3 if step % 2:
                answers.append(played(lambda delete=delete: store.write(delete)))
            case 4:
                answers.append(played(lambda put=put, other=other: store.transact([put, other])))
            case 5:
                answers.append(played(lambda check=check, other=other: store.transact([other, check])))
            case _:
                where = Condition(expression="#conversationId = :room", values={"room": "r-1"})
                where &= Condition(expression=f"#sequence {chance.choice('<>')} :edge", values={"edge": sequence})
                page = store.query(
                    "chat_messages", where=where, newest_first=chance.random() < 0.5, limit=chance.randrange(1, 4)
                )
                answers.append(
                    [without_marks(item) for item in page.items]
                )  # moto ends a page early, DynamoDB does not
    return answers


def played(act: Any) -> Any:  # noqa: ANN401 - any operation and its answer
    try:
        answer = act()
    except ConditionRefused as refused:
        return "refused", refused.item and without_marks(refused.item)
    except TransactionRefused as refused:
        return "refused", {label: item and without_marks(item) for label, item in refused.refused.items()}
    return answer and without_marks(answer)


@pytest.fixture
def stores(tables: Mapping[str, "Table"]) -> tuple[Store, Store]:
    """The tables in memory and moto's."""
    assert tables
    moto: Any = boto3.client("dynamodb")
    memory = Store(Dependency("dynamodb", MemoryDynamoDB(PREFIX)), PREFIX)
    return memory, Store(Dependency("dynamodb", moto), PREFIX)


def without_marks(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "operationId"}


@pytest.mark.parametrize("seed", range(3))
def test_every_answer_is_the_same(stores: tuple[Store, Store], seed: int) -> None:
    memory, moto = stores
    assert outcome(memory, seed) == outcome(moto, seed)


WHERE: Final[Sequence[Condition]] = (
    Condition(expression="#createdAt BETWEEN :low AND :high", values={"low": "02", "high": "06"}),
    Condition(expression="#createdAt >= :low", values={"low": "03"}),
    Condition(expression="#createdAt < :high", values={"high": "05"}),
    Condition(expression="begins_with(#createdAt, :zero)", values={"zero": "0"}),
)
KEEPING: Final[Sequence[Condition]] = (
    Condition(expression="size(#requests) = :none", values={"none": 0}),
    Condition(expression="attribute_exists(#note) AND size(#bookingId) > :few", values={"few": 3}),
    Condition(expression="attribute_type(#note, :type)", values={"type": "NULL"}),
    Condition(expression="#note <> :note", values={"note": "aa"}),
)


def bookings() -> list[dict[str, Any]]:
    """Return rows that an index has, and some that it has not."""
    return [
        {
            "bookingId": f"b-{number}",
            "requests": {"b": number} if number % 2 else {},
            **({"therapistId": f"t-{number % 2}"} if number != 7 else {}),
            **({"createdAt": f"{number // 2:02}"} if number != 8 else {}),
            **({"note": None if number % 3 else "a" * (number % 4)} if number % 5 else {}),
        }
        for number in range(16)
    ]


def pages_of(store: Store, where: Condition) -> list[Any]:
    """Return what an index has, three by three."""
    found: list[Any] = []
    start: Mapping[str, Any] | None = None
    while True:
        page = store.query("bookings", where=where, index="byTherapist", limit=3, start=start)
        found += page.items
        start = page.next_key
        if start is None:
            return found


def test_an_index_is_read_the_same_in_whole_in_pages_and_in_part(stores: tuple[Store, Store]) -> None:
    therapist = Condition(expression="#therapistId = :therapist", values={"therapist": "t-0"})
    answers = []
    for store in stores:
        store.put_all("bookings", bookings())
        whole = pages_of(store, therapist)
        assert len(whole) == store.count("bookings", where=therapist, index="byTherapist") == 7
        for where in WHERE:
            whole += pages_of(store, therapist & where)
        in_part = [
            store.query("bookings", where=therapist & where, index="byTherapist", filtered_by=filtered_by).items
            for where in WHERE
            for filtered_by in KEEPING
        ]
        answers.append((whole, in_part))
    assert answers[0] == answers[1]
    assert sum(bool(rows) for rows in answers[0][1]) > 12


def test_a_scan_has_every_row_once_and_a_batch_what_it_asks_for(stores: tuple[Store, Store]) -> None:
    scanned, gotten = [], []
    for store in stores:
        store.put_all("bookings", bookings())
        found: list[Any] = []
        start: Mapping[str, Any] | None = None
        while True:
            page = store.scan("bookings", start=start, limit=5)
            found += page.items
            start = page.next_key
            if start is None:
                break
        scanned.append(sorted(found, key=lambda item: str(item["bookingId"])))
        gotten.append(store.batch_get([("bookings", {"bookingId": each}) for each in ("b-3", "b-99", "b-1")]))
    assert scanned[0] == scanned[1] == sorted(bookings(), key=lambda item: str(item["bookingId"]))
    assert gotten[0] == gotten[1]


def test_what_the_service_refuses_to_read_changes_nothing(stores: tuple[Store, Store]) -> None:
    """An update below an attribute that is not there, and a transaction that names a row twice."""
    row = Put(label="row", table="claims", item={"claimKey": "k", "claimId": "1"}, condition=absent("claimKey"))
    nested = Update(
        label="nested",
        table="claims",
        key={"claimKey": "k", "claimId": "2"},
        condition=absent("claimKey"),
        assign={"holds.b-1": 1},
    )
    for store in stores:
        for other in (nested, row):
            with pytest.raises(ClientError):
                store.transact([row, other])
        with pytest.raises(ClientError):
            store.write(nested)
        assert store.scan("claims").items == []


def test_a_token_that_was_used_does_nothing_again_unless_told_to_forget() -> None:
    memory = MemoryDynamoDB()
    heard: list[Any] = []
    memory.streams = lambda *change: heard.append(change)
    put = {"Put": {"TableName": "claims", "Item": {"claimKey": {"S": "k"}, "claimId": {"S": "1"}}}}
    for _ in range(2):
        memory.transact_write_items(TransactItems=[put], ClientRequestToken="once")
    assert heard == [("claims", None, put["Put"]["Item"])]

    memory.forgets_tokens = True
    held = {**put["Put"], "ConditionExpression": "attribute_not_exists(#key)"}
    held["ExpressionAttributeNames"] = {"#key": "claimKey"}
    with pytest.raises(ClientError):
        memory.transact_write_items(TransactItems=[{"Put": held}], ClientRequestToken="once")
