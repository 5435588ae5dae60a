"""All pairs of commands, one carried out inside the other: before each of its calls in turn."""

from collections.abc import Callable
from itertools import product
from typing import Final

import pytest

from contracts.examples import BODIES as EXAMPLES
from contracts.handlers import all_routes
from marketplace.platform.api.route import Route
from marketplace.platform.refusals import VersionChanged
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


SEEN: Final = ("accept", "decline", "cancel", "reassign", "complete")
BODIES: Final = {"reassign": {"therapistId": BUDI.user_id}}


def take(market: Market, booking_id: str, step: str, message_id: str = "m-1", *, seen: int | None = None) -> int:
    """Take a step as whoever may take it, and return how it was answered; a sweep that expires nothing is a 409."""
    match step:
        case "accept" | "decline" | "complete":
            return market.command(AYU, booking_id, step, seen=seen).status
        case "cancel":
            return market.command(WAYAN, booking_id, step, seen=seen).status
        case "reassign":
            return market.command(ADMIN, booking_id, step, BODIES[step], seen=seen).status
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


@pytest.mark.parametrize("step", ["decline", "cancel", "complete", "reassign"])
def test_a_command_that_saw_another_version_changes_nothing_and_learns_what_stands(market: Market, step: str) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept", seen=1)
    before = market.tables()

    late = market.command(ADMIN if step == "reassign" else AYU, booking_id, step, BODIES.get(step), seen=1)

    assert (late.status, late.body["code"]) == (409, "version_changed")
    assert (late.body["bookingStatus"], late.body["version"]) == ("confirmed", 2)
    assert market.tables() == before


def commands() -> list[Route]:
    """Return every route that takes a step on a booking: whose answer is the booking as it is then.

    A call for help is none: it is heard whatever its caller has seen.
    """
    by_booking = [route for route in all_routes() if route.method == "POST" and "/bookings/{bookingId}/" in route.path]
    steps = [route for route in by_booking if "booking" in getattr(route.response, "__annotations__", {})]
    return [route for route in steps if route.operation_id != "callForHelp"]


@pytest.mark.parametrize("route", commands(), ids=lambda route: route.operation_id)
def test_each_command_on_a_booking_heeds_the_version_that_its_caller_saw(market: Market, route: Route) -> None:
    booking_id = market.book()
    body = EXAMPLES[route.body.__name__] if route.body else None
    if body and "therapistId" in body:
        body = {**body, "therapistId": BUDI.user_id}
    caller = next(each for each in (WAYAN, AYU, ADMIN) if route.roles and each.role in route.roles)
    before = market.tables()

    late = market.call(caller, "POST", route.path.replace("{bookingId}", booking_id), body, seen=7)

    assert (late.status, late.body["code"]) == (409, "version_changed")
    assert (late.body["bookingStatus"], late.body["version"]) == ("pending", 1)
    assert market.tables() == before
    assert VersionChanged in route.refusals


def test_a_command_that_saw_what_stands_is_carried_out(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept", seen=1)

    assert market.command(WAYAN, booking_id, "cancel", seen=2).status == 200


def test_without_a_version_commands_take_effect_one_after_the_other(market: Market) -> None:
    booking_id = market.book()

    assert [market.command(AYU, booking_id, step).status for step in ("accept", "complete")] == [200, 200]


def test_accepting_again_is_a_repeat_whatever_version_was_seen(market: Market) -> None:
    booking_id = market.book()
    first = market.command(AYU, booking_id, "accept", seen=1)

    again = market.command(AYU, booking_id, "accept", seen=1)

    assert (again.status, again.body) == (200, first.body)


def test_whoever_may_not_see_a_booking_does_not_learn_its_version(market: Market) -> None:
    booking_id = market.book()

    assert market.command(BUDI, booking_id, "accept", seen=7).status == 404


@pytest.mark.parametrize("header", ["1", '"0"', '"01"', '"1", "2"', "*", 'W/"1"', '"\u0661"', ""])
def test_what_is_no_version_is_refused_at_its_header(market: Market, header: str) -> None:
    booking_id = market.book()

    answer = market.command(WAYAN, booking_id, "cancel", seen=header)

    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "If-Match")
    assert market.row("bookings", bookingId=booking_id)["version"] == 1


@pytest.mark.parametrize("state", ["pending", "confirmed"])
@pytest.mark.parametrize(("outer", "inner"), list(product(SEEN, SEEN)))
def test_of_commands_that_saw_the_same_version_exactly_one_wins(
    market: Market, state: str, outer: str, inner: str
) -> None:
    position = 0
    while True:
        booking_id = market.book(customerWhatsApp=f"+62812{position:07d}")
        if state == "confirmed":
            market.command(AYU, booking_id, "accept")
        seen = market.row("bookings", bookingId=booking_id)["version"]
        within: list[int] = []

        def in_between(booking_id: str = booking_id, seen: int = seen, within: list[int] = within) -> None:
            within.append(take(market, booking_id, inner, seen=seen))

        market.faults.clear()
        market.faults.at(position, in_between, of=STORE_CALLS)
        answer = take(market, booking_id, outer, seen=seen)
        market.faults.clear()
        if not within:
            break
        repeats = "accept" in {outer, inner} and (outer == inner or state == "confirmed")
        assert repeats or [answer, *within].count(200) <= 1, (answer, within)
        market.command(ADMIN, booking_id, "cancel")  # the therapist's time is needed again
        market.wait(minutes=16)
        market.sweep()
        position += 1
    assert position > 0
    market.check()
