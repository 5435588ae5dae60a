"""What creating, sending and listing cost our functions: warm, in a process of their own, with a stand-in for AWS."""

import json
import statistics
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from bench import starts
from bench.alternative.postgres import room_and_messages
from bench.alternative.server import POLICY, order_in
from local.demo_data import THERAPISTS
from marketplace.clock import utc_now
from marketplace.domain.calendar import Calendar
from marketplace.domain.chat import Draft
from marketplace.domain.open_requests import OpenRequests
from marketplace.domain.opening import Circumstances, open_booking
from marketplace.edge.identity import context_of
from marketplace.edge.requests.model import parse
from marketplace.edge.requests.new_booking import NewBooking
from marketplace.storage.attribute_values import to_item
from marketplace.storage.bookings import booking_record
from marketplace.storage.records import to_record
from marketplace.storage.rooms import PAGE_LIMIT, room_record

FUNCTIONS: Final = {"create": "CreateBookingFunction", "send": "SendMessageFunction", "page": "ReadChatFunction"}
SUCCEEDED: Final = frozenset({200, 201})
_ROOM_PATH: Final = "/rooms/{conversationId}/messages"


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return what the tables hold for one booking and its room of somewhat more than a page, as DynamoDB answers."""
    now = utc_now()
    order = order_in(parse(NewBooking, starts.ORDER), now)
    circumstances = Circumstances(
        therapist=THERAPISTS[0],
        hotel=None,
        discount_code=None,
        calendar=Calendar(therapist_id=order.wanted.therapist_id, sheets={}),
        open_requests=OpenRequests(whats_app=order.customer_whats_app),
    )
    patient = replace(POLICY, response_window=timedelta(hours=2))  # longer than any measurement
    opening = open_booking(
        order, by=starts.CUSTOMER, circumstances=circumstances, now=now, policy=patient, booking_id="b-1"
    )
    room, messages = room_and_messages(opening, now)
    for number in range(PAGE_LIMIT):
        draft = Draft(client_message_id=f"m-{number}", message="On my way: a sentence of the usual length.")
        room, message = room.add(draft, by=starts.CUSTOMER, now=now)
        messages.append(message)
    records = {
        "therapists": [to_record(THERAPISTS[0])],
        "bookings": [booking_record(opening.booking)],
        "chat_rooms": [room_record(room)],
        "chat_messages": [to_record(message) for message in reversed(messages)],
    }
    return {f"marketplace-{table}": [to_item(each) for each in found] for table, found in records.items()}


@contextmanager
def tables_with(held: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Serve as DynamoDB with these rows, whatever the keys, and yield the address; writes change nothing."""

    class Tables(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            match self.headers["X-Amz-Target"].rpartition(".")[2]:
                case "BatchGetItem":
                    answer: dict[str, Any] = {
                        "Responses": {table: held.get(table, []) for table in asked["RequestItems"]}
                    }
                case "Query":
                    items = held.get(asked["TableName"], [])[: asked.get("Limit")]
                    answer = {"Items": items, "Count": len(items)}
                case "GetSecretValue":
                    answer = {"SecretString": "a secret of the bench, of no worth to anybody"}
                case _:
                    answer = {}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tables)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def events() -> dict[str, dict[str, Any]]:
    """Return what the gateway asks of the function of each kind."""
    message = {"clientMessageId": "m-new", "message": "On my way: a sentence of the usual length."}
    asked = {
        "create": {"httpMethod": "POST", "resource": "/bookings", "body": json.dumps(starts.ORDER)},
        "send": {"httpMethod": "POST", "resource": _ROOM_PATH, "body": json.dumps(message)},
        "page": {"httpMethod": "GET", "resource": _ROOM_PATH},
    }
    shared = {
        "headers": {},
        "pathParameters": {"conversationId": "r-1"},
        "requestContext": {"requestId": "r", "authorizer": context_of(starts.CUSTOMER)},
    }
    return {kind: {**shared, **event} for kind, event in asked.items()}


def our_costs(*, rounds: int, calls: int) -> dict[str, float]:
    """Return the milliseconds of CPU of a warm call of each kind, as the median of rounds that take turns.

    Raises:
        RuntimeError: a function answers otherwise than it should.
    """
    programs = {program.name: program for program in starts.programs([*FUNCTIONS.values()])}
    wanted = {kind: replace(programs[FUNCTIONS[kind]], event=event) for kind, event in events().items()}
    found: dict[str, list[float]] = {kind: [] for kind in wanted}
    with tables_with(rows()) as endpoint:
        environment = {**starts.environment(endpoint), "WEBSOCKET_MANAGEMENT_URL": endpoint}
        for _ in range(rounds):
            for kind, program in wanted.items():
                done = subprocess.run(
                    program.command(calls),
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                report = json.loads(done.stdout.splitlines()[-1])
                if report["status"] not in SUCCEEDED:
                    message = f"{program.name} answers otherwise than it should:\n{done.stdout[:2_000]}"
                    raise RuntimeError(message)
                found[kind].append(report["warm"])
    return {kind: statistics.median(costs) for kind, costs in found.items()}
