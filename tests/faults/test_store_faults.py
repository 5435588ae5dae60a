"""X1 to X8, X10, X11: the store is slow, busy, broken, or its answer gets lost, at every write of every command."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.injection import WRITES, Fault
from tests.faults.market import AYU, MADE, WAYAN, Market, room_of

PASSING = (Fault.THROTTLED, Fault.BROKEN, Fault.NEVER_ARRIVED, Fault.CONFLICT)


def comparable(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables without what differs from one run to the next by design."""
    return {
        name: sorted(repr(sorted((k, v) for k, v in row.items() if k != "operationId")) for row in rows)
        for name, rows in tables.items()
        if name != "acknowledged"
    }


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.value)
def test_x1_x3_x4_x7_what_passes_by_itself_is_not_noticed(market: Market, command: str, fault: Fault) -> None:
    carry_out = COMMANDS[command](market)
    market.faults.clear()
    for operation in WRITES:
        market.faults.next(operation, fault, fault)

    answer = carry_out()

    assert answer is None or answer.status in {200, 201}, answer
    market.faults.clear()
    market.check()


@pytest.mark.parametrize("command", COMMANDS)
def test_x2_a_store_that_stays_busy_is_a_503_and_nothing_is_written(market: Market, command: str) -> None:
    carry_out = COMMANDS[command](market)
    before = comparable(market.tables())
    for operation in WRITES:
        market.faults.always(operation, Fault.THROTTLED)

    answer = carry_out()

    if answer is not None:
        assert answer.status == 503
        if answer.body:
            assert answer.body["code"] == "service_unavailable"
            assert 0 < int(answer.headers["Retry-After"]) <= 4
    market.faults.clear()
    assert comparable(market.tables()) == before
    market.check()


@pytest.mark.parametrize("command", COMMANDS)
def test_x5_a_lost_answer_at_any_write_still_counts_once(market: Market, command: str) -> None:
    carry_out = COMMANDS[command](market)
    market.faults.clear()
    for operation in WRITES:
        market.faults.next(operation, Fault.ANSWER_LOST)
    market.raw.forgets_tokens = True  # as the emulator and moto do, so that our own ids must tell

    answer = carry_out()

    assert answer is None or answer.status in {200, 201}, answer
    market.faults.clear()
    market.check()


@pytest.mark.parametrize("command", COMMANDS)
def test_x6_after_three_lost_answers_the_client_repeats_and_nothing_doubles(market: Market, command: str) -> None:
    carry_out = COMMANDS[command](market)
    market.faults.clear()
    for operation in WRITES:
        market.faults.next(operation, *[Fault.ANSWER_LOST] * 3)
    answer = carry_out()
    # A single write's second attempt is refused by what the first has written, and knows it.
    assert answer is None or answer.status in {503, 200}, answer
    market.faults.clear()

    again = carry_out()

    assert again is None or again.status in {200, 201, 409} or command == "connect", again
    market.check()


def test_x6_the_same_key_finds_the_booking_that_was_made_unseen(market: Market) -> None:
    market.faults.next("transact_write_items", *[Fault.ANSWER_LOST] * 3)
    assert market.call(WAYAN, "POST", "/bookings", market.order(), key="k-1").status == 503
    (made,) = market.rows("bookings")

    again = market.call(WAYAN, "POST", "/bookings", market.order(), key="k-1")

    assert again.status == 201
    assert again.body["booking"]["bookingId"] == made["bookingId"]
    other = market.call(WAYAN, "POST", "/bookings", market.order(duration=90), key="k-1")
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert len(market.rows("bookings")) == 1
    market.check()


def test_x6_the_same_message_id_finds_the_message_that_was_sent_unseen(market: Market) -> None:
    booking_id = market.book()
    market.faults.next("transact_write_items", *[Fault.ANSWER_LOST] * 3)
    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 503

    again = [market.send(WAYAN, booking_id, "hello", "m-1") for _ in range(3)]

    assert {answer.body["sequence"] for answer in again} == {4}
    market.check()


@pytest.mark.parametrize("command", ["create", "accept", "cancel_confirmed", "send", "reassign", "waive"])
def test_x7_endless_conflicts_are_a_503_and_never_a_409(market: Market, command: str) -> None:
    carry_out = COMMANDS[command](market)
    market.remaining_milliseconds = 2_400
    market.faults.always("transact_write_items", Fault.CONFLICT)
    market.faults.always("update_item", Fault.CONFLICT)

    answer = carry_out()

    assert answer is not None
    assert answer.status == 503
    market.faults.clear()
    market.check()


def test_x8_a_hundred_losers_of_a_time_are_told_so_and_the_store_stays_trusted(market: Market) -> None:
    market.book()
    for number in range(100):
        answer = market.call(MADE, "POST", "/bookings", market.order(customerWhatsApp=f"+62812000{number:05d}"))
        assert (answer.status, answer.body["code"]) == (409, "slot_taken")

    assert market.send(WAYAN, market.rows("bookings")[0]["bookingId"], "still here", "m-1").status == 201
    market.check()


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"expire", "connect", "close_overdue"}))
def test_x10_an_invocation_that_is_about_to_end_writes_nothing_and_may_be_repeated(
    market: Market, command: str
) -> None:
    carry_out = COMMANDS[command](market)
    before = comparable(market.tables())
    market.faults.clear()
    market.remaining_milliseconds = 200

    answer = carry_out()

    assert answer is not None
    assert answer.status == 503
    assert market.faults.writes() == 0
    assert comparable(market.tables()) == before
    market.remaining_milliseconds = 15_000
    repeated = carry_out()
    assert repeated is not None
    assert repeated.status in {200, 201}
    market.check()


def test_x11_after_five_failed_operations_the_store_is_left_alone(market: Market) -> None:
    booking_id = market.book()
    for operation in ("get_item", "batch_get_item", *WRITES):
        market.faults.always(operation, Fault.BROKEN)
    for _ in range(5):
        assert market.command(AYU, booking_id, "accept").status == 503
    asked = len(market.faults.called)

    started = time.process_time()
    answer = market.call(WAYAN, "GET", f"/rooms/{room_of(booking_id)}")

    assert time.process_time() - started < 0.5
    assert (answer.status, answer.body["code"]) == (503, "service_unavailable")
    assert len(market.faults.called) == asked
    market.faults.clear()
    market.forget_caches()
    assert market.command(AYU, booking_id, "accept").status == 200
    market.check()
