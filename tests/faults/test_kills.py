"""X9, X18: a worker dies at any call it makes; what stands is all or nothing, and a repeat completes it."""

import pytest

from tests.faults.commands import COMMANDS, REPEATABLE
from tests.faults.injection import Fault, Killed
from tests.faults.market import AYU, BUDI, MADE, WAYAN, Market

EVERY_CALL = frozenset(
    {
        "get_item",
        "batch_get_item",
        "query",
        "put_item",
        "update_item",
        "delete_item",
        "transact_write_items",
        "post_to_connection",
        "put_events",
    }
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("moment", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER], ids=lambda fault: fault.value)
def test_x9_a_worker_killed_at_any_call_leaves_all_or_nothing(
    command: str, moment: Fault, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = 0
    while True:
        carry_out = COMMANDS[command](market)
        market.faults.clear()
        market.faults.at(position, moment, of=EVERY_CALL)
        try:
            carry_out()
        except Killed:
            pass
        else:
            assert position > 0
            return
        market.faults.clear()
        assert market.violations() == []  # before anything is published, too

        again = carry_out()

        done = {200, 201} if command in REPEATABLE else {200, 201, 409, 401}
        assert again is None or again.status in done, again
        market.check()
        position += 1
        market = Market(monkeypatch)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_x18_a_sweep_killed_midway_is_finished_by_the_next(market: Market, after: int) -> None:
    for number, therapist in enumerate((AYU, BUDI)):
        market.book(MADE, therapist, customerWhatsApp=f"+6281200000{number}00")
    market.wait(minutes=16)
    market.faults.at(after, Fault.KILLED_AFTER, of=frozenset({"batch_get_item", "transact_write_items"}))
    with pytest.raises(Killed):
        market.sweep()
    market.faults.clear()

    market.sweep()

    assert {booking["status"] for booking in market.rows("bookings")} == {"expired"}
    market.check()


def test_x18_two_sweeps_at_once_expire_each_booking_once(market: Market) -> None:
    booking_id = market.book()
    market.wait(minutes=16)
    inner: list[object] = []
    market.faults.next("transact_write_items", lambda: inner.append(market.sweep()))

    assert market.sweep() == {"due": 1, "expired": 0}

    assert inner == [{"due": 1, "expired": 1}]
    assert market.row("bookings", bookingId=booking_id)["version"] == 2
    market.check()


def test_x18_without_any_sweep_an_expired_offer_cannot_be_accepted_and_frees_its_time(market: Market) -> None:
    booking_id = market.book()
    market.wait(minutes=15)

    answer = market.command(AYU, booking_id, "accept")

    assert (answer.status, answer.body["code"]) == (409, "deadline_passed")
    assert market.call(WAYAN, "GET", f"/bookings/{booking_id}").body["status"] == "expired"
    market.book(MADE, customerWhatsApp="+6281200000001")
    market.wait(hours=23)
    market.sweep()
    market.check()
