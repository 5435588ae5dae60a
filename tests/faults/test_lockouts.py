"""Nobody locks others out, or learns of them, with what anybody can type: numbers, codes, bookings over and over."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from marketplace.booking.pending_limits import MOST_OF_CUSTOMER, MOST_OF_NETWORK
from marketplace.platform import settings
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from marketplace.platform.limits import WRONG_CODES
from tests.faults.market import AYU, BUDI, MADE, WAYAN, Market

PHONES = count(10_000_000)


@pytest.fixture(autouse=True)
def unscaled(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the limits be those of the template."""
    monkeypatch.setenv("RATE_LIMIT_SCALE", "1")
    settings.settings.cache_clear()
    market.forget_caches()


def guest(number: int) -> Caller:
    return Caller(user_id=f"c-guest-{number}", role=Role.CUSTOMER, signed_in_at=2_000_000_000)


def slots(market: Market) -> Iterator[dict[str, Any]]:
    """Yield times that are free, with a number that nobody has typed before."""
    tomorrow = (market.now + timedelta(days=1)).replace(hour=1, minute=0, second=0)
    for day in range(20):
        for hour in (0, 3, 6, 9):
            start = tomorrow + timedelta(days=day, hours=hour)
            yield {
                "bookingType": "scheduled",
                "scheduledTime": format_utc(start),
                "customerWhatsApp": f"+62812{next(PHONES)}",
                "confirmOtherPending": True,
            }


def asked(market: Market, caller: Caller, **order: Any) -> tuple[int, str | None]:
    """Order, and return status and code."""
    answer = market.call(caller, "POST", "/bookings", market.order(**order))
    return answer.status, answer.body.get("code")


def test_a_customer_has_five_pending_bookings_and_an_answered_one_makes_room_at_once(market: Market) -> None:
    free = slots(market)
    made = [market.book(**next(free)) for _ in range(MOST_OF_CUSTOMER)]
    refused = market.call(WAYAN, "POST", "/bookings", market.order(**next(free)))
    assert (refused.status, refused.body["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 900
    assert asked(market, MADE, **next(free)) == (201, None)

    for step, caller in (("cancel", WAYAN), ("decline", AYU), ("accept", AYU)):
        assert market.command(caller, made.pop(), step).status == 200
        made.insert(0, market.book(**next(free)))
        assert asked(market, WAYAN, **next(free)) == (429, "too_many_requests")
    market.wait(minutes=16)
    assert asked(market, WAYAN, **next(free)) == (201, None)
    market.check()


def test_a_network_has_forty_pending_bookings_however_many_guests_it_makes(market: Market) -> None:
    free = slots(market)
    for number in range(MOST_OF_NETWORK):
        assert asked(market, guest(number // MOST_OF_CUSTOMER), **next(free)) == (201, None)
    assert asked(market, guest(99), **next(free)) == (429, "too_many_requests")

    first = next(row for row in market.rows("bookings") if row["customerId"] == guest(0).user_id)
    assert market.command(guest(0), first["bookingId"], "cancel").status == 200
    assert asked(market, guest(99), **next(free)) == (201, None)
    assert "192.0.2.1" not in repr(market.rows("claims"))
    market.check()


def test_a_repeat_finds_its_booking_though_the_limit_is_reached(market: Market) -> None:
    free = slots(market)
    order = market.order(**next(free))
    made = market.expect(201, WAYAN, "POST", "/bookings", order, key="once")
    for _ in range(MOST_OF_CUSTOMER - 1):
        market.book(**next(free))
    again = market.expect(201, WAYAN, "POST", "/bookings", order, key="once")
    assert again["booking"]["bookingId"] == made["booking"]["bookingId"]


def test_what_strangers_ask_under_a_number_neither_locks_its_owner_out_nor_tells_of_it(market: Market) -> None:
    number = "+6281298765432"
    for each, therapist in enumerate((AYU, BUDI, Caller(user_id="t-citra", role=Role.THERAPIST))):
        market.book(guest(each), therapist, customerWhatsApp=number)
    free = slots(market)

    place = market.order(**{**next(free), "customerWhatsApp": number, "therapistId": "p-ubud-spa"})
    del place["confirmOtherPending"]
    owner = market.expect(201, WAYAN, "POST", "/bookings", place)
    assert owner["warnings"] == []

    held = market.call(MADE, "POST", "/bookings", market.order(customerWhatsApp="+6281211112222"))
    known = market.call(MADE, "POST", "/bookings", market.order(customerWhatsApp=number))
    scheduled = market.call(MADE, "POST", "/bookings", market.order(**{**next(free), "customerWhatsApp": number}))
    told = [
        {name: answer.body[name] for name in answer.body if name != "requestId"} for answer in (held, known, scheduled)
    ]
    assert [answer["code"] for answer in told] == ["slot_taken", "duplicate_booking", "duplicate_booking"]
    assert [answer["bookingId"] for answer in told[1:]] == [None, None]

    own = market.call(WAYAN, "POST", "/bookings", place)
    assert (own.body["code"], own.body["bookingId"]) == ("duplicate_booking", owner["booking"]["bookingId"])
    market.check()


@pytest.mark.parametrize("door", ["/quotes", "/bookings"])
def test_thirty_wrong_codes_an_hour_are_enough_and_then_a_right_one_is_not_tried(market: Market, door: str) -> None:
    free = slots(market)

    def tried(caller: Caller, code: str) -> tuple[int, str | None]:
        order = market.order(**next(free), discountCode=code)
        if door == "/quotes":
            order = {
                name: order[name]
                for name in ("therapistId", "bookingType", "duration", "scheduledTime", "discountCode")
            }
        answer = market.call(caller, "POST", door, order)
        return answer.status, answer.body.get("code")

    free = iter([next(free)] * 100)
    wrong = Counter(tried(WAYAN, f"GUESS{number}") for number in range(WRONG_CODES.most + 5))
    assert wrong == {(409, "discount_unavailable"): WRONG_CODES.most, (429, "too_many_requests"): 5}
    assert tried(WAYAN, "HEMAT10") == (429, "too_many_requests")
    assert tried(MADE, "HEMAT10")[0] in {200, 201}
    market.wait(hours=1)
    free = slots(market)
    assert tried(WAYAN, "HEMAT10")[0] in {200, 201}


def test_right_codes_use_up_no_tries(market: Market) -> None:
    wanted = {"therapistId": AYU.user_id, "bookingType": "immediate", "duration": 60, "discountCode": "hemat10"}
    for _ in range(WRONG_CODES.most * 2):
        market.expect(200, WAYAN, "POST", "/quotes", wanted)
