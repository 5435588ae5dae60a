"""What is known of a customer can be taken along, and be forgotten; others see no more of it than they need."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from contracts.handlers import all_routes
from marketplace import bootstrap
from marketplace.operations.invariants.forms import CHECKS as FORMS
from marketplace.platform.caller import Caller
from tests.integration.gateway import Reply, call
from tests.integration.marketplace_scene import (
    ACCOUNT,
    ADDRESS,
    ADMIN,
    CUSTOMER,
    NAME,
    NUMBER,
    OTHER_CUSTOMER,
    THERAPIST,
    Scene,
    Visit,
    call_route,
)
from tools.local.demo_data import HOTELS

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]

WORDS = "Kunci ada di bawah pot"


def write(visit: Visit, by: Caller, text: str) -> None:
    sent = call(
        "POST",
        "/rooms/{conversationId}/messages",
        by=by,
        path={"conversationId": visit.conversation_id},
        body={"clientMessageId": f"m-{len(text)}", "message": text},
    )
    assert sent.status == 201, sent.text


def step(visit: Visit, name: str, by: Caller) -> Reply:
    return call("POST", f"/bookings/{{bookingId}}/{name}", by=by, path={"bookingId": visit.booking_id})


def exported(by: Caller) -> Iterator[tuple[str, dict[str, Any]]]:
    cursor: str | None = None
    while True:
        page = call("GET", "/privacy/export", by=by, query={"cursor": cursor} if cursor else None).body
        for item in page["items"]:
            yield item["kind"], item["entry"]
        cursor = page["nextCursor"]
        if cursor is None:
            return


def erase(by: Caller = CUSTOMER, **body: object) -> Reply:
    return call("POST", "/privacy/erase", by=by, body={"confirm": True, **body})


def stored_text(tables: Tables) -> str:
    return repr({name: table.scan()["Items"] for name, table in tables.items() if name != "history"})


def whats_app_links(visit: Visit) -> list[str | None]:
    """Return every link that leads to the customer of a visit."""
    booking = call("GET", "/admin/bookings/{bookingId}", by=ADMIN, path={"bookingId": visit.booking_id}).body
    path = {"conversationId": visit.conversation_id}
    rooms = [call("GET", "/rooms/{conversationId}", by=by, path=path).body for by in (ADMIN, THERAPIST)]
    return [booking["whatsAppLink"], *(room["whatsAppLink"] for room in rooms)]


def test_a_customer_takes_everything_along(tables: Tables) -> None:
    scene = Scene(tables)
    visits = [scene.visit() for _ in range(2)]
    write(visits[0], CUSTOMER, WORDS)

    found = list(exported(CUSTOMER))

    bookings = [entry for kind, entry in found if kind == "booking"]
    messages = [entry for kind, entry in found if kind == "message"]
    assert {entry["bookingId"] for entry in bookings} == {visit.booking_id for visit in visits}
    assert {entry["customerWhatsApp"] for entry in bookings} >= {NUMBER}
    assert WORDS in {entry["message"] for entry in messages}
    assert len(messages) == 7
    assert any(kind == "notification" for kind, _ in found)


def test_nobody_takes_along_what_is_another_s(tables: Tables) -> None:
    Scene(tables).visit()
    assert list(exported(OTHER_CUSTOMER)) == []


def test_a_forgotten_customer_is_nowhere_and_still_counted(tables: Tables) -> None:
    scene = Scene(tables)
    visit, other = scene.visit(accepted=True), scene.visit()
    write(visit, CUSTOMER, WORDS)
    write(visit, THERAPIST, "Sampai nanti")
    write(other, CUSTOMER, WORDS)
    assert step(visit, "cancel", CUSTOMER).status == 200
    assert step(other, "decline", THERAPIST).status == 200
    before = {name: tables[name].scan()["Count"] for name in ("bookings", "commission_records", "chat_messages")}
    commissions = tables["commission_records"].scan()["Items"]

    assert erase().body == {"customerId": CUSTOMER.user_id, "erasedBookings": 2}

    left = stored_text(tables)
    for person in (NAME, NUMBER, ADDRESS, WORDS):
        assert person not in left
    assert "Sampai nanti" in left
    assert before == {name: tables[name].scan()["Count"] for name in before}
    assert commissions == tables["commission_records"].scan()["Items"]
    assert whats_app_links(visit) == [None, None, None]
    rows = {name: table.scan()["Items"] for name, table in tables.items()}
    assert [violation for check in FORMS.values() for violation in check(_plain(rows))] == []
    for route in all_routes():
        may = route.roles is not None and THERAPIST.role in route.roles
        if route.method == "GET" and may and "{conversationId}" in route.path:
            assert call_route(route, visit, THERAPIST).status == 200


def _plain(rows: Any) -> Any:  # noqa: ANN401 - rows of the tables
    from marketplace.platform.dynamodb.attribute_values import from_item, to_item  # noqa: PLC0415 - only here

    return {name: [from_item(to_item(item)) for item in items] for name, items in rows.items()}


def test_forgetting_twice_changes_nothing_more(tables: Tables) -> None:
    scene = Scene(tables)
    assert step(scene.visit(), "decline", THERAPIST).status == 200
    assert erase().body["erasedBookings"] == 1
    once = stored_text(tables)

    assert erase().body["erasedBookings"] == 0
    assert stored_text(tables) == once


def test_one_customer_s_wish_leaves_the_other_s_data_alone(tables: Tables) -> None:
    scene = Scene(tables)
    assert step(scene.visit(), "decline", THERAPIST).status == 200
    assert erase(OTHER_CUSTOMER).body["erasedBookings"] == 0
    assert NUMBER in stored_text(tables)


@pytest.mark.parametrize("accepted", [False, True])
def test_nobody_is_forgotten_while_somebody_waits_for_them(tables: Tables, *, accepted: bool) -> None:
    scene = Scene(tables)
    scene.visit(accepted=accepted)
    scene.writes.clear()

    refused = erase()

    assert (refused.status, refused.code) == (409, "invalid_transition")
    assert scene.writes == []


def test_nobody_is_forgotten_by_mistake(tables: Tables) -> None:
    scene = Scene(tables)
    assert step(scene.visit(), "decline", THERAPIST).status == 200
    scene.writes.clear()

    refused = call("POST", "/privacy/erase", by=CUSTOMER)

    assert (refused.status, refused.code) == (409, "confirmation_required")
    assert scene.writes == []


# Who sees what --------------------------------------------------------------------------------------------


def read_by(caller: Caller, visit: Visit) -> str:
    """Return everything that a caller can read about a visit."""
    replies = [
        call_route(route, visit, caller)
        for route in all_routes()
        if route.method == "GET"
        and "json" not in route.path
        and (route.roles is None or caller.role in route.roles)
        and not route.path.startswith("/calendar-feeds/")  # who has its secret address is no stranger
    ]
    return "\n".join(reply.text for reply in replies if reply.status == 200)


def test_a_therapist_learns_number_and_place_with_the_acceptance(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    before = read_by(THERAPIST, visit)
    assert NAME in before
    assert NUMBER not in before
    assert NUMBER.removeprefix("+") not in before
    assert ADDRESS not in before

    accepted = step(visit, "accept", THERAPIST)

    assert accepted.body["booking"]["customerWhatsApp"] == NUMBER
    after = read_by(THERAPIST, visit)
    assert NUMBER in after
    assert ADDRESS in after


def test_a_customer_always_sees_their_own_number_and_place_and_never_a_commission(tables: Tables) -> None:
    visit = Scene(tables).visit(accepted=True)
    seen = read_by(CUSTOMER, visit)
    assert NUMBER in seen
    assert ADDRESS in seen
    assert "commissionAmount" not in seen
    assert "commissionRate" not in seen


def test_bank_details_are_in_the_acceptance_of_a_scheduled_visit_and_nowhere_else(tables: Tables) -> None:
    scene = Scene(tables)
    visit = scene.visit()
    for caller in (CUSTOMER, THERAPIST, ADMIN, OTHER_CUSTOMER):
        assert ACCOUNT not in read_by(caller, visit)
    assert ACCOUNT not in stored_text(tables)

    step(visit, "accept", THERAPIST)

    assert ACCOUNT in read_by(CUSTOMER, visit)
    assert ACCOUNT not in read_by(OTHER_CUSTOMER, visit)
    assert ACCOUNT not in call("GET", "/me", by=THERAPIST).text
    assert ACCOUNT[-4:] in call("GET", "/me", by=THERAPIST).text


def test_strangers_read_nothing_of_a_visit(tables: Tables) -> None:
    visit = Scene(tables).visit(accepted=True)
    seen = read_by(OTHER_CUSTOMER, visit)
    for secret in (NAME, NUMBER, ADDRESS, ACCOUNT, visit.booking_id):
        assert secret not in seen


def test_admins_see_the_number_and_the_place(tables: Tables) -> None:
    seen = read_by(ADMIN, Scene(tables).visit())
    assert NUMBER in seen
    assert ADDRESS in seen


def test_a_request_from_a_hotel_names_the_hotel_and_not_the_room_until_it_is_accepted(tables: Tables) -> None:
    scene, hotel = Scene(tables), HOTELS[0]
    bootstrap.catalogue().add_hotel(hotel)
    order = {
        "therapistId": THERAPIST.user_id,
        "bookingType": "immediate",
        "duration": 60,
        "customerName": NAME,
        "customerWhatsApp": NUMBER,
        "hotelVillaId": hotel.hotel_villa_id,
        "roomNumber": "Kenari 77",
    }
    assert scene.writes
    booking_id = call("POST", "/bookings", by=CUSTOMER, body=order).body["booking"]["bookingId"]
    path = {"bookingId": booking_id}

    pending = call("GET", "/bookings/{bookingId}", by=THERAPIST, path=path)
    assert pending.body["hotelVillaName"] == hotel.name
    assert pending.body["roomNumber"] is None
    room = {"conversationId": pending.body["chatRoomId"]}
    messages = call("GET", "/rooms/{conversationId}/messages", by=THERAPIST, path=room)
    assert "Kenari 77" not in pending.text + messages.text

    assert call("POST", "/bookings/{bookingId}/accept", by=THERAPIST, path=path).status == 200
    assert call("GET", "/bookings/{bookingId}", by=THERAPIST, path=path).body["roomNumber"] == "Kenari 77"
