"""The commands of docs/operating.md on the running stack: each sees what is broken, mends it, or proves it whole."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from boto3.dynamodb.conditions import Key

from marketplace.operations.invariants.catalogue import INVARIANTS
from tests.cloudformation import ROOT
from tests.local.chatting import talk
from tests.local.orders import booked
from tests.local.running import clean_environment
from tests.local.visits import free_starts
from tests.local.waiting import wait_until
from tests.local.world import World
from tools.local.outputs import write_outputs
from tools.local.person import Person, expect
from tools.ops.verify import stack_of, standing_violations

pytestmark = pytest.mark.timeout(600)

SETTLE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed booking with its people."""

    customer: Person
    therapist: Person
    booking_id: str
    room_id: str


@pytest.fixture
def confirmed(world: World) -> Confirmed:
    customer, therapist = world.guest(), world.therapist()
    booking = booked(customer, therapist.user_id)["booking"]
    expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    return Confirmed(customer, therapist, booking["bookingId"], booking["chatRoomId"])


@pytest.fixture
def command(world: World, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return what runs a target of make on the stack."""
    outputs = tmp_path / "outputs.json"
    write_outputs(outputs, world.outputs)

    def run(target: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--no-print-directory", target, f"OUTPUTS={outputs}", *(f"{n}={v}" for n, v in settings.items())],
            cwd=ROOT,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def broken_at(world: World, tmp_path: Path, *keys: str) -> set[tuple[str, str]]:
    """Return which invariants are broken at these keys."""
    outputs = tmp_path / "outputs.json"
    write_outputs(outputs, world.outputs)
    found, read = standing_violations(stack_of(outputs, ""), settle_seconds=SETTLE_SECONDS)
    assert read
    return {(each.invariant, each.key) for each in found if each.key in keys}


@contextmanager
def gone(world: World, table: str, key: dict[str, Any]) -> Iterator[None]:
    """Take a row away, and bring it back after the block."""
    stored = world.table(table)
    row = stored.get_item(Key=key, ConsistentRead=True)["Item"]
    stored.delete_item(Key=key)
    yield
    stored.put_item(Item=row)


def message_claim(_: World, one: Confirmed) -> dict[str, Any]:
    body = {"clientMessageId": "said-once", "message": "hello"}
    expect(one.customer.post(f"/rooms/{one.room_id}/messages", body), 201)
    return {"claimKey": f"message#{one.room_id}#{one.customer.user_id}", "claimId": "said-once"}


def a_sheet(world: World, one: Confirmed) -> dict[str, Any]:
    sheets = world.table("calendar").query(KeyConditionExpression=Key("therapistId").eq(one.therapist.user_id))["Items"]
    return {"therapistId": one.therapist.user_id, "day": sheets[0]["day"]}


LOSSES: Final[dict[str, tuple[str, Callable[[World, Confirmed], dict[str, Any]], str, str]]] = {
    "commission": ("commission_records", lambda _, one: {"bookingId": one.booking_id}, "I1", "booking"),
    "room": ("chat_rooms", lambda _, one: {"conversationId": one.room_id}, "I10", "booking"),
    "message": ("chat_messages", lambda _, one: {"conversationId": one.room_id, "sequence": 2}, "I12", "room"),
    "claim of a message": ("claims", message_claim, "I13", "room"),
    "day sheet": ("calendar", a_sheet, "I9", "booking"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_verify_names_what_was_lost_until_it_is_back(
    world: World, confirmed: Confirmed, tmp_path: Path, loss: str
) -> None:
    table, key_of, invariant, kind = LOSSES[loss]
    keys = {"booking": confirmed.booking_id, "room": confirmed.room_id}
    key = key_of(world, confirmed)
    assert broken_at(world, tmp_path, *keys.values()) == set()

    with gone(world, table, key):
        assert (invariant, keys[kind]) in broken_at(world, tmp_path, *keys.values())

    assert broken_at(world, tmp_path, *keys.values()) == set()


def test_make_verify_prints_a_table_that_ends_with_the_number_of_violations(
    world: World, confirmed: Confirmed, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with gone(world, "commission_records", {"bookingId": confirmed.booking_id}):
        ended = command("verify")

    lines = ended.stdout.splitlines()
    assert ended.returncode != 0
    assert f"I1   {confirmed.booking_id}: the confirmed booking has no commission record" in lines
    number = int(lines[-1].removeprefix("violations: "))
    assert number == sum(line.startswith("I") and ": " in line for line in lines)
    table = [line.split()[0] for line in lines if re.match(r"I\d+ +\d+  ", line)]
    assert table == list(INVARIANTS)


def test_verify_finds_nothing_wrong_with_reassigned_reversed_erased_and_declined_bookings(
    world: World, tmp_path: Path
) -> None:
    admin, customer, first, second = world.admin(), world.guest(), world.therapist(), world.therapist()
    start = free_starts(customer, first.user_id)[0]
    wandering = booked(customer, first.user_id, bookingType="scheduled", scheduledTime=start)["booking"]
    expect(first.post(f"/bookings/{wandering['bookingId']}/decline", {"reason": "too far"}), 200)
    expect(admin.post(f"/admin/bookings/{wandering['bookingId']}/reassign", {"therapistId": second.user_id}), 200)
    expect(second.post(f"/bookings/{wandering['bookingId']}/accept"), 200)
    expect(customer.post(f"/bookings/{wandering['bookingId']}/cancel"), 200)
    declined = booked(customer, first.user_id, discountCode="HEMAT10")["booking"]
    expect(first.post(f"/bookings/{declined['bookingId']}/decline"), 200)
    message = {"clientMessageId": "m-1", "message": "thank you"}
    completed = booked(customer, second.user_id, discountCode="HEMAT10")["booking"]
    expect(second.post(f"/bookings/{completed['bookingId']}/accept"), 200)
    expect(customer.post(f"/rooms/{completed['chatRoomId']}/messages", message), 201)
    expect(second.post(f"/bookings/{completed['bookingId']}/complete"), 200)
    keys = [each[name] for each in (wandering, declined, completed) for name in ("bookingId", "chatRoomId")]
    assert broken_at(world, tmp_path, *keys) == set()

    expect(customer.post("/privacy/erase", {"confirm": True}), 200)

    assert broken_at(world, tmp_path, *keys) == set()


@pytest.mark.parametrize("kind", ["immediate", "scheduled", "chat"])
def test_verify_finds_nothing_wrong_while_a_test_booking_comes_and_goes(
    world: World, tmp_path: Path, kind: str
) -> None:
    expect(world.admin().post("/admin/test-bookings", {"kind": kind}), 201)
    tests = [str(row["bookingId"]) for row in world.table("bookings").scan()["Items"] if row["isTest"]]

    assert broken_at(world, tmp_path, *tests, *(f"r-{each.removeprefix('b-')}" for each in tests)) == set()


def queue_of(world: World, name: str) -> str:
    """Return the address of a queue of the stack."""
    url: str = world.client("sqs").get_queue_url(QueueName=f"{world.outputs.stack_name}-{name}")["QueueUrl"]
    return url


def waiting_in(world: World, queue: str) -> int:
    """Return how many messages wait in a queue, those in sight of nobody included."""
    numbers = world.client("sqs").get_queue_attributes(
        QueueUrl=queue_of(world, queue),
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return sum(int(number) for number in numbers.values())


def audit_log_of(world: World, booking_id: str) -> list[dict[str, Any]]:
    """Return the entries of a booking's audit log."""
    return world.table("history").query(KeyConditionExpression=Key("entityId").eq(booking_id))["Items"]


def test_x16_a_poisoned_change_is_put_aside_delays_nobody_and_stays_until_it_is_mended(
    world: World, confirmed: Confirmed, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    bookings = world.table("bookings")
    sound = bookings.get_item(Key={"bookingId": confirmed.booking_id})["Item"]
    poisoned = f"{confirmed.booking_id}-poisoned"
    before = waiting_in(world, "parked-changes")
    bookings.put_item(Item={**sound, "bookingId": poisoned, "status": "unheard of"})
    try:
        wait_until(lambda: waiting_in(world, "parked-changes") == before + 1, within=60)
        after = booked(world.guest(), world.unattended_therapist().therapist_id)["booking"]["bookingId"]
        wait_until(lambda: len(audit_log_of(world, after)) == 1, within=60)

        ended = command("redrive")

        assert ended.returncode != 0, ended.stdout + ended.stderr
        assert f"a change of {bookings.name} {poisoned}" in ended.stdout
        assert waiting_in(world, "parked-changes") == before + 1
    finally:
        bookings.delete_item(Key={"bookingId": poisoned})
        take_out(world, "parked-changes", poisoned)


def take_out(world: World, queue: str, words: str) -> None:
    """Remove the messages with these words from a queue, as a person does who has dealt with them."""
    sqs, url = world.client("sqs"), queue_of(world, queue)
    deadline = time.monotonic() + 90
    while waiting_in(world, queue) and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=2).get(
            "Messages", []
        ):
            if words in message["Body"]:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return
        time.sleep(0.2)


def test_what_was_put_aside_is_told_by_redrive_once_its_cause_is_mended(
    world: World, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A message of the system in a room whose row nobody can read, until somebody has mended it."""
    world.client("sqs").purge_queue(QueueUrl=queue_of(world, "parked-changes"))  # what other tests have put aside
    with talk(world) as going_on:
        key = {"conversationId": going_on.room_id}
        room = world.table("chat_rooms").get_item(Key=key, ConsistentRead=True)["Item"]
        message = world.table("chat_messages").get_item(Key={**key, "sequence": 3}, ConsistentRead=True)["Item"]
        world.table("chat_rooms").put_item(Item={**room, "status": "unheard of"})
        world.table("chat_messages").put_item(Item={**message, "sequence": 4})
        wait_until(lambda: waiting_in(world, "parked-changes") > 0, within=60)
        world.table("chat_rooms").put_item(Item={**room, "lastSequence": 4})

        ended = command("redrive")

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert f" {going_on.room_id}" in ended.stdout
        for socket in (going_on.at_customer, going_on.at_therapist):
            assert socket.wait_for("message")["message"]["sequence"] == 4
    assert waiting_in(world, "parked-changes") == 0
    assert command("redrive").stdout == "done: 0\nstaying: 0\n"


def test_an_invocation_that_failed_for_good_is_carried_out_by_redrive(
    world: World, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Put aside as Lambda does it: the sweep of a minute in which the function could not run."""
    name = world.outputs.functions["ExpireBookingsFunction"]
    arn = world.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    message = {
        "version": "1.0",
        "requestContext": {"requestId": "r-1", "functionArn": f"{arn}:$LATEST", "condition": "RetriesExhausted"},
        "requestPayload": {"time": "2026-11-22T08:15:00Z"},
    }
    world.client("sqs").send_message(QueueUrl=queue_of(world, "failed-invocations"), MessageBody=json.dumps(message))
    time.sleep(0.1)

    ended = command("redrive")

    assert f"an invocation of {name}" in ended.stdout, ended.stdout + ended.stderr
    assert waiting_in(world, "failed-invocations") == 0


def test_the_restore_drill_brings_every_table_back_and_leaves_nothing_behind(
    world: World, confirmed: Confirmed, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ended = command("restore-drill")

    lines = ended.stdout.splitlines()
    assert lines[0].startswith("restored as of "), ended.stdout + ended.stderr
    restored = {line.split()[0] for line in lines if " rows of " in line}
    assert restored == set(world.outputs.tables)
    assert confirmed.booking_id not in ended.stdout
    assert lines[-1].startswith("violations: ")
    session = world.client("dynamodb")
    assert not [name for name in session.list_tables()["TableNames"] if "-restored-" in name]


def test_a_past_that_the_emulator_does_not_keep_is_not_pretended(
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ended = command("restore-drill", AT="2026-11-22T08:15:00Z")

    assert ended.returncode != 0
    assert "the emulator keeps no past" in ended.stderr


def test_a_short_soak_under_killed_workers_breaks_nothing(
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ended = command("soak", MINUTES="0.5")

    assert "load held:" in ended.stdout, ended.stdout + ended.stderr
    assert "faults injected:" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "violations: 0", ended.stdout
    assert ended.returncode == 0
