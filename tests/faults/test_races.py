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
        market.check()
        market.command(ADMIN, booking_id, "cancel")  # the therapist's time is needed again
        market.wait(minutes=16)
        market.sweep()
        position += 1
    assert position > 0 or (outer, state) in {("expire", "pending"), ("expire", "confirmed")}  # nothing is due
