"""Book a visit as a guest, have it accepted, and chat: the whole client in one run.

Against the system of `make run`:

    python clients/python/examples/book_and_chat.py .local/outputs.json "$(make token USER_ID=t-budi)"
"""

import asyncio
import json
import secrets
import sys
from pathlib import Path

from marketplace_client import AsyncClient, ChatSocket
from marketplace_client.types import NewBooking


async def play(rest_url: str, web_socket_url: str, therapist_token: str) -> None:
    """Play both sides and print what each one sees."""
    async with AsyncClient(rest_url) as customer, AsyncClient(rest_url, token=therapist_token) as therapist:
        customer.token = (await customer.open_guest_session({"language": "en"}))["token"]
        order = NewBooking(
            therapistId=(await therapist.read_profile())["therapistId"],
            bookingType="immediate",
            duration=90,
            customerName="Maya",
            customerWhatsApp=f"+62812{secrets.randbelow(10**8):08}",
            hotelVillaId="h-tepi-sawah",
            roomNumber="7",
        )
        created = await customer.create_booking(order, idempotency_key=secrets.token_hex(16))
        booking, room = created["booking"], created["room"]["conversationId"]
        print(f"booked {booking['bookingId']} for {booking['price']} {booking['currency']}: {booking['status']}")
        async with (
            ChatSocket(web_socket_url, customer.issue_chat_ticket, ticket=created["chatTicket"]) as here,
            ChatSocket(web_socket_url, therapist.issue_chat_ticket) as there,
        ):
            here.follow(room, after=0)
            accepted = await therapist.accept_booking(booking["bookingId"])
            print(f"accepted, commission {accepted['commission']['commissionAmount']}")
            acknowledged = await there.send_message(room, "I am on my way.")
            async for event in here.events():
                if event["type"] == "message":
                    message = event["message"]
                    print(f"{message['sequence']:>3} {message['senderRole']}: {message['message']}")
                    if message["sequence"] == acknowledged["sequence"]:
                        break
            await here.mark_read(room, acknowledged["sequence"])
        done = await therapist.complete_booking(booking["bookingId"])
        print(f"done: {done['booking']['status']}")


def main() -> int:
    """Play against the system that a file of `make run` names; returns the exit status."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - the program and its two arguments
        print("usage: book_and_chat.py OUTPUTS_FILE THERAPIST_TOKEN", file=sys.stderr)
        return 2
    outputs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(play(outputs["restUrl"], outputs["webSocketUrl"], sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
