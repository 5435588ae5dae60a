"""X5, X9, X19, X20: somebody is faster at the worst moment: before a repeat after a lost answer, or at a deadline."""

from datetime import datetime, timedelta
from itertools import product
from typing import Final

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.injection import WRITES, Fault
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, deadline_of, room_of

STORE_CALLS: Final = frozenset({"get_item", "batch_get_item", "update_item", "transact_write_items"})
OVERTAKING: Final = ("accept", "decline", "cancel", "complete", "reassign", "send", "sweep")


def overtake(market: Market, step: str) -> None:
    """Let somebody else do something to every booking there is, whatever comes of it."""
    for booking in market.rows("bookings"):
        booking_id = str(booking["bookingId"])
        match step:
            case "cancel":
                market.command(WAYAN, booking_id, step)
            case "reassign":
                market.command(ADMIN, booking_id, step, {"therapistId": BUDI.user_id})
            case "send":
                market.send(AYU, booking_id, "in between", "m-between")
            case "sweep":
                market.sweep()
            case _:
                market.command(AYU, booking_id, step)


@pytest.mark.parametrize("leaving", ["unseen", "told"])
def test_x20_an_admin_whose_open_room_is_gone_leaves_the_others_all_the_same(market: Market, leaving: str) -> None:
    """A test booking's room is removed with it, while an admin's socket still names it as on screen."""
    gone, here = market.book(), market.book(MADE, BUDI, customerWhatsApp="+6281299999999")
    market.connect(ADMIN, "connection-admin")
    for booking_id in (gone, here):
        frame = {"action": "openRoom", "conversationId": room_of(booking_id)}
        assert market.frame(ADMIN, "connection-admin", frame)["type"] == "ack"
    key = {"conversationId": {"S": room_of(gone)}}
    market.raw.delete_item(TableName="marketplace-test-chat_rooms", Key=key)
    market.wait(minutes=1)

    if leaving == "told":
        assert market.disconnect(ADMIN, "connection-admin") == 200
    else:
        market.gateway.open.clear()
        assert market.send(MADE, here, "hello", "m-1").status == 201

    assert market.rows("connections") == []
    assert "watchers" not in market.row("chat_rooms", conversationId=room_of(here))


@pytest.mark.parametrize("step", OVERTAKING)
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"connect", "read_notice"}))
def test_x5_whoever_overtakes_a_repeat_after_a_lost_answer_doubles_and_loses_nothing(
    market: Market, command: str, step: str
) -> None:
    carry_out = COMMANDS[command](market)
    market.raw.forgets_tokens = True  # so that the rows themselves must tell whose work they are
    market.faults.clear()
    done: list[str] = []

    def somebody_else() -> None:
        if not done:
            done.append(step)
            overtake(market, step)

    for operation in WRITES:
        market.faults.next(operation, Fault.ANSWER_LOST, somebody_else)

    answer = carry_out()

    assert done
    if (command, step) == ("read", "reassign"):
        assert answer is not None
        assert answer.status == 404  # the room has passed to somebody else
    elif command != "waive":  # which says that the record has moved on since
        assert answer is None or answer.status in {200, 201}, answer
    market.faults.clear()
    market.check()


def accept(market: Market) -> int:
    """Let the therapist accept what Wayan has asked for."""
    (booking,) = (row for row in market.rows("bookings") if row["customerId"] == WAYAN.user_id)
    return market.command(AYU, str(booking["bookingId"]), "accept").status


def ask_too(market: Market) -> int:
    """Let another customer ask for the same therapist right now."""
    return market.call(MADE, "POST", "/bookings", market.order(AYU, customerWhatsApp="+6281299999999")).status


@pytest.mark.parametrize("outer_accepts", [True, False], ids=["ask inside accept", "accept inside ask"])
def test_x19_a_time_that_is_given_away_as_its_deadline_passes_belongs_to_one_of_both(
    market: Market, monkeypatch: pytest.MonkeyPatch, *, outer_accepts: bool
) -> None:
    """The acceptance goes by a clock just before the deadline, the new request by one just after it."""
    position = 0
    while True:
        deadline = deadline_of(market.row("bookings", bookingId=market.book()))
        early, late = deadline - timedelta(seconds=1), deadline + timedelta(seconds=1)
        within: list[int] = []

        def in_between(market: Market = market, early: datetime = early, late: datetime = late) -> None:
            market.now = late if outer_accepts else early
            within.append(ask_too(market) if outer_accepts else accept(market))  # noqa: B023 - carried out within this turn
            market.now = early if outer_accepts else late

        market.now = early if outer_accepts else late
        market.faults.clear()
        market.faults.at(position, in_between, of=STORE_CALLS)

        answer = accept(market) if outer_accepts else ask_too(market)

        market.faults.clear()
        market.now = late
        if not within:
            break
        accepted, asked = (answer, within[0]) if outer_accepts else (within[0], answer)
        assert (accepted, asked) in {(200, 409), (409, 201)}
        market.check()
        position += 1
        market = Market(monkeypatch)
    assert position > 1


CODE: Final = "SEKALI"
"""A code with one use in all."""


def use_it_elsewhere(market: Market) -> int:
    """Let another customer ask another therapist with the same code."""
    order = market.order(BUDI, customerWhatsApp="+6281299999999", discountCode=CODE)
    return market.call(MADE, "POST", "/bookings", order).status


def give_it_back(market: Market) -> int:
    """Let the therapist decline, so that the code is free again."""
    (booking,) = (row for row in market.rows("bookings") if row["customerId"] == WAYAN.user_id)
    return market.command(AYU, str(booking["bookingId"]), "decline").status


def take_it_again(market: Market) -> int:
    """Let the declined booking be offered to somebody else, for which it needs its use again."""
    (booking,) = (row for row in market.rows("bookings") if row["customerId"] == WAYAN.user_id)
    return market.command(ADMIN, str(booking["bookingId"]), "reassign", {"therapistId": "t-citra"}).status


def cancel(market: Market) -> int:
    """Let the customer take the request back."""
    (booking,) = (row for row in market.rows("bookings") if row["customerId"] == WAYAN.user_id)
    return market.command(WAYAN, str(booking["bookingId"]), "cancel").status


USES: Final = {each.__name__: each for each in (use_it_elsewhere, give_it_back, take_it_again, cancel)}


@pytest.mark.parametrize("is_declined", [False, True], ids=["in use", "given back"])
@pytest.mark.parametrize(("outer", "inner"), list(product(USES, USES)))
def test_x9_the_one_use_of_a_code_is_never_had_twice_nor_lost(
    market: Market, monkeypatch: pytest.MonkeyPatch, outer: str, inner: str, *, is_declined: bool
) -> None:
    position = 0
    while True:
        market.book(discountCode=CODE)
        if is_declined:
            give_it_back(market)
        within: list[int] = []

        def in_between(market: Market = market) -> None:
            within.append(USES[inner](market))  # noqa: B023 - carried out within this turn

        market.faults.clear()
        market.faults.at(position, in_between, of=STORE_CALLS)

        answer = USES[outer](market)

        market.faults.clear()
        assert {answer, *within} <= {200, 201, 404, 409}  # a therapist whose offer was taken away finds none
        market.check()
        assert market.row("discount_codes", discountCode=CODE)["used"] in {0, 1}
        if not within:
            break
        position += 1
        market = Market(monkeypatch)
    assert position > 0
