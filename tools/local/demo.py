"""`make demo`: one booking from the tap to the commission, as customer and therapist see it, side by side."""

import secrets
import sys
import textwrap
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tools.command_line import OneLineParser
from tools.local.outputs import Outputs, read_outputs
from tools.local.person import Socket, expect, guest, member

_COLUMN: Final = 54
_GAP: Final = "  │  "


def play(outputs: Outputs) -> None:
    """Play the booking against the running system and print what each side does and sees."""
    with ExitStack() as stack:
        customer = guest(outputs)
        stack.callback(customer.close)
        therapist = member(outputs, outputs.users["t-budi"])
        stack.callback(therapist.close)
        _say("CUSTOMER (a guest, English)", "THERAPIST Budi (Indonesian)")
        _say("─" * _COLUMN, "─" * _COLUMN)
        there = stack.enter_context(therapist.connected())
        _say("", "is online, WebSocket open")

        order = {
            "therapistId": "t-budi",
            "bookingType": "immediate",
            "duration": 90,
            "customerName": "Maya",
            "customerWhatsApp": f"+62812{secrets.randbelow(10**8):08}",
            "hotelVillaId": "h-tepi-sawah",
            "roomNumber": "7",
        }
        quote = expect(customer.post("/quotes", {k: order[k] for k in ("therapistId", "duration", "bookingType")}), 200)
        _say(f"asks for the price: {_rupiah(quote['price'])} for 90 minutes")
        created = expect(customer.post("/bookings", {**order, "quoteToken": quote["quoteToken"]}), 201)
        booking, conversation = created["booking"], created["booking"]["chatRoomId"]
        _say(f"books now → {booking['status']}, answer due {booking['responseDeadline'][11:19]} UTC")
        here = stack.enter_context(customer.connected(created["chatTicket"]))
        for message in created["messages"]:
            _say(f"💬 {message['message']}")

        ring = there.wait_for("notification")
        _say("", "🔔 rings" if ring.get("sound") else "is notified")
        offered = there.wait_for("booking", event="created")["booking"]
        _say("", f"sees {offered['duration']} minutes for {_rupiah(offered['price'])}, neither number nor room yet")

        accepted = expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
        _say("", f"accepts → {accepted['booking']['status']}, may call {accepted['booking']['customerWhatsApp']}")
        confirmed = here.wait_for("booking", event="confirmed")["booking"]
        _say(f"sees at once: {confirmed['status']}")

        _chat(here, there, conversation, "Hello! We are by the pool.", to_customer=False)
        _chat(there, here, conversation, "Baik, saya berangkat sekarang.", to_customer=True)

        completed = expect(therapist.post(f"/bookings/{booking['bookingId']}/complete"), 200)["booking"]
        _say("", f"completes the visit → {completed['status']}")
        _say(f"sees at once: {here.wait_for('booking', event='completed')['booking']['status']}")

        commission = accepted["commission"]
        share, price = _rupiah(commission["commissionAmount"]), _rupiah(commission["bookingAmount"])
        _say("", f"owes {share}, {commission['commissionRate']:.0%} of {price}: {commission['paymentStatus']}")
        _say("", f"due on {commission['paymentDeadline'][:10]}")


def _chat(sender: Socket, receiver: Socket, conversation: str, text: str, *, to_customer: bool) -> None:
    ack = sender.ask(
        {
            "action": "sendMessage",
            "conversationId": conversation,
            "clientMessageId": secrets.token_hex(8),
            "message": text,
        }
    )
    received = receiver.wait_for("message")["message"]
    while received["sequence"] != ack["sequence"]:
        received = receiver.wait_for("message")["message"]
    mine, theirs = f"✎ {text}  (message {ack['sequence']})", f"💬 {received['message']}"
    _say(*((theirs, mine) if to_customer else (mine, theirs)))


def _say(left: str, right: str = "") -> None:
    """Print one line of the transcript, each side wrapped to its column."""
    columns = [textwrap.wrap(text, _COLUMN) or [""] for text in (left, right)]
    height = max(len(column) for column in columns)
    for row in range(height):
        cells = [column[row] if row < len(column) else "" for column in columns]
        print(f"{cells[0]:<{_COLUMN}}{_GAP}{cells[1]}".rstrip(), flush=True)


def _rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")


def main() -> int:
    """Play it once."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--outputs", type=Path, required=True)
    chosen = parser.parse_args()
    try:
        outputs = read_outputs(chosen.outputs)
    except FileNotFoundError:
        print(f"nothing runs: there is no {chosen.outputs} (start with make run)", file=sys.stderr)
        return 1
    try:
        play(outputs)
    except AssertionError as unexpected:
        print(f"not as expected: {unexpected}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
