"""How many bookings a day servers carry, and at how many they cost what our system does.

The prices and sizes of servers stand in bench/prices.toml; what a request takes of a processor is measured by
bench/alternative. A processor of the machine that measured is taken for one of the servers'.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench import cost

DAYS: Final = 30
SECONDS_A_DAY: Final = 86_400
MINUTES_A_DAY: Final = 1_440
STEPS: Final = 3
"""A booking is created, accepted and completed; accepting and completing are taken for as dear as creating."""


def of_a_booking(of_each: Mapping[str, float], usage: Mapping[str, float]) -> float:
    """Return the milliseconds of CPU of a booking's life; a read mark is taken for a message, any view for a page."""
    chat = (usage["messages"] + usage["read_marks"]) * of_each["send"]
    return STEPS * of_each["create"] + chat + usage["page_views"] * of_each["page"]


def carried(setup: Mapping[str, Any], prices: Mapping[str, Any], server: float, database: float) -> tuple[float, str]:
    """Return the bookings a day that a set-up carries, and what it lacks for more.

    ``server`` and ``database`` are milliseconds of CPU of one booking's life.
    """
    spare, usage = prices["spare"], prices["usage"]
    if "database_processors" not in setup:
        server, database = server + database, 0
    seconds = SECONDS_A_DAY * spare["utilisation"] / spare["peak"]
    limits = {
        "processors of the server": setup["processors"] * 1_000 / server * seconds,
        "memory for sockets": setup["gigabytes_for_sockets"]
        * 1e6
        / spare["socket_kilobytes"]
        / spare["peak"]
        * MINUTES_A_DAY
        / usage["connected_minutes"],
    }
    if database:
        limits["processors of the database"] = setup["database_processors"] * 1_000 / database * seconds
    lack = min(limits, key=lambda each: limits[each])
    return limits[lack], lack


def equal_at(month: float, fixed: float, each: float) -> str:
    """Return from how many bookings a day on a month of servers is cheaper than ours, as words."""
    return f"{(month - fixed) / each / DAYS:,.0f}" if month > fixed else "the first"


def report(prices: Mapping[str, Any], *, server: Mapping[str, float], database: Mapping[str, float]) -> Iterator[str]:
    """Yield the lines of a report, in Markdown; the costs are milliseconds of CPU of a request of each kind."""
    of_server, of_database = (of_a_booking(each, prices["usage"]) for each in (server, database))
    fixed, each = cost.every_month(prices), sum(cost.booking(prices).values())
    bare = fixed[cost.SCHEDULES] + fixed[cost.KEYS] + fixed[cost.QUEUES]
    months = {setup["name"]: sum(setup["month"].values()) for setup in prices["servers"]}
    limits = {setup["name"]: carried(setup, prices, of_server, of_database) for setup in prices["servers"]}
    yield f"A booking's life takes {of_server:.0f} ms of the server and {of_database:.0f} ms of the database."
    yield ""
    yield (
        "| servers | dollars a month | carry, bookings a day | then lack | cheaper than ours from, bookings a day "
        "| than ours without firewall, metrics and alarms |"
    )
    yield "|---|---:|---:|---|---:|---:|"
    for name, month in months.items():
        most, lack = limits[name]
        whole, least = equal_at(month, sum(fixed.values()), each), equal_at(month, bare, each)
        yield f"| {name} | {month:.0f} | {most:,.0f} | {lack} | {whole} | {least} |"
    yield ""
    yield "| bookings a day | ours, dollars a month | " + " | ".join(months) + " |"
    yield "|---:" * (2 + len(months)) + "|"
    for daily in (10, 1_000, 10_000, 100_000):
        ours = sum(fixed.values()) + each * daily * DAYS
        theirs = (f"{month:,.0f}" if daily <= limits[name][0] else "carry less" for name, month in months.items())
        yield f"| {daily:,} | {ours:,.0f} | {' | '.join(theirs)} |"
