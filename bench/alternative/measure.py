"""Creating, sending and listing on FastAPI and PostgreSQL, beside the same of our functions.

    python -m bench.alternative.measure --requests 2000 --clients 8

First it proves the server right: races for one time, copies of one message, one key sent many times. Then it measures
with rows of a while in the tables. The processor time is that of the server and of all processes of PostgreSQL; ours
is that of the function alone, warm, with a stand-in for AWS, since what DynamoDB does in its place is paid by units.
Server and database share this machine and a socket of its file system: no network, no TLS, no second copy of the rows.
"""

import asyncio
import json
import statistics
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, Final, final

import asyncpg
import jwt
import msgspec

from bench import break_even
from bench.alternative.ours import our_costs
from bench.alternative.processes import Running, running
from bench.calls import ORDER
from marketplace.platform.caller import Role
from tools.command_line import OneLineParser
from tools.local.demo_data import THERAPISTS

RACERS: Final = 24
COPIES: Final = 20
PAGE: Final = 50
_NUMBERS: Final = count(1)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to the server."""

    path: str
    user_id: str
    body: Mapping[str, Any] | None = None
    key: str | None = None
    role: Role = Role.CUSTOMER


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one kind of request took: times of each in milliseconds, and milliseconds of CPU of each on the average."""

    a_second: float
    times: Sequence[float]
    server: float
    database: float


@final
class Clients:
    """People who ask the server, so many at once, each over a connection that stays open."""

    def __init__(self, running: Running, number: int) -> None:
        """Ask what is ``running`` with ``number`` clients."""
        self._running = running
        self._number = number
        self._own = threading.local()

    def ask(self, asked: Asked) -> tuple[int, Any, float]:
        """Return status, body and milliseconds of one request."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection("127.0.0.1", self._running.port)
        token = jwt.encode({"sub": asked.user_id, "role": asked.role.value}, self._running.token_key, "HS256")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if asked.key is not None:
            headers["Idempotency-Key"] = asked.key
        body = None if asked.body is None else json.dumps(asked.body)
        started = time.perf_counter()
        self._own.connection.request("GET" if body is None else "POST", asked.path, body, headers)
        response = self._own.connection.getresponse()
        content = response.read()
        taken = time.perf_counter() - started
        return response.status, json.loads(content), taken * 1_000

    def ask_all(self, every: Sequence[Asked]) -> list[tuple[int, Any, float]]:
        """Return the answers to requests that are made by all clients at once."""
        with ThreadPoolExecutor(self._number) as threads:
            return list(threads.map(self.ask, every))

    def measured(self, every: Sequence[Asked]) -> Cost:
        """Ask, and return what it took; each must succeed."""
        before, started = self._running.spent(), time.perf_counter()
        answers = self.ask_all(every)
        seconds, after = time.perf_counter() - started, self._running.spent()
        _demand({answer[0] for answer in answers} <= {200, 201}, "every measured request succeeds")
        server, database = ((end - start) / len(every) for start, end in zip(before, after, strict=True))
        times = [answer[2] for answer in answers]
        return Cost(a_second=len(every) / seconds, times=times, server=server, database=database)


def order(therapist_id: str, customer: int, key: str | None = None) -> Asked:
    """Return the request for an immediate visit by a customer with a number of their own."""
    body = {**ORDER, "therapistId": therapist_id, "customerWhatsApp": f"+62812{customer:08d}"}
    return Asked(path="/bookings", user_id=f"c-{customer}", body=body, key=key or f"tap-{customer}")


def message(room: str, customer: int, message_id: str) -> Asked:
    """Return the sending of a message by a customer."""
    body = {"clientMessageId": message_id, "message": "On my way: a sentence of the usual length."}
    return Asked(path=f"/rooms/{room}/messages", user_id=f"c-{customer}", body=body)


def page(room: str, customer: int) -> Asked:
    """Return the reading of a room's newest messages by a customer."""
    return Asked(path=f"/rooms/{room}/messages", user_id=f"c-{customer}")


