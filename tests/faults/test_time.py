"""X17, X19: indexes lag and clocks step; conditions and sequences decide all the same."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from marketplace.booking.repository import Bookings
from marketplace.platform.clock import parse_utc
from tests.faults.market import AYU, BUDI, MADE, WAYAN, Market, deadline_of, room_of


def test_x17_an_index_that_still_shows_an_answered_booking_expires_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.wait(minutes=16)

    def stale(_: Bookings, shard: int, now: datetime) -> Iterator[str]:
        assert now == market.now
        return iter([booking_id] if shard == 0 else [])

    monkeypatch.setattr(Bookings, "find_due", stale)
    assert market.sweep() == {"due": 1, "expired": 0}

    assert market.row("bookings", bookingId=booking_id)["status"] == "confirmed"
    market.check()


def test_x17_a_booking_that_an_index_misses_is_expired_by_the_next_sweep(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking_id = market.book()
    market.wait(minutes=16)
    with monkeypatch.context() as lagging:
        lagging.setattr(Bookings, "find_due", lambda *_: iter(()))
        assert market.sweep() == {"due": 0, "expired": 0}
    assert market.call(WAYAN, "GET", f"/bookings/{booking_id}").body["status"] == "expired"

    assert market.sweep() == {"due": 1, "expired": 1}

    market.check()


@pytest.mark.parametrize("skew", [timedelta(minutes=-5), timedelta(minutes=5)])
def test_x19_a_container_whose_clock_is_off_never_sweeps_before_the_deadline_by_its_own_time(
    market: Market, skew: timedelta
) -> None:
    booking_id = market.book()
    deadline = deadline_of(market.row("bookings", bookingId=booking_id))
    true_time = market.now
    market.now = min(true_time + skew, deadline - timedelta(seconds=1))

    assert market.sweep() == {"due": 0, "expired": 0}

    market.now = true_time
    assert market.command(AYU, booking_id, "accept").status == 200
    market.check()


def test_x19_an_hour_back_keeps_messages_in_their_order_and_times_from_running_backwards(market: Market) -> None:
    booking_id = market.book()
    market.send(WAYAN, booking_id, "before", "m-1")
    market.wait(hours=-1)

    market.send(AYU, booking_id, "after", "m-2")

    page = market.call(WAYAN, "GET", f"/rooms/{room_of(booking_id)}/messages").body["items"]
    assert [item["sequence"] for item in page] == [1, 2, 3, 4, 5]
    times = [parse_utc(item["timestamp"]) for item in page]
    assert times == sorted(times)
    market.check()


def test_x19_an_hour_back_between_two_steps_keeps_their_order_in_the_trail(market: Market) -> None:
    booking_id = market.book()
    market.wait(hours=-1)

    assert market.command(AYU, booking_id, "accept").status == 200
    assert market.command(AYU, booking_id, "complete").status == 200

    market.publish()
    entries = [row for row in market.rows("history") if "#booking#" in row["entryId"]]
    assert [row["action"] for row in sorted(entries, key=lambda row: row["entryId"])] == [
        "created",
        "confirmed",
        "completed",
    ]
    market.check()


def test_x19_after_an_hour_forward_offers_are_over_for_everybody_alike(market: Market) -> None:
    booking_id = market.book()
    market.wait(hours=1)

    assert market.command(AYU, booking_id, "accept").body["code"] == "deadline_passed"
    market.book(MADE, AYU, customerWhatsApp="+6281200000009")
    market.sweep()
    market.check()
    assert market.book(MADE, BUDI, customerWhatsApp="+6281200000008", confirmOtherPending=True)
