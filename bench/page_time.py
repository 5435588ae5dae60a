"""How long a page of messages takes in rooms of 100, 10,000 and 1,000,000 messages.

    python -m bench.page_time --sizes 100 10000 1000000

Starts a system of its own and fills a room for each size (a million messages take the emulator about a quarter of an
hour and 6 GiB), then reads pages of 50 in turn from all of them, so that the machine's moods meet each alike: the
newest, one in the middle, one forward by `after`, and a search. Prints medians, 95th percentiles, and
their ratio to the shortest room. A search looks through 2,000 messages at most before it answers with a cursor, so it
is to be compared between the longer rooms. Nobody is told of the messages: the stream of their table is off here.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import boto3
import httpx

from marketplace.chat.message import Message, MessageType
from marketplace.platform.caller import Role
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.attribute_values import to_item
from marketplace.platform.dynamodb.records import to_record
from tests.local.running import Start, free_port, started
from tools.command_line import OneLineParser
from tools.local.outputs import Outputs
from tools.local.person import Person, expect, guest

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_dynamodb.type_defs import WriteRequestTypeDef

SIZES: Final = (100, 10_000, 1_000_000)
OPENING: Final = 3
"""Messages that a room opens with."""
WRITERS: Final = 4
BATCH: Final = 25
STRETCH: Final = 400
PATIENCE: Final = 40
WARM_UP: Final = 3
READS: Final = ("newest", "middle", "after", "search")


def query_of(read: str, size: int) -> dict[str, str | int]:
    """Return the query string of a read in a room of a size."""
    match read:
        case "middle":
            return {"before": size // 2 + 1}
        case "after":
            return {"after": size // 2}
        case "search":
            return {"search": "needle"}
        case _:
            return {}


def filled_room(outputs: Outputs, customer: Person, size: int, number: int) -> str:
    """Open a room and write messages into it behind the doors, as many as make ``size``; return its id."""
    body = {
        "therapistId": ["t-ayu", "t-budi", "t-citra", "p-ubud-spa"][number % 4],
        "bookingType": "immediate",
        "duration": 60,
        "customerName": "Bench",
        "customerWhatsApp": f"+62812{time.time_ns() % 10**8:08d}",
        "location": {"address": "Ubud"},
        "confirmOtherPending": True,
    }
    created = expect(customer.post("/bookings", body), 201)
    room_id = str(created["room"]["conversationId"])
    dynamodb = _dynamodb(outputs)
    dynamodb.update_item(
        TableName=outputs.tables["chat_rooms"],
        Key={"conversationId": {"S": room_id}},
        UpdateExpression="SET lastSequence = :size",
        ExpressionAttributeValues={":size": {"N": str(size)}},
    )

    def write(requests: tuple[Any, ...]) -> None:
        dynamodb.batch_write_item(RequestItems={outputs.tables["chat_messages"]: list(requests)})

    messages = _messages(room_id, str(created["booking"]["bookingId"]), customer.user_id, size)
    with ThreadPoolExecutor(WRITERS) as threads:
        for stretch in batched(batched(messages, BATCH, strict=False), STRETCH, strict=False):
            list(threads.map(write, stretch))
    return room_id


def _dynamodb(outputs: Outputs) -> "DynamoDBClient":
    return boto3.client(
        "dynamodb",
        endpoint_url=outputs.aws_endpoint_url,
        region_name=outputs.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator takes any
    )


def _messages(room_id: str, booking_id: str, customer_id: str, size: int) -> "Iterator[WriteRequestTypeDef]":
    """Yield the writing of each message behind those that a room opens with; one in forty has what is looked for."""
    now = datetime.now(UTC)
    message = Message(
        conversation_id=room_id,
        sequence=1,
        sender_id=customer_id,
        sender_name="Bench",
        sender_role=Role.CUSTOMER,
        receiver_id="t-ayu",
        receiver_role=Role.THERAPIST,
        message="",
        message_type=MessageType.TEXT,
        booking_id=booking_id,
        timestamp=now,
        client_message_id="",
    )
    row = to_item({**to_record(message), "timestamp": format_utc(now)})
    for sequence in range(OPENING + 1, size + 1):
        text = f"Message {sequence}: a sentence of the usual length" + (" with a needle" if sequence % 40 == 0 else "")
        own = {"sequence": {"N": str(sequence)}, "message": {"S": text}, "clientMessageId": {"S": f"m-{sequence}"}}
        yield {"PutRequest": {"Item": {**row, **own}}}


def timed(read: Callable[[], httpx.Response]) -> float:
    """Return the milliseconds that a read takes; one that an overloaded machine refuses is asked for again."""
    for _ in range(PATIENCE):
        started_at = time.perf_counter()
        response = read()
        taken = time.perf_counter() - started_at
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            expect(response, HTTPStatus.OK)
            return taken * 1_000
        time.sleep(int(response.headers.get("Retry-After", "1")))
    message = f"refused {PATIENCE} times"
    raise RuntimeError(message)


def _page(customer: Person, room_id: str, query: Mapping[str, str | int]) -> httpx.Response:
    return customer.get(f"/rooms/{room_id}/messages", **query)


def report(sizes: Sequence[int], *, rounds: int) -> Iterator[str]:
    """Start a system, fill the rooms, read them in turn, and yield the lines of a report, in Markdown."""
    with ExitStack() as closing:
        folder = Path(closing.enter_context(TemporaryDirectory(prefix="bench-")))
        outputs = closing.enter_context(started(Start(port=free_port(), folder=folder, kept=False)))
        _dynamodb(outputs).update_table(
            TableName=outputs.tables["chat_messages"], StreamSpecification={"StreamEnabled": False}
        )
        customer = guest(outputs)
        closing.callback(customer.close)
        rooms = {size: filled_room(outputs, customer, size, number) for number, size in enumerate(sizes)}
        times: dict[tuple[str, int], list[float]] = {}
        for turn in range(rounds + WARM_UP):
            for size, room_id in rooms.items():
                for name in READS:
                    taken = timed(partial(_page, customer, room_id, query_of(name, size)))
                    if turn >= WARM_UP:
                        times.setdefault((name, size), []).append(taken)
    yield "| page | messages in the room | median ms | p95 ms | × shortest room |"
    yield "|---|---:|---:|---:|---:|"
    for name in READS:
        base = statistics.median(times[name, sizes[0]])
        for size in sizes:
            found = times[name, size]
            p95 = statistics.quantiles(found, n=20)[-1]
            median = statistics.median(found)
            yield f"| {name} | {size:,} | {median:.1f} | {p95:.1f} | {median / base:.2f} |"


def main() -> None:
    """Fill, read, print."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    print("\n".join(report(chosen.sizes, rounds=chosen.rounds)))


if __name__ == "__main__":
    main()
