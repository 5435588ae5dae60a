"""What each scenario costs in calls and write units. A rise is a decision: change the table here, and say why."""

from collections.abc import Callable, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from marketplace import bootstrap
from marketplace.catalogue.therapist.model import InstantConfirm
from marketplace.platform.caller import OWNERS, Caller, Role
from marketplace.platform.clock import format_utc
from tests.events import Invocation
from tests.integration.gateway import call, connect, handler_of, send
from tests.integration.meter import Meter
from tools.local.demo_data import THERAPISTS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

CUSTOMER: Final = Caller(user_id="c-1", role=Role.CUSTOMER, signed_in_at=1)
THERAPIST: Final = Caller(user_id="t-ayu", role=Role.THERAPIST, signed_in_at=1)
OWNER: Final = Caller(user_id="a-admin", role=Role.ADMIN, signed_in_at=1, duties=OWNERS)
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
    "report a no-show": ([READ, WRITE], 30),
    "cancel for a fee": ([READ, WRITE], 30),  # the commission, its posting and both parties' notifications
    "take a step": ([READ, WRITE], 24),
    "reschedule": ([GET, READ, READ, READ, READ, WRITE], 18),  # the therapist, the days, and the open request
    "propose another time": ([GET, READ, READ, READ, WRITE], 24),
    "accept a proposal": ([READ, READ, WRITE], 29),
    "decline a proposal": ([READ, READ, WRITE], 24),
    "withdraw a proposal": ([READ, READ, WRITE], 24),
    "choose somebody else": ([READ, READ, WRITE], 26),
    "see who else could": ([GET, QUERY, READ, READ, READ], 0),  # one more read for each further therapist who is asked
    "see what cancelling costs": ([GET], 0),
    "review": ([READ, WRITE], 8),
    "review as the second": ([READ, WRITE], 20),  # both hear that theirs is shown
    "reply to a review": ([GET, WRITE], 5),
    "add a favourite": ([GET, WRITE], 4),
    "read a calendar feed": ([GET, QUERY, GET], 0),
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


def command(name: str, by: Caller, booking_id: str, body: Mapping[str, object] | None = None) -> None:
    done = call("POST", f"/bookings/{{bookingId}}/{name}", by=by, path={"bookingId": booking_id}, body=body)
    assert done.status == 200, done.text


def read(name: str, booking_id: str) -> None:
    found = call("GET", f"/bookings/{{bookingId}}/{name}", by=CUSTOMER, path={"bookingId": booking_id})
    assert found.status == 200, found.text


def review(by: Caller, booking_id: str) -> None:
    written = call("POST", "/bookings/{bookingId}/review", by=by, path={"bookingId": booking_id}, body={"rating": 5})
    assert written.status == 201, written.text


def say(room: str) -> None:
    frame = {"action": "sendMessage", "conversationId": room, "clientMessageId": "m-1", "message": "Halo"}
    assert send(frame, by=CUSTOMER)["type"] == "ack"


def test_no_scenario_costs_more_than_was_decided(meter: Meter, tables: Mapping[str, "Table"]) -> None:
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
    count_visits(count)
    count_costly_ends(count, tables["bookings"])
    count("list own bookings", lambda: call("GET", "/bookings", by=CUSTOMER))
    count("sweep with nothing due", lambda: handler_of("expire_bookings")({}, Invocation()))

    assert bills == COSTS


def count_visits(count: Callable[[str, Callable[[], object]], None]) -> None:
    """Count what can happen to agreed visits and after them."""
    start = (datetime.now(UTC) + timedelta(days=3)).replace(hour=4, minute=0, second=0, microsecond=0)
    later = [{"scheduledTime": format_utc(start + timedelta(hours=hours))} for hours in range(2, 8)]
    visit, _ = book("tap-5", bookingType="scheduled", scheduledTime=format_utc(start), confirmOtherPending=True)
    count("reschedule", lambda: command("reschedule", CUSTOMER, visit, later[0]))
    command("accept", THERAPIST, visit)
    count("see what cancelling costs", lambda: read("cancellation", visit))
    count("propose another time", lambda: command("proposal", CUSTOMER, visit, later[1]))
    count("decline a proposal", lambda: command("proposal/decline", THERAPIST, visit))
    command("proposal", CUSTOMER, visit, later[2])
    count("withdraw a proposal", lambda: command("proposal/withdraw", CUSTOMER, visit))
    command("proposal", THERAPIST, visit, later[3])
    count("accept a proposal", lambda: command("proposal/accept", CUSTOMER, visit))
    count("take a step", lambda: command("visit", THERAPIST, visit, {"step": "en_route"}))
    command("cancel", THERAPIST, visit, {"reason": "ill"})
    keen = {"therapistId": "t-keen", "price": 250_000}
    bootstrap.policies().in_force()
    count("see who else could", lambda: read("alternatives", visit))
    count("choose somebody else", lambda: command("redispatch", CUSTOMER, visit, keen))
    reviewed, _ = book("tap-6", confirmOtherPending=True)
    command("accept", THERAPIST, reviewed)
    command("complete", THERAPIST, reviewed)
    count("review", lambda: review(CUSTOMER, reviewed))
    count("review as the second", lambda: review(THERAPIST, reviewed))
    path = {"bookingId": reviewed}
    reply = {"text": "Thanks"}
    count(
        "reply to a review",
        lambda: call("POST", "/me/reviews/{bookingId}/reply", by=THERAPIST, path=path, body=reply),
    )
    favourite = {"therapistId": "t-keen"}
    count("add a favourite", lambda: call("PUT", "/me/favourites/{therapistId}", by=CUSTOMER, path=favourite))
    url = call("GET", "/me/calendar-feed", by=THERAPIST).body["url"]
    feed = {"feed": url.rpartition("/")[2]}
    count("read a calendar feed", lambda: call("GET", "/calendar-feeds/{feed}", by=None, path=feed))


def count_costly_ends(count: Callable[[str, Callable[[], object]], None], bookings: "Table") -> None:
    """Count how visits end that cost their customers something."""
    tier = {"hoursBefore": 0, "feeBps": 5_000}
    rules = {"cancellation": {"graceMinutes": 0, "tiers": [tier]}, "noShowFeeBps": 5_000, "reason": "fees"}
    assert call("POST", "/admin/policies", by=OWNER, body=rules).status == 201
    for factory in (bootstrap.policies, bootstrap.new_bookings, bootstrap.booking_changes, bootstrap.booking_commands):
        factory.cache_clear()
    cancelled, _ = book("tap-7", confirmOtherPending=True)
    command("accept", THERAPIST, cancelled)
    count("cancel for a fee", lambda: command("cancel", CUSTOMER, cancelled))
    missed, _ = book("tap-8", confirmOtherPending=True)
    command("accept", THERAPIST, missed)
    earlier = format_utc(datetime.now(UTC) - timedelta(hours=1))
    bookings.update_item(
        Key={"bookingId": missed},
        UpdateExpression="SET confirmedAt = :earlier",
        ExpressionAttributeValues={":earlier": earlier},
    )
    count("report a no-show", lambda: command("no-show", THERAPIST, missed))


def test_the_meter_sees_a_call_that_was_not_decided(meter: Meter) -> None:
    bootstrap.policies().in_force()
    with meter.reading() as bill:
        book()
        bootstrap.catalogue().therapist("t-ayu")

    assert (bill.calls, bill.write_units) != COSTS["create a booking"]
