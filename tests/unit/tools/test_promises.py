"""What people were told is judged by the tables: each broken promise is seen, and a kept one is not."""

from typing import Any

import pytest

from marketplace.operations.invariants import Violation
from marketplace.operations.invariants.rooms import ACKNOWLEDGED, INVOKED, acknowledged_messages_stand
from tools.local.soaking.promises import NAME, Promises


def booking(booking_id: str, status: str, customer_id: str = "c-1") -> dict[str, Any]:
    return {"bookingId": booking_id, "status": status, "customerId": customer_id}


@pytest.fixture
def promises() -> Promises:
    said = Promises(customers={"c-1"})
    said.told("b-1", "pending")
    return said


@pytest.mark.parametrize("status", ["pending", "expired"])
def test_a_booking_that_is_as_it_was_told_or_has_run_out_of_time_is_no_violation(
    promises: Promises, status: str
) -> None:
    assert promises.broken({"bookings": [booking("b-1", status)]}) == []


def test_an_acknowledged_booking_that_is_not_there_is_lost(promises: Promises) -> None:
    (violation,) = promises.broken({"bookings": []})

    assert violation == Violation(NAME, "b-1", "the booking was acknowledged and is lost")


def test_a_booking_that_is_otherwise_than_it_was_told_is_named(promises: Promises) -> None:
    promises.told("b-1", "confirmed")

    (violation,) = promises.broken({"bookings": [booking("b-1", "expired")]})

    assert (violation.key, violation.message) == ("b-1", "it is expired, and was told to be confirmed")


def test_a_command_without_an_answer_may_have_been_carried_out_or_not(promises: Promises) -> None:
    promises.left_open("b-1", "declined")

    for status in ("pending", "declined"):
        assert promises.broken({"bookings": [booking("b-1", status)]}) == []
    assert promises.broken({"bookings": [booking("b-1", "confirmed")]})


def test_an_order_makes_one_booking_at_most(promises: Promises) -> None:
    bookings = [booking("b-1", "pending"), booking("b-2", "pending")]
    (violation,) = promises.broken({"bookings": bookings})
    assert violation.key == "c-1"

    promises.not_told("c-1")

    assert promises.broken({"bookings": bookings}) == []
    assert promises.broken({"bookings": [*bookings, booking("b-3", "pending")]})


def test_other_peoples_bookings_and_messages_are_not_doubted(promises: Promises) -> None:
    promises.sending("r-1", "m-1")
    promises.acknowledged("r-1", "m-1", 4, "hello")
    mine = {"conversationId": "r-1", "clientMessageId": "m-1", "sequence": 4, "message": "hello", "senderId": "c-1"}
    theirs = {**mine, "conversationId": "r-2", "clientMessageId": "m-2"}

    tables = promises.beside({"bookings": [booking("b-9", "confirmed", "c-9")], "chat_messages": [mine, theirs]})

    assert len(tables[ACKNOWLEDGED]) == 1
    assert len(tables[INVOKED]) == 2
    assert acknowledged_messages_stand(tables) == []
    made_up = {**mine, "clientMessageId": "m-3", "sequence": 5}
    assert acknowledged_messages_stand(promises.beside({"chat_messages": [mine, theirs, made_up]}))
