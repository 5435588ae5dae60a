"""Whom a breach of given rows concerns: who is in them, how they are reached, and what of them was seen."""

import io
from typing import Any

import pytest

from marketplace import bootstrap
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of
from tools.ops.affected import Person, affected, write_list


def concerned(*named: dict[str, Any]) -> dict[str, Person]:
    return {person.user_id: person for person in affected(bootstrap.store(), named)}


def visit(market: Market) -> str:
    market.expect(200, AYU, "PATCH", "/me", {"whatsApp": "+6281355555555"})
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.send(WAYAN, booking_id, "the blue gate", "m-1")
    other = market.book(MADE, BUDI, customerName="Made", customerWhatsApp="+6281234567999")
    market.command(BUDI, other, "accept")
    market.publish()
    return booking_id


def test_a_booking_concerns_its_customer_and_its_therapist(market: Market) -> None:
    booking_id = visit(market)

    people = concerned({"table": "bookings", "key": {"bookingId": booking_id}})

    assert set(people) == {"c-wayan", "t-ayu"}
    wayan, ayu = people["c-wayan"], people["t-ayu"]
    assert (wayan.role, wayan.name, wayan.contact) == ("customer", "Wayan Sudarma", "+6281234567890")
    assert {"bookings.customerName", "bookings.customerWhatsApp", "bookings.location"} <= wayan.data
    assert (ayu.role, ayu.name, ayu.contact) == ("therapist", "Ayu Lestari", "+6281355555555")
    assert not any("customer" in each for each in ayu.data)
    assert wayan.bookings == ayu.bookings == {booking_id}


@pytest.mark.parametrize("table", ["chat_messages", "chat_rooms", "history", "commission_records", "notifications"])
def test_rows_beside_a_booking_concern_the_same_people(market: Market, table: str) -> None:
    booking_id = visit(market)
    rows = {
        "chat_messages": {"conversationId": room_of(booking_id)},
        "chat_rooms": {"conversationId": room_of(booking_id)},
        "history": {"entityId": booking_id},
        "commission_records": {"bookingId": booking_id},
        "notifications": {"userId": "c-wayan"},
    }
    assert set(concerned({"table": table, "key": rows[table]})) == {"c-wayan", "t-ayu"}


def test_one_message_tells_what_of_it_was_seen(market: Market) -> None:
    booking_id = visit(market)
    said = {"conversationId": room_of(booking_id), "sequence": 5}
    assert "chat_messages.message" in concerned({"table": "chat_messages", "key": said})["c-wayan"].data


def test_a_whole_table_concerns_everybody_in_it(market: Market) -> None:
    visit(market)
    assert {"c-wayan", "c-made", "t-ayu", "t-budi"} <= set(concerned({"table": "bookings"}))
    numbers = {person.contact for person in concerned({"table": "claims"}).values()}
    assert {"+6281234567890", "+6281234567999"} <= numbers


def test_who_was_erased_is_listed_without_a_way_to_reach_them(market: Market) -> None:
    booking_id = visit(market)
    market.command(ADMIN, booking_id, "complete")
    market.expect(200, WAYAN, "POST", "/privacy/erase", {"confirm": True})

    wayan = concerned({"table": "bookings", "key": {"bookingId": booking_id}})["c-wayan"]

    assert (wayan.contact, "Wayan" in wayan.name) == ("", False)


def test_a_row_that_is_not_there_concerns_nobody(market: Market) -> None:
    assert concerned({"table": "bookings", "key": {"bookingId": "b-none"}}) == {}
    with pytest.raises(ValueError, match="no table"):
        concerned({"key": {"bookingId": "b-none"}})
    assert market.rows("bookings") == []


def test_the_list_is_a_file_for_a_spreadsheet(market: Market) -> None:
    booking_id = visit(market)
    text = io.StringIO()
    write_list(affected(bootstrap.store(), [{"table": "bookings", "key": {"bookingId": booking_id}}]), text)
    header, customer, therapist = text.getvalue().splitlines()
    assert header == "role,userId,name,contact,language,bookings,data"
    assert customer.startswith("customer,c-wayan,Wayan Sudarma,+6281234567890,")
    assert therapist.startswith("therapist,t-ayu,Ayu Lestari,")
