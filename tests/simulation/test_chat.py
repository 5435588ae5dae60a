"""However often people are cut off, what they end up with is the conversation as it was written: whole and in order."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from copy import replace
from datetime import UTC, datetime
from itertools import count, groupby, pairwise
from typing import Any, Final, Self

import pytest

from marketplace import bootstrap
from marketplace.booking.model import BookingStatus
from marketplace.booking.repository import booking_record
from marketplace.chat import repository as rooms
from marketplace.chat.model import room_for
from marketplace.chat.rows import room_record
from marketplace.identity.signing_key import SigningKeys
from marketplace.platform import settings
from marketplace.platform.aws import sockets
from marketplace.platform.caller import Caller
from marketplace.platform.dynamodb.attribute_values import from_item, to_item
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import Dependency
from marketplace.platform.runtime import observability
from tests.cloudformation import load_template
from tests.offers import OFFER
from tests.simulation.chat import CUSTOMER, THERAPIST, Chat, Device
from tests.tables_in_memory import MemoryDynamoDB

PREFIX: Final = "simulated-"
CUTS: Final = 1_000
SEEDS: Final = range(10)
ROOM: Final = "r-1"
_SETTINGS_OF_THEIR_OWN: Final = frozenset(
    {
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_LOG_LEVEL",
        "TABLE_PREFIX",
        "RESPONSE_WINDOW_SECONDS",
        "COMMISSION_RATE_BPS",
        "COMMISSION_DUE_DAYS",
        "CHAT_RETENTION_DAYS",
        "MEDIA_RETENTION_DAYS",
        "RATE_LIMIT_SCALE",
        "REQUIRE_ADMIN_MFA",
        "ALLOWED_ORIGINS",
    }
)
ENVIRONMENT: Final = {
    "POWERTOOLS_METRICS_NAMESPACE": "Simulation",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "TABLE_PREFIX": PREFIX,
    "RESPONSE_WINDOW_SECONDS": "900",
    "COMMISSION_RATE_BPS": "3000",
    "COMMISSION_DUE_DAYS": "7",
    "CHAT_RETENTION_DAYS": "180",
    "MEDIA_RETENTION_DAYS": "30",
    "RATE_LIMIT_SCALE": "1000000",
    "REQUIRE_ADMIN_MFA": "false",
    "ALLOWED_ORIGINS": "https://web.example.com",
    **{
        name: "simulated"
        for name in load_template()["Globals"]["Function"]["Environment"]["Variables"]
        if name not in _SETTINGS_OF_THEIR_OWN
    },
}


class InOneThread:
    """An executor without threads, so that a seed decides everything."""

    def __init__(self, max_workers: int, thread_name_prefix: str = "") -> None:
        del max_workers, thread_name_prefix

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def map(self, act: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        return [act(item) for item in items]

    def submit(self, act: Callable[..., Any], *given: object) -> Future[Any]:
        done = Future[Any]()
        try:
            done.set_result(act(*given))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            done.set_exception(error)
        return done


def open_room(memory: MemoryDynamoDB) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    booking = replace(
        OFFER,
        therapist_id=THERAPIST.user_id,
        customer_id=CUSTOMER.user_id,
        status=BookingStatus.CONFIRMED,
        created_at=now,
        updated_at=now,
        confirmed_at=now,
    )
    memory.tables[PREFIX + "bookings"].put(to_item(booking_record(booking)))
    memory.tables[PREFIX + "chat_rooms"].put(to_item(room_record(room_for(booking))))


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryDynamoDB]:
    made = MemoryDynamoDB(PREFIX)
    open_room(made)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(sockets, "ThreadPoolExecutor", InOneThread)
    _forget_cached()
    yield made
    _forget_cached()


def simulated(memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch, seed: int, people: list[Caller]) -> Chat:
    chat = Chat(seed, ROOM, people, memory)
    store = Store(Dependency("dynamodb", chat.tables), PREFIX)
    monkeypatch.setattr(bootstrap, "store", lambda: store)
    monkeypatch.setattr(bootstrap, "client", lambda *_: chat)
    monkeypatch.setattr(bootstrap, "signing_keys", lambda: SigningKeys(lambda _: "s" * 64))
    return chat


def _forget_cached() -> None:
    for module in (bootstrap, observability, settings):
        for factory in vars(module).values():
            if hasattr(factory, "cache_clear"):
                factory.cache_clear()


# What must hold; each is a pure function that returns its violations ----------------------------------------------


def violations(stored: list[dict[str, Any]], devices: list[Device]) -> list[str]:
    """Return what is lost, doubled, out of order, or was never said."""
    return [*_of_the_sequence(stored), *(found for device in devices for found in _of(device, stored))]


def _of_the_sequence(stored: list[dict[str, Any]]) -> Iterator[str]:
    if [message["sequence"] for message in stored] != list(range(1, len(stored) + 1)):
        yield "the sequence has gaps"
    if any(one["timestamp"] > other["timestamp"] for one, other in pairwise(stored)):
        yield "time runs backwards"
    for (sender, said), times in Counter((each["senderId"], each["clientMessageId"]) for each in stored).items():
        if times > 1:
            yield f"{sender} said {said} twice"


def _of(device: Device, stored: list[dict[str, Any]]) -> Iterator[str]:
    by_client_id = {each["clientMessageId"]: each for each in stored if each["senderId"] == device.owner.user_id}
    for said, sequence in device.acks.items():
        if said not in by_client_id:
            yield f"{said} was acknowledged and is lost"
        elif by_client_id[said]["sequence"] != sequence:
            yield f"{said} was acknowledged elsewhere"
    own = [each["clientMessageId"] for each in stored if str(each["clientMessageId"]).startswith(f"{device.name}-")]
    if own != [f"{device.name}-{number}" for number in range(1, device.written + 1)]:
        yield f"{device.name} wrote otherwise, or in another order"
    if [by_client_id[said]["message"] for said in own] != [device.texts[said] for said in own]:
        yield f"{device.name} meant something else in the end"
    shown = [device.seen[sequence] for sequence in sorted(device.seen)]
    names = ("sequence", "senderId", "message", "clientMessageId", "timestamp", "revision", "deleted")
    if [[each[name] for name in names] for each in shown] != [[each[name] for name in names] for each in stored]:
        yield f"{device.name} shows something else"


def of_the_revisions(changes: list[dict[str, Any]], stored: list[dict[str, Any]], devices: list[Device]) -> list[str]:
    """Return what is wrong with the changes of a room: one is missing, made twice, or of no message."""
    found = []
    if sorted(each["revision"] for each in changes) != list(range(1, sum(each.changed for each in devices) + 1)):
        found.append("the revisions are not those of the changes that were wanted, each once")
    latest = {each["sequence"]: 0 for each in stored}
    for each in changes:
        latest[each["sequence"]] = max(latest[each["sequence"]], each["revision"])
    found += [
        f"{each['sequence']} is of another revision" for each in stored if each["revision"] != latest[each["sequence"]]
    ]
    found += [f"{each.name} missed a change" for each in devices if each.revision != len(changes)]
    return found


def unread_recounted(stored: list[dict[str, Any]], horizon: int, reader: Caller) -> int:
    return sum(1 for each in stored if each["sequence"] > horizon and each["senderId"] != reader.user_id)


def stored_messages(memory: MemoryDynamoDB) -> list[dict[str, Any]]:
    return [from_item(item) for item in memory.tables[PREFIX + "chat_messages"].everything()]


def stored_changes(memory: MemoryDynamoDB) -> list[dict[str, Any]]:
    return [from_item(item) for item in memory.tables[PREFIX + "chat_changes"].everything()]


# The tests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_or_out_of_order_in_a_thousand_cuts(
    memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chat = simulated(memory, monkeypatch, seed, [CUSTOMER, THERAPIST])
    chat.run(CUTS)

    stored = stored_messages(memory)
    assert len(stored) > CUTS / 2
    assert violations(stored, chat.devices) == []

    room = from_item(memory.tables[PREFIX + "chat_rooms"].everything()[0])
    assert room["lastSequence"] == len(stored)
    changes = stored_changes(memory)
    assert len(changes) > CUTS / 10
    assert of_the_revisions(changes, stored, chat.devices) == []
    assert room["lastRevision"] == len(changes)
    for person, attribute in ((CUSTOMER, "customerReadSequence"), (THERAPIST, "therapistReadSequence")):
        horizon = room[attribute]
        assert chat.horizons[person.user_id] <= horizon <= room["lastSequence"]
        assert room["lastSequence"] - horizon == unread_recounted(stored, horizon, person)


@pytest.mark.parametrize("fault", ["lost", "doubled", "moved"])
def test_the_checks_of_revisions_see_what_is_planted(
    memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    chat = simulated(memory, monkeypatch, 7, [CUSTOMER, THERAPIST])
    chat.run(100)
    changes, stored = stored_changes(memory), stored_messages(memory)
    assert of_the_revisions(changes, stored, chat.devices) == []
    match fault:
        case "lost":
            changes.pop()
        case "doubled":
            changes.append({**changes[0], "revision": len(changes) + 1})
        case _:
            changes[-1]["sequence"] = 1
    assert of_the_revisions(changes, stored, chat.devices)


@pytest.mark.parametrize("fault", ["lost", "doubled", "swapped", "moved"])
def test_the_checks_see_what_is_planted(memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    chat = simulated(memory, monkeypatch, 7, [CUSTOMER, THERAPIST])
    chat.run(20)
    stored = stored_messages(memory)
    match fault:
        case "lost":
            stored.pop()
        case "doubled":
            stored.append({**stored[0], "sequence": len(stored) + 1})
        case "swapped":
            stored[0], stored[1] = {**stored[1], "sequence": 1}, {**stored[0], "sequence": 2}
        case _:
            del stored[3]
    assert violations(stored, chat.devices)


def test_the_game_finds_a_store_that_forgets_what_it_has_taken(
    memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count()
    forgotten = {"claimKey": "message"}
    monkeypatch.setattr(rooms, "message_claim", lambda *_: ("claims", {**forgotten, "claimId": str(next(numbers))}))
    chat = simulated(memory, monkeypatch, 1, [CUSTOMER, THERAPIST])
    chat.run(50)
    assert any(found.endswith("twice") for found in violations(stored_messages(memory), chat.devices))


def test_the_same_seed_plays_the_same_game(memory: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = simulated(memory, monkeypatch, 3, [CUSTOMER, THERAPIST])
    chat.run(50)
    first = [each["message"] for each in stored_messages(memory)]
    again = MemoryDynamoDB(PREFIX)
    open_room(again)
    _forget_cached()
    chat = simulated(again, monkeypatch, 3, [CUSTOMER, THERAPIST])
    chat.run(50)
    assert [each["message"] for each in stored_messages(again)] == first
    assert len(list(groupby(first, key=lambda text: text.partition(" ")[0]))) > len(chat.devices)