def check(clients: Clients) -> None:
    """Prove that the server keeps the promises that ours keeps.

    Raises:
        AssertionError: it does not; the message says which.
    """
    raced = clients.ask_all([order("t-0", next(_NUMBERS)) for _ in range(RACERS)])
    _demand(sorted(answer[0] for answer in raced) == [201] + [409] * (RACERS - 1), "one of many gets a time")
    customer = next(_NUMBERS)
    repeated = clients.ask_all([order("t-1", customer)] * COPIES)
    _demand({answer[0] for answer in repeated} == {201}, "a repeat with its key succeeds")
    _demand(len({answer[1]["booking"]["bookingId"] for answer in repeated}) == 1, "a key opens one booking")
    reused = clients.ask(replace(order("t-1", customer), body={**ORDER, "therapistId": "t-2"}))
    _demand(reused[0] == 422, "a key belongs to one body")  # noqa: PLR2004 - as the contract says
    room = repeated[0][1]["room"]["conversationId"]
    copies = clients.ask_all([message(room, customer, "m-same")] * COPIES)
    _demand({(answer[0], answer[1]["sequence"]) for answer in copies} == {(201, 4)}, "copies are one message")
    clients.ask_all([message(room, customer, f"m-{each}") for each in range(RACERS)])
    read = clients.ask(page(room, customer))[1]["items"]
    _demand([each["sequence"] for each in read] == [*range(1, 4 + RACERS + 1)], "sequences have no gap")
    stranger = {clients.ask(each)[0] for each in (page(room, customer + 1), message(room, customer + 1, "m-x"))}
    _demand(stranger == {404}, "a stranger finds no room")


def _demand(holds: object, promise: str) -> None:
    if not holds:
        raise AssertionError(promise)


async def add_therapists(database: str, number: int) -> None:
    """Add therapists like the demo's first, all online."""
    connection = await asyncpg.connect(database)
    profile = msgspec.json.encode(THERAPISTS[0]).decode()
    await connection.execute(
        """INSERT INTO therapists SELECT id, $1::text::jsonb || jsonb_build_object('therapist_id', id)
        FROM (SELECT 't-' || n AS id FROM generate_series(0, $2::int) AS n) AS ids""",
        profile,
        number,
    )
    await connection.close()


async def fill(database: str) -> None:
    """Add the rows of a while, so that indexes are as deep as they would be."""
    connection = await asyncpg.connect(database)
    await connection.execute(Path(__file__).with_name("fill.sql").read_text(encoding="utf-8"))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def server_costs(requests: int, clients_at_once: int) -> dict[str, Cost]:
    """Start the server, prove it right, and return what each kind of request takes."""
    with running() as now_running:
        asyncio.run(add_therapists(now_running.database, 2 * requests + 10))
        check(Clients(now_running, RACERS))
        asyncio.run(fill(now_running.database))
        clients, therapists = Clients(now_running, clients_at_once), count(10)

        def orders(number: int) -> list[Asked]:
            return [order(f"t-{next(therapists)}", next(_NUMBERS)) for _ in range(number)]

        clients.ask_all(orders(requests // 10))  # until everything is warm
        wanted = orders(requests)
        costs = {"create": clients.measured(wanted)}
        rooms = [
            (answer[1]["room"]["conversationId"], int(asked.user_id.removeprefix("c-")))
            for asked, answer in zip(wanted[:PAGE], clients.ask_all(wanted[:PAGE]), strict=True)
        ]
        clients.ask_all([message(*room, f"warm-{each}") for each in range(PAGE) for room in rooms])
        chosen = [rooms[each % len(rooms)] for each in range(requests)]
        costs["send"] = clients.measured([message(*room, f"m-{each}") for each, room in enumerate(chosen)])
        costs["page"] = clients.measured([page(*room) for room in chosen])
        return costs


def report(prices: Mapping[str, Any], *, requests: int, clients: int) -> Iterator[str]:
    """Measure both, and yield the lines of a report, in Markdown."""
    costs, ours = server_costs(requests, clients), our_costs(rounds=3, calls=200)
    yield f"{requests:,} requests of each kind by {clients} clients on the same machine; CPU in milliseconds a request."
    yield "Ours is the function alone: DynamoDB, gateway and authorizer are paid by units, and the emulator is not AWS."
    yield ""
    yield "| | requests a second | median ms | p95 ms | CPU: server | PostgreSQL | both | our function | × both |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for kind, cost in costs.items():
        p95, both = statistics.quantiles(cost.times, n=20)[-1], cost.server + cost.database
        yield (
            f"| {kind} | {cost.a_second:,.0f} | {statistics.median(cost.times):.1f} | {p95:.1f} | {cost.server:.2f} "
            f"| {cost.database:.2f} | {both:.2f} | {ours[kind]:.2f} | {ours[kind] / both:.2f} |"
        )
    yield ""
    yield from break_even.report(
        prices,
        server={kind: cost.server for kind, cost in costs.items()},
        database={kind: cost.database for kind, cost in costs.items()},
    )


def main() -> None:
    """Measure and print."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--prices", type=Path, default=Path(break_even.__file__).with_name("prices.toml"))
    options.add_argument("--requests", type=int, default=2_000)
    options.add_argument("--clients", type=int, default=8)
    asked = options.parse_args()
    prices = tomllib.loads(asked.prices.read_text(encoding="utf-8"))
    print("\n".join(report(prices, requests=asked.requests, clients=asked.clients)))


if __name__ == "__main__":
    main()
