"""Dollars for bookings, out of the units that a test counts and a table of prices that you can change.

    python -m bench.cost --prices bench/prices.toml

Calls and write units are those of tests/integration/test_costs.py, which fails when they rise. Read units follow from
the items of each read, one a strongly read item below 4 KB. The naive design is the one of tutorials: a write at a
time without conditions, whole items in every index, counters in the room, a flag on every message, and a look for
overlaps by query.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from tests.integration.test_costs import COSTS
from tools.command_line import OneLineParser

TRAIL: Final = 2
"""Write units of an entry in the audit log, which the stream's reader writes for every step."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What something asks of AWS."""

    writes: float = 0
    reads: float = 0
    requests: float = 0
    frames: float = 0
    invocations: float = 0
    events: float = 0

    def times(self, number: float) -> "Work":
        """Return this work so many times."""
        return Work(**{name: getattr(self, name) * number for name in self.__slots__})

    def __add__(self, other: "Work") -> "Work":
        """Return both."""
        return Work(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


def step(name: str, *, reads: float) -> Work:
    """Return a step of a booking: the command with its authorizer, and what the streams' reader makes of it."""
    return Work(writes=COSTS[name][1] + TRAIL, reads=reads + 2, requests=1, invocations=4, events=1)


CREATED: Final = step("create a booking", reads=5)
LIFE: Final = CREATED + step("accept", reads=3) + step("complete", reads=3) + Work(writes=TRAIL, invocations=1)
MESSAGE: Final = Work(writes=COSTS["send a message"][1], reads=4, frames=3, invocations=2)
READ_MARK: Final = Work(writes=COSTS["mark as read"][1], reads=3, frames=3, invocations=1)
PAGE_VIEW: Final = Work(reads=4, requests=1, invocations=1.3)
NAIVE_LIFE: Final = (
    # A booking of 1.1 KB with four whole indexes, a room with three, three messages, a notification; then two steps.
    Work(writes=10 + 4 + 6 + 2, reads=3 + 13, requests=1, invocations=2)
    + Work(writes=10 + 4 + 2 + 2, reads=4, requests=1, invocations=2).times(2)
)
SCHEDULES: Final = "schedules and their traces"
WATCHING: Final = "metrics, alarms, the dashboard"
KEYS: Final = "keys and secrets"
QUEUES: Final = "asking empty queues"
POLLS: Final = 5 * 3
"""A minute and queue: Lambda keeps five requests open to each, of twenty seconds."""
FIREWALL: Final = "firewall"
NAIVE_MESSAGE: Final = Work(writes=2 + 4 + 1, reads=4, frames=3, invocations=1)
"""The message with its index, last message and unread count in a room with three whole indexes, the reader's count."""
NAIVE_READ_MARK: Final = Work(writes=2 * 2.5 + 4, reads=3, frames=3, invocations=1)
"""A flag on each of two or three messages with their index, and the count in the room."""


def dollars(work: Work, prices: Mapping[str, Any]) -> dict[str, float]:
    """Return what work costs by service."""
    million, each, usage = prices["million"], prices["each"], prices["usage"]
    seconds = work.invocations * usage["warm_milliseconds"] / 1_000
    return {
        "DynamoDB writes": work.writes * million["write_units"] / 1e6,
        "DynamoDB reads": work.reads * million["read_units"] / 1e6,
        "API Gateway": (work.requests * million["rest_requests"] + work.frames * million["websocket_messages"]) / 1e6,
        "Lambda": work.invocations * million["invocations"] / 1e6 + seconds * each["gigabyte_second"],
        "logs, traces": work.invocations * usage["log_kilobytes"] / 1e6 * each["log_gigabyte"]
        + work.requests * usage["trace_share"] * million["traces"] / 1e6,
        "events, firewall": (work.events * million["events"] + work.requests * million["firewall_requests"]) / 1e6,
    }


def booking(prices: Mapping[str, Any]) -> dict[str, float]:
    """Return what one booking costs from the first look to its completion, with its chat, by service."""
    usage = prices["usage"]
    found = dollars(
        LIFE
        + MESSAGE.times(usage["messages"])
        + READ_MARK.times(usage["read_marks"])
        + PAGE_VIEW.times(usage["page_views"]),
        prices,
    )
    found["API Gateway"] += usage["connected_minutes"] * prices["million"]["connection_minutes"] / 1e6
    return found


def every_month(prices: Mapping[str, Any]) -> dict[str, float]:
    """Return what the system costs in a month in which nothing happens.

    X-Ray traces the first request of each second, so every run of a schedule.
    """
    each, usage, minutes = prices["each"], prices["usage"], 30 * 24 * 60
    runs = usage["schedules"]
    swept = sum(dollars(Work(reads=15, invocations=runs), prices).values())
    swept += runs * (prices["million"]["traces"] + prices["million"]["scheduled"]) / 1e6
    return {
        SCHEDULES: swept * minutes,
        WATCHING: usage["metrics"] * each["metric"] + usage["alarms"] * each["alarm"] + each["dashboard"],
        KEYS: usage["keys"] * each["key"] + usage["secrets"] * each["secret"],
        QUEUES: usage["queues"] * POLLS * minutes * prices["million"]["queue_requests"] / 1e6,
        FIREWALL: each["firewall"],
    }


def snapshots_every_month(prices: Mapping[str, Any]) -> float:
    """Return what it costs to keep one version of each function that starts from a snapshot, without restores."""
    return float(prices["usage"]["snapshots"] * prices["each"]["snapshot_gigabyte_second"] * 30 * 24 * 3600)


def report(prices: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    ours, fixed = booking(prices), sum(every_month(prices).values())
    per_thousand = sum(ours.values()) * 1_000
    therapist = prices["usage"]["bookings_of_a_therapist"]
    yield "| of a thousand bookings | dollars |"
    yield "|---|---:|"
    yield from (f"| {service} | {cost * 1_000:.3f} |" for service, cost in ours.items())
    yield f"| **together** | **{per_thousand:.2f}** |"
    yield ""
    yield "| of a month, whatever happens | dollars |"
    yield "|---|---:|"
    yield from (f"| {what} | {cost:.2f} |" for what, cost in every_month(prices).items())
    yield f"| **together** | **{fixed:.2f}** |"
    yield f"| SnapStart, if it is on, for each version that is there | {snapshots_every_month(prices):.2f} |"
    yield ""
    yield "| bookings a day | dollars a month | for each booking | for each therapist and month |"
    yield "|---:|---:|---:|---:|"
    for daily in (10, 1_000, 100_000):
        month = fixed + per_thousand * daily * 30 / 1_000
        share = month / (daily * 30)
        yield f"| {daily:,} | {month:,.0f} | {share:.4f} | {share * therapist:.2f} |"
    yield ""
    yield "| DynamoDB of a million | write units each | dollars | naive: write units each | dollars |"
    yield "|---|---:|---:|---:|---:|"
    for what, mine, naive in (
        ("bookings, created to completed", LIFE, NAIVE_LIFE),
        ("messages", MESSAGE, NAIVE_MESSAGE),
        ("read marks", READ_MARK, NAIVE_READ_MARK),
    ):
        costs = [dollars(work.times(1e6), prices) for work in (mine, naive)]
        tables = [cost["DynamoDB writes"] + cost["DynamoDB reads"] for cost in costs]
        yield f"| {what} | {mine.writes:.0f} | {tables[0]:.2f} | {naive.writes:.0f} | {tables[1]:.2f} |"


def main() -> None:
    """Print what it costs."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--prices", type=Path, default=Path(__file__).with_name("prices.toml"))
    asked = options.parse_args()
    print("\n".join(report(tomllib.loads(asked.prices.read_text(encoding="utf-8")))))


if __name__ == "__main__":
    main()
