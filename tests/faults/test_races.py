"""All pairs of commands, one carried out inside the other: before each of its calls in turn."""

from collections.abc import Callable
from itertools import product
from typing import Final

import pytest

from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Market, room_of

STORE_CALLS: Final = frozenset({"get_item", "batch_get_item", "update_item", "transact_write_items"})
STEPS: Final = ("accept", "decline", "cancel", "expire", "reassign", "complete", "send", "markRead")
ENDS: Final = {
    "accept": "confirmed",
    "decline": "declined",
    "cancel": "cancelled",
    "expire": "expired",
    "reassign": "pending",
    "complete": "completed",
}


def take(market: Market, booking_id: str, step: str, message_id: str = "m-1") -> int:
    """Take a step as whoever may take it, and return how it was answered; a sweep that expires nothing is a 409."""
    match step:
        case "accept" | "decline" | "complete":
            return market.command(AYU, booking_id, step).status
        case "cancel":
            return market.command(WAYAN, booking_id, step).status
        case "reassign":
            return market.command(ADMIN, booking_id, step, {"therapistId": BUDI.user_id}).status
        case "expire":
            return 200 if market.sweep()["expired"] else 409
        case "send":
            return market.send(WAYAN, booking_id, f"words of {message_id}", message_id).status
        case _:
            return market.call(AYU, "POST", f"/rooms/{room_of(booking_id)}/read", {"sequence": 4}).status


def _taking(market: Market, booking_id: str, step: str, answers: list[int]) -> Callable[[], None]:
    return lambda: answers.append(take(market, booking_id, step, "m-inner"))


def _race(state: str, outer: str, inner: str) -> bool:
    """Say whether one of two steps must lose; accepting again is a repeat, a sweep goes on after its step."""
    accepts_again = outer == inner == "accept" or (state == "confirmed" and "accept" in {outer, inner})
    return {outer, inner} <= ENDS.keys() and outer != "expire" and not accepts_again


@pytest.mark.parametrize("state", ["pending", "overdue", "confirmed"])
@pytest.mark.parametrize(("outer", "inner"), list(product(STEPS, STEPS)))
def test_whatever_happens_inside_a_command_one_of_both_wins_and_nothing_breaks(
    state: str, outer: str, inner: str, market: Market
) -> None:
    position = 0
    while True:
        booking_id = market.book(customerWhatsApp=f"+62812{position:07d}")
        if state == "confirmed":
            market.command(AYU, booking_id, "accept")
        market.check()
        if state == "overdue":
            market.wait(minutes=15)
        within: list[int] = []
        market.faults.clear()
        market.faults.at(position, _taking(market, booking_id, inner, within), of=STORE_CALLS)

        answer = take(market, booking_id, outer, "m-outer")

        market.faults.clear()
        if not within:
            break
        assert {answer, *within} <= {200, 201, 404, 409}, (answer, within)
        ends = {ENDS[step] for step, status in ((outer, answer), (inner, within[0])) if status == 200 and step in ENDS}
        stored = market.row("bookings", bookingId=booking_id)
        if ends:
            assert stored["status"] in ends
        if position > 0 and _race(state, outer, inner):
            assert [answer, *within].count(200) <= 1  # contract section 5: exactly one wins
        market.check()
        market.command(ADMIN, booking_id, "cancel")  # the therapist's time is needed again
        market.wait(minutes=16)
        market.sweep()
        position += 1
    assert position > 0 or (outer, state) in {("expire", "pending"), ("expire", "confirmed")}  # nothing is due


@pytest.mark.parametrize(("milliseconds", "status"), [(5, 409), (20, 200)])
def test_a_step_is_seen_once_it_can_have_been_committed(market: Market, milliseconds: int, status: int) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")

    market.wait(milliseconds=milliseconds)
    market.came_in_at = market.now

    assert market.command(WAYAN, booking_id, "cancel").status == status


@pytest.mark.parametrize("step", ["cancel", "complete"])
def test_a_command_that_came_in_before_another_was_carried_out_has_lost(market: Market, step: str) -> None:
    booking_id = market.book()
    came_in = market.now
    market.wait(seconds=1)
    market.command(AYU, booking_id, "accept")

    market.came_in_at = came_in
    late = market.command(ADMIN, booking_id, step)

    assert (late.status, late.body["code"], late.body["bookingStatus"]) == (409, "invalid_transition", "confirmed")
    assert market.row("bookings", bookingId=booking_id)["version"] == 2

    market.wait(seconds=1)
    market.came_in_at = market.now
    assert market.command(ADMIN, booking_id, step).status == 200


def test_accepting_again_is_a_repeat_whenever_it_came_in(market: Market) -> None:
    booking_id = market.book()
    came_in = market.now
    market.wait(seconds=1)
    first = market.command(AYU, booking_id, "accept")

    market.came_in_at = came_in
    again = market.command(AYU, booking_id, "accept")

    assert (again.status, again.body) == (200, first.body)


def test_a_date_that_somebody_wrote_by_hand_into_the_future_holds_nothing_up(market: Market) -> None:
    booking_id = market.book()
    row = market.row("bookings", bookingId=booking_id)
    market.plant("bookings", {**row, "updatedAt": "2099-01-01T00:00:00.000Z"})

    assert market.command(WAYAN, booking_id, "cancel").status == 200
