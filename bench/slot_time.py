"""How long the free times of thirty days take, in a calendar with bookings, on the running system.

    python -m bench.slot_time --outputs .local/outputs.json

Clients ask for one local date at a time. Printed are a day, warm and cold (every worker has been killed before), and
all thirty as a browser asks for them, six at once.
"""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tools.command_line import OneLineParser
from tools.local import workers
from tools.local.outputs import Outputs, read_outputs
from tools.local.person import Person, expect, guest, stranger

THERAPIST: Final = "t-budi"
MINUTES: Final = 60
DAYS: Final = 30
AT_ONCE: Final = 6
WARM_UP: Final = 3
SETTLE_SECONDS: Final = 1.0
COLD_ROUNDS: Final = 10


def dates(zone: str) -> list[str]:
    """Return the coming thirty local dates of a zone."""
    today = datetime.now(ZoneInfo(zone)).date()
    return [(today + timedelta(days=day)).isoformat() for day in range(1, DAYS + 1)]


def slots(somebody: Person, date: str) -> list[str]:
    """Return the free starts of a date."""
    answer = expect(somebody.get(f"/therapists/{THERAPIST}/slots", date=date, duration=MINUTES), 200)
    return [slot["start"] for slot in answer["slots"]]


def book_into(outputs: Outputs, days: list[str], closing: ExitStack) -> int:
    """Book the middle of every other day, and return how many bookings there are."""
    busy = days[::2]
    for date in busy:
        customer = guest(outputs)
        closing.callback(customer.close)
        free = slots(customer, date)
        body = {
            "therapistId": THERAPIST,
            "bookingType": "scheduled",
            "scheduledTime": free[len(free) // 2],
            "duration": MINUTES,
            "customerName": "Bench",
            "customerWhatsApp": f"+62814{time.time_ns() % 10**8:08d}",
            "location": {"address": "Ubud"},
        }
        booking = expect(customer.post("/bookings", body), 201)["booking"]
        closing.callback(customer.post, f"/bookings/{booking['bookingId']}/cancel")
    return len(busy)


def timed(somebody: Person, date: str) -> float:
    """Return the milliseconds that a date takes."""
    started = time.perf_counter()
    slots(somebody, date)
    return (time.perf_counter() - started) * 1_000


def timed_cold(somebody: Person, date: str, emulator: int) -> float:
    """Return the milliseconds that a date takes once every worker is dead.

    A request that was given to one of the dead is answered with 500, so it is asked again.
    """
    while True:
        while workers.kill_one(emulator):
            pass
        time.sleep(SETTLE_SECONDS)
        try:
            return timed(somebody, date)
        except AssertionError:
            continue


def timed_all(somebody: Person, days: list[str]) -> float:
    """Return the milliseconds that all dates take, six at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as browser:
        list(browser.map(partial(slots, somebody), days))
    return (time.perf_counter() - started) * 1_000


def report(outputs: Outputs, *, rounds: int) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    with ExitStack() as closing:
        somebody = stranger(outputs)
        closing.callback(somebody.close)
        days = dates(str(expect(somebody.get(f"/therapists/{THERAPIST}"), 200)["timeZone"]))
        booked = book_into(outputs, days, closing)
        for date in days:
            slots(somebody, date)
        warm = [timed(somebody, date) for _ in range(rounds) for date in days]
        together = [timed_all(somebody, days) for _ in range(rounds + WARM_UP)][WARM_UP:]
        emulator = workers.emulator_of(urlsplit(outputs.rest_url).port or 0)
        cold = [timed_cold(somebody, date, emulator) for date in days[:COLD_ROUNDS]] if emulator else []
    yield f"| {DAYS} days, {booked} bookings in them | median ms | p95 ms |"
    yield "|---|---:|---:|"
    yield _line("a day, warm", warm)
    yield from [_line("a day, cold", cold)] if cold else []
    yield _line(f"all days, {AT_ONCE} at once, warm", together)


def _line(what: str, times: list[float]) -> str:
    return f"| {what} | {statistics.median(times):.1f} | {statistics.quantiles(times, n=20)[-1]:.1f} |"


def main() -> None:
    """Book, ask, print."""
    options = OneLineParser(description=__doc__)
    options.add_argument("--outputs", type=Path, default=Path(".local/outputs.json"))
    options.add_argument("--rounds", type=int, default=10)
    asked = options.parse_args()
    print("\n".join(report(read_outputs(asked.outputs), rounds=asked.rounds)))


if __name__ == "__main__":
    main()
