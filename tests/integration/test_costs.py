"""What each scenario costs in calls and write units. A rise is a decision: change the table here, and say why."""

from collections.abc import Callable, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from marketplace import bootstrap
from marketplace.catalogue.therapist.model import InstantConfirm
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from tests.events import Invocation
from tests.integration.gateway import call, connect, handler_of, send
from tests.integration.meter import Meter
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

CUSTOMER: Final = Caller(user_id="c-1", role=Role.CUSTOMER, signed_in_at=1)
THERAPIST: Final = Caller(user_id="t-ayu", role=Role.THERAPIST, signed_in_at=1)
READ: Final = "dynamodb:BatchGetItem"
WRITE: Final = "dynamodb:TransactWriteItems"
QUERY: Final = "dynamodb:Query"
GET: Final = "dynamodb:GetItem"
UPDATE: Final = "dynamodb:UpdateItem"
ORDER: Final = {
    "therapistId": "t-ayu",
    "bookingType": "immediate",
    "duration": 60,
    "customerName": "Wayan",
    "customerWhatsApp": "+6281234567890",
    "location": {"address": "Jalan Raya Ubud 8"},
}

COSTS: Final[Mapping[str, tuple[list[str], int]]] = {
    "create a booking": ([READ, WRITE], 34),  # 1 in the index of what is open, from which admins' numbers are read
    "create it again with the same key": ([READ, QUERY], 0),
    "create one that is confirmed at once": ([READ, READ, READ, WRITE], 50),  # the whole day; credits
    "open a socket": ([WRITE, QUERY, READ, QUERY, READ, READ, QUERY], 5),  # who is in a room with them hears of it
    "the first frame of a socket": ([READ], 0),
    "send a message": ([READ, WRITE, QUERY, QUERY], 6),
    "send it again": ([READ, GET], 0),
    "edit a message": ([READ, WRITE, QUERY, QUERY], 8),
    "read a page with what was changed": ([READ, QUERY, QUERY, READ], 0),
    "read a page of messages": ([READ, QUERY], 0),
    "mark as read": ([READ, UPDATE, READ, QUERY, QUERY], 1),  # whether the other may know
    "accept": ([READ, WRITE], 28),  # 3 for the posting: two in the transaction, one in its index; 1 in that of ends
    "complete": ([READ, WRITE], 16),
    "decline": ([READ, WRITE], 17),
    "cancel": ([READ, WRITE], 17),
    "list own bookings": ([QUERY], 0),
    "sweep with nothing due": ([QUERY] * 8, 0),
}


@pytest.fixture
def meter(tables: Mapping[str, "Table"]) -> Meter:
    meter = Meter(tables)
    bootstrap.catalogue().add_therapist(THERAPISTS[0])
    bootstrap.sealing_key()
    return meter


def book(key: str = "tap-1", **differing: object) -> tuple[str, str]:
    booked = call("POST", "/bookings", by=CUSTOMER, body={**ORDER, **differing}, headers={"Idempotency-Key": key})
    assert booked.status == 201, booked.text
    return booked.body["booking"]["bookingId"], booked.body["booking"]["chatRoomId"]


def command(name: str, by: Caller, booking_id: str) -> None:
    done = call("POST", f"/bookings/{{bookingId}}/{name}", by=by, path={"bookingId": booking_id})
    assert done.status == 200, done.text


def say(room: str) -> None:
    frame = {"action": "sendMessage", "conversationId": room, "clientMessageId": "m-1", "message": "Halo"}
    assert send(frame, by=CUSTOMER)["type"] == "ack"


def test_no_scenario_costs_more_than_was_decided(meter: Meter) -> None:
    bills: dict[str, tuple[list[str], int]] = {}

    def count(scenario: str, act: Callable[[], object]) -> None:
        with meter.reading() as bill:
            act()
        bills[scenario] = (bill.calls, bill.write_units)

    bootstrap.policies().in_force()  # once in half a minute for each execution environment
    bootstrap.rooms().epoch()  # likewise
    count("create a booking", book)
    count("create it again with the same key", book)
    booking_id, room = book()
    count("open a socket", lambda: connect(CUSTOMER))
    connect(THERAPIST)
    count("the first frame of a socket", lambda: send({"action": "ping"}, by=CUSTOMER))
    send({"action": "ping"}, by=THERAPIST)
    count("send a message", lambda: say(room))
    count("send it again", lambda: say(room))
    path = {"conversationId": room}
    edited = {"action": "editMessage", "sequence": 4, "message": "Halo!", **path}
    count("edit a message", lambda: send(edited, by=CUSTOMER))
    messages, since = "/rooms/{conversationId}/messages", {"changedAfter": "0"}
    count("read a page with what was changed", lambda: call("GET", messages, by=CUSTOMER, path=path, query=since))
    count("read a page of messages", lambda: call("GET", "/rooms/{conversationId}/messages", by=CUSTOMER, path=path))
    count("mark as read", lambda: send({"action": "markRead", "sequence": 4, **path}, by=THERAPIST))
    count("accept", lambda: command("accept", THERAPIST, booking_id))
    count("complete", lambda: command("complete", THERAPIST, booking_id))
    declined, _ = book("tap-2")
    count("decline", lambda: command("decline", THERAPIST, declined))
    cancelled, _ = book("tap-3")
    count("cancel", lambda: command("cancel", CUSTOMER, cancelled))
    wish = InstantConfirm(enabled=True, notice_minutes=60, max_per_day=9)
    keen = replace(THERAPISTS[0], therapist_id="t-keen", instant_confirm=wish)
    bootstrap.catalogue().add_therapist(keen)
    start = (datetime.now(UTC) + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)
    agreed = {"bookingType": "scheduled", "scheduledTime": format_utc(start), "confirmOtherPending": True}
    count("create one that is confirmed at once", lambda: book("tap-4", therapistId="t-keen", **agreed))
    count("list own bookings", lambda: call("GET", "/bookings", by=CUSTOMER))
    count("sweep with nothing due", lambda: handler_of("expire_bookings")({}, Invocation()))

    assert bills == COSTS


def test_the_meter_sees_a_call_that_was_not_decided(meter: Meter) -> None:
    bootstrap.policies().in_force()
    with meter.reading() as bill:
        book()
        bootstrap.catalogue().therapist("t-ayu")

    assert (bill.calls, bill.write_units) != COSTS["create a booking"]
