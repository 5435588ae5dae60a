"""The restore drill as on AWS: every table to one instant, judged, and nothing left behind."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.read_chat import handler as read_chat
from marketplace.chat.model import room_for
from marketplace.chat.rows import EPOCH_KEY, room_record
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import utc_now
from tests.events import Invocation, rest_event
from tests.integration.conftest import STACK
from tests.money_rows import ADMIN, AYU, confirmed_booking, keep
from tools.local.tables_read import Stack
from tools.ops.restore_drill import Drill, NoPastError, drilled

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


@pytest.fixture
def stack(tables: Mapping[str, "Table"]) -> Stack:
    dynamodb = boto3.client("dynamodb")
    for table in tables.values():
        dynamodb.update_continuous_backups(
            TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    return Stack(name=STACK, session=boto3.Session())


def restored(stack: Stack) -> list[tuple[str, datetime]]:
    """Return a list that tells, once something has been restored, which table and as of when."""
    asked: list[tuple[str, datetime]] = []

    def note(params: Mapping[str, Any], **_: object) -> None:
        asked.append((params["SourceTableName"].removeprefix(f"{STACK}-"), params["RestoreDateTime"]))

    stack.session.events.register("provide-client-params.dynamodb.RestoreTableToPointInTime", note)
    return asked


def names() -> set[str]:
    return set(boto3.client("dynamodb").list_tables()["TableNames"])


def test_every_table_is_restored_to_one_instant_judged_and_removed(stack: Stack, tables: Mapping[str, "Table"]) -> None:
    tables["commission_records"].put_item(Item={"bookingId": "b-lost"})
    before, asked = names(), restored(stack)

    shown, _ = drilled(stack, None, keep=False)

    assert {table for table, _ in asked} == set(tables)
    assert {at for _, at in asked} == {shown.at}
    assert shown.rows["commission_records"] == (1, 1)
    assert ("I1", "b-lost") in {(each.invariant, each.key) for each in shown.violations}
    assert names() == before


def test_a_named_instant_is_kept_to_and_the_copies_may_stay(stack: Stack, tables: Mapping[str, "Table"]) -> None:
    at, asked = datetime(2026, 11, 22, 8, 15, tzinfo=UTC), restored(stack)

    shown, suffix = drilled(stack, at, keep=True)

    assert {moment for _, moment in asked} == {at} == {shown.at}
    assert {f"{table.name}{suffix}" for table in tables.values()} <= names()
    Drill(stack, at)  # which takes copies for no tables of the stack
    assert {table for table, _ in asked} == set(tables)


def test_a_table_without_a_continuous_backup_is_named_and_nothing_is_restored(
    stack: Stack, tables: Mapping[str, "Table"]
) -> None:
    before, asked = names(), restored(stack)
    boto3.client("dynamodb").update_continuous_backups(
        TableName=tables["claims"].name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )

    with pytest.raises(ValueError, match="no continuous backup of claims"):
        drilled(stack, None, keep=False)

    assert (names(), asked) == (before, [])


def test_no_past_is_pretended_where_none_is_kept() -> None:
    stack = Stack(name=STACK, session=boto3.Session(), endpoint_url="http://127.0.0.1:1")

    with pytest.raises(NoPastError):
        Drill(stack, datetime(2026, 11, 22, tzinfo=UTC))


def test_after_tables_went_back_every_client_is_told_to_load_anew(stack: Stack, tables: Mapping[str, "Table"]) -> None:
    booking = confirmed_booking("b-1", at=utc_now())
    keep(tables, booking)
    tables["chat_rooms"].put_item(Item=room_record(room_for(booking)))

    def page(by: Caller, **query: str) -> tuple[int, dict[str, Any]]:
        room = {"conversationId": booking.chat_room_id}
        event = rest_event("GET", "/rooms/{conversationId}/messages", by=by, path=room, query=query)
        answer = read_chat.lambda_handler(event, Invocation())
        return answer["statusCode"], json.loads(answer["body"])

    people = [Caller(user_id=booking.customer_id, role=Role.CUSTOMER), AYU, ADMIN]
    known = [page(person)[1]["epoch"] for person in people]
    assert [page(each, epoch=epoch)[0] for each, epoch in zip(people, known, strict=True)] == [200] * 3

    _, suffix = drilled(stack, None, keep=True)
    bring_back("claims", suffix, tables)

    for person, epoch in zip(people, known, strict=True):
        status, problem = page(person, epoch=epoch)
        assert (status, problem["code"]) == (409, "history_reset")
        status, anew = page(person)
        assert (status, anew["epoch"] != epoch) == (200, True)
        assert page(person, epoch=anew["epoch"])[0] == 200


def test_each_restoration_has_an_epoch_of_its_own(stack: Stack, tables: Mapping[str, "Table"]) -> None:
    epochs = set()
    for _ in range(2):
        _, suffix = drilled(stack, None, keep=True)
        bring_back("claims", suffix, tables)
        item = tables["claims"].get_item(Key=EPOCH_KEY[1]).get("Item")
        assert item is not None
        epochs.add(item["epoch"])
    assert len(epochs) == 2


def bring_back(table: str, suffix: str, tables: Mapping[str, "Table"]) -> None:
    """Copy the rows of a restored table over the living one, as the procedure has it."""
    copies = boto3.resource("dynamodb").Table(f"{tables[table].name}{suffix}").scan()["Items"]
    for item in copies:
        tables[table].put_item(Item=item)
