"""The tables in memory answer the store as moto does."""

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest

from marketplace.resilience import Dependency
from marketplace.storage.store import (
    Check,
    Condition,
    ConditionRefused,
    Delete,
    Put,
    Store,
    TransactionRefused,
    Update,
    absent,
    at_version,
    present,
)
from tests.simulation.memory import MemoryDynamoDB

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


def without_marks(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "operationId"}


@pytest.mark.parametrize("seed", range(3))
def test_every_answer_is_the_same(tables: Mapping[str, "Table"], seed: int) -> None:
    assert tables
    moto = Store(Dependency("dynamodb", boto3.client("dynamodb")), PREFIX)
    memory = Store(Dependency("dynamodb", MemoryDynamoDB(PREFIX)), PREFIX)
    assert outcome(memory, seed) == outcome(moto, seed)
