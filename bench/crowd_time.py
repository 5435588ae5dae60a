"""What one guest with many sockets costs everybody else, on the running system: acks, and rings of other therapists.

    python -m bench.crowd_time --outputs .local/outputs.json --sockets 1 100 300

The guest opens so many sockets and reads none of them, books three therapists at once, and another guest books a
fourth. Measured: from the fourth therapist's offer to their ring, and from a message of the guest's own therapist to
its ack. A stack that bounds the sockets of a person keeps ten of them open.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import connect

from bench.push_time import timed
from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, read_outputs
from tools.local.person import Person, Socket, expect, guest, member

CROWDED: Final = ("t-budi", "t-citra", "p-ubud-spa")
RUNG: Final = "t-ayu"
_SMALLEST_BUFFER: Final = 1
"""Messages that a socket takes before its reader is asked, so that one that reads nothing holds the sender up."""


def opened(who: Person, outputs: Outputs, closing: ExitStack) -> None:
    """Open a socket from which nothing is ever read."""
    ticket = expect(who.post("/chat-tickets"), 201)["ticket"]
    url = f"{outputs.web_socket_url}?ticket={ticket}"
    connection = connect(url, max_queue=_SMALLEST_BUFFER, ping_interval=None, close_timeout=0.2)
    closing.callback(connection.close)


def booked(customer: Person, therapist_id: str) -> dict[str, Any]:
    """Open an immediate booking with a therapist and return it."""
    body = {
        "therapistId": therapist_id,
        "bookingType": "immediate",
        "duration": 60,
        "customerName": "Bench",
        "customerWhatsApp": f"+62813{time.time_ns() % 10**8:08d}",
        "location": {"address": "Ubud"},
        "confirmOtherPending": True,
    }
    created: dict[str, Any] = expect(customer.post("/bookings", body), 201)["booking"]
    return created


def rung(customer: Person, crowd: Person, there: Socket) -> float:
    """Return the milliseconds from an offer to its ring, while the crowd books elsewhere."""
    elsewhere = [booked(crowd, therapist_id) for therapist_id in CROWDED]
    started = time.perf_counter()
    offer = booked(customer, RUNG)
    while there.wait_for("notification")["notification"]["bookingId"] != offer["bookingId"]:
        pass
    took = (time.perf_counter() - started) * 1_000
    for who, booking in ((customer, offer), *((crowd, each) for each in elsewhere)):
        expect(who.post(f"/bookings/{booking['bookingId']}/cancel"), 200)
    return took


def report(outputs: Outputs, sizes: list[int], times: int) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    yield "| sockets opened | ring of another therapist, median ms | longest | ack of theirs, median ms | longest |"
    yield "|---:|---:|---:|---:|---:|"
    with ExitStack() as closing:
        ayu, budi = (member(outputs, outputs.users[each]) for each in (RUNG, CROWDED[0]))
        crowd, customer = guest(outputs), guest(outputs)
        for person in (ayu, budi, crowd, customer):
            closing.callback(person.close)
        there = closing.enter_context(ayu.connected())
        theirs = closing.enter_context(budi.connected())
        has_opened = 0
        for size in sizes:
            while has_opened < size:
                opened(crowd, outputs, closing)
                has_opened += 1
            rings = [rung(customer, crowd, there) for _ in range(times)]
            own = booked(crowd, CROWDED[0])
            listening = closing.enter_context(crowd.connected())
            acks = [timed(theirs, listening, own["chatRoomId"], number)[0] for number in range(4 * times)]
            expect(crowd.post(f"/bookings/{own['bookingId']}/cancel"), 200)
            yield (
                f"| {size} | {statistics.median(rings):.0f} | {max(rings):.0f} "
                f"| {statistics.median(acks):.0f} | {max(acks):.0f} |"
            )


def main() -> None:
    """Print what a crowd of sockets costs."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--outputs", type=Path, default=Path(".local/outputs.json"))
    options.add_argument("--sockets", type=int, nargs="+", default=[1, 100, 300])
    options.add_argument("--times", type=int, default=5)
    asked = options.parse_args()
    for line in report(read_outputs(asked.outputs), asked.sockets, asked.times):
        print(line, flush=True)


if __name__ == "__main__":
    main()
