"""Pairs of commands on a visit, one carried out inside the other before each of its calls: one state of both stands."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from marketplace.platform.clock import format_utc
from tests.faults.day_machine import MORNING
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Answered, Market
from tests.faults.test_races import STORE_CALLS

BEGINS: Final = MORNING + timedelta(hours=4)
LATER: Final = BEGINS + timedelta(hours=3)
STANDS: Final = frozenset({200, 404, 409, 422})
type Step = Callable[[Market, str], Answered]


def to(time: datetime) -> dict[str, Any]:
    return {"scheduledTime": format_utc(time)}


def swept(market: Market, _: str) -> Answered:
    market.invoke("sweep_visits", {})
    return Answered(status=409, body={}, headers={})  # whether it did something is seen in the row


def choose(therapist: str) -> Step:
    return lambda market, booking_id: market.command(
        WAYAN, booking_id, "redispatch", {"therapistId": therapist, "price": 250_000}
    )


AHEAD: Final[Mapping[str, Step]] = {
    "cancel": lambda market, booking_id: market.command(WAYAN, booking_id, "cancel"),
    "call off": lambda market, booking_id: market.command(AYU, booking_id, "cancel", {"reason": "ill"}),
    "move": lambda market, booking_id: market.command(ADMIN, booking_id, "reschedule", to(LATER + timedelta(hours=1))),
    "propose": lambda market, booking_id: market.command(AYU, booking_id, "proposal", to(LATER)),
    "take": lambda market, booking_id: market.command(AYU, booking_id, "proposal/accept"),
    "refuse": lambda market, booking_id: market.command(AYU, booking_id, "proposal/decline"),
    "withdraw": lambda market, booking_id: market.command(WAYAN, booking_id, "proposal/withdraw"),
    "start": lambda market, booking_id: market.command(AYU, booking_id, "visit", {"step": "started"}),
}
"""What can happen to a visit that lies ahead, for which its customer has proposed another time."""
LATE: Final[Mapping[str, Step]] = {
    "finish": lambda market, booking_id: market.command(AYU, booking_id, "visit", {"step": "finished"}),
    "complete": lambda market, booking_id: market.command(ADMIN, booking_id, "complete"),
    "customer did not come": lambda market, booking_id: market.command(AYU, booking_id, "no-show"),
    "therapist did not come": lambda market, booking_id: market.command(WAYAN, booking_id, "no-show"),
    "cancel": lambda market, booking_id: market.command(ADMIN, booking_id, "cancel"),
    "sweep": swept,
}
"""What can end a visit whose planned end is an hour past."""
FALLEN: Final[Mapping[str, Step]] = {
    "choose budi": choose("t-budi"),
    "choose citra": choose("t-citra"),
    "reassign": lambda market, booking_id: market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id}),
    "sweep": swept,
}
"""How a booking that was declined finds somebody else."""


def race(market: Market, prepared: Callable[[int], str], outer: Step, inner: Step) -> None:
    """Carry one step out inside the other before each of its calls, every time on a fresh booking."""
    position = 0
    while True:
        booking_id = prepared(position)
        within: list[int] = []

        def in_between(booking_id: str = booking_id, within: list[int] = within) -> None:
            within.append(inner(market, booking_id).status)

        market.faults.clear()
        market.faults.at(position, in_between, of=STORE_CALLS)
        answer = outer(market, booking_id).status
        market.faults.clear()
        if not within:
            break
        assert {answer, *within} <= STANDS, (answer, within)
        market.check()
        market.command(ADMIN, booking_id, "cancel")  # the times are needed again
        for therapist in (BUDI, AYU):
            market.command(therapist, booking_id, "decline")
        market.wait(minutes=16)
        market.sweep()
        position += 1
    assert position > 0


def number(position: int) -> str:
    return f"+62812{position:07d}"


def agreed(market: Market, position: int) -> str:
    """Return a visit that is agreed for one o'clock in Makassar, seen from that morning."""
    market.now = MORNING + timedelta(minutes=position)
    booking_id = market.book(bookingType="scheduled", customerWhatsApp=number(position), **to(BEGINS))
    assert market.command(AYU, booking_id, "accept").status == 200
    return booking_id


@pytest.mark.parametrize(("outer", "inner"), list(product(AHEAD, AHEAD)))
def test_a_visit_ahead_and_its_proposal_stay_whole(market: Market, outer: str, inner: str) -> None:
    def prepared(position: int) -> str:
        booking_id = agreed(market, position)
        market.command(WAYAN, booking_id, "proposal", to(LATER))
        return booking_id

    race(market, prepared, AHEAD[outer], AHEAD[inner])


@pytest.mark.parametrize(("outer", "inner"), list(product([each for each in LATE if each != "sweep"], LATE)))
def test_a_visit_ends_once_and_its_books_with_it(market: Market, outer: str, inner: str) -> None:
    def prepared(position: int) -> str:
        booking_id = agreed(market, position)
        market.now = BEGINS + timedelta(hours=2, minutes=1 + position)
        return booking_id

    race(market, prepared, LATE[outer], LATE[inner])


@pytest.mark.parametrize(("outer", "inner"), list(product([each for each in FALLEN if each != "sweep"], FALLEN)))
def test_one_offer_is_made_of_several_at_once(market: Market, outer: str, inner: str) -> None:
    rules = {"redispatch": "auto", "reason": "nobody waits"}
    market.expect(201, ADMIN, "POST", "/admin/policies", rules)
    market.forget_caches()

    def prepared(position: int) -> str:
        booking_id = market.book(customerWhatsApp=number(position))
        market.command(AYU, booking_id, "decline")
        market.publish()
        return booking_id

    race(market, prepared, FALLEN[outer], FALLEN[inner])
