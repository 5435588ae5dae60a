"""How long a message takes from its sender to its receiver, with so many sockets open, on the running system.

    python -m bench.push_time --outputs .local/outputs.json --sockets 1 100

One booking's customer writes, its therapist receives; the other sockets belong to customers who only listen. Measured
from the sending of the frame to its ack, and to the receiver's frame.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, read_outputs
from tools.local.person import Person, Socket, expect, guest, member

WARM_UP = 5


def booked(customer: Person, therapist_id: str) -> dict[str, Any]:
    """Open a booking with a therapist and return it."""
    body = {
        "therapistId": therapist_id,
        "bookingType": "immediate",
        "duration": 60,
        "customerName": "Bench",
        "customerWhatsApp": f"+62813{time.time_ns() % 10**8:08d}",
        "location": {"address": "Ubud"},
    }
    created: dict[str, Any] = expect(customer.post("/bookings", body), 201)["booking"]
    return created


def timed(here: Socket, there: Socket, room: str, number: int) -> tuple[float, float]:
    """Send a message and return the milliseconds to its ack and to its receiver."""
    message_id = f"push-{time.time_ns()}-{number}"
    frame: dict[str, Any] = {
        "action": "sendMessage",
        "conversationId": room,
        "clientMessageId": message_id,
        "message": "On my way.",
    }
    started = time.perf_counter()
    here.send(frame)
    here.wait_for("ack", clientMessageId=message_id)
    acknowledged = time.perf_counter() - started
    while True:
        received = there.wait_for("message")
        if received["message"]["clientMessageId"] == message_id:
            return acknowledged * 1_000, (time.perf_counter() - started) * 1_000


def report(outputs: Outputs, sizes: list[int], messages: int) -> Iterator[str]:
    """Yield the lines of a report, in Markdown."""
    yield "| sockets beside the sender's | ack, median ms | ack, p95 | at the receiver, median ms | p95 |"
    yield "|---:|---:|---:|---:|---:|"
    with ExitStack() as closing:
        therapist, customer = member(outputs, outputs.users["t-citra"]), guest(outputs)
        closing.callback(therapist.close)
        closing.callback(customer.close)
        booking = booked(customer, "t-citra")
        closing.callback(customer.post, f"/bookings/{booking['bookingId']}/cancel")
        room = booking["chatRoomId"]
        here = closing.enter_context(customer.connected())
        there = closing.enter_context(therapist.connected())
        listening = 0
        for size in sizes:
            while listening < size - 1:
                listener = guest(outputs)
                closing.callback(listener.close)
                closing.enter_context(listener.connected())
                listening += 1
            times = [timed(here, there, room, number) for number in range(messages + WARM_UP)][WARM_UP:]
            acks, arrivals = zip(*times, strict=True)
            yield (
                f"| {size} | {statistics.median(acks):.1f} | {statistics.quantiles(acks, n=20)[-1]:.1f} "
                f"| {statistics.median(arrivals):.1f} | {statistics.quantiles(arrivals, n=20)[-1]:.1f} |"
            )


def main() -> None:
    """Print how long messages take."""
    options = OneLineParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--outputs", type=Path, default=Path(".local/outputs.json"))
    options.add_argument("--sockets", type=int, nargs="+", default=[1, 100])
    options.add_argument("--messages", type=int, default=40)
    asked = options.parse_args()
    print("\n".join(report(read_outputs(asked.outputs), asked.sockets, asked.messages)))


if __name__ == "__main__":
    main()
