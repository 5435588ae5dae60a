"""X32: two hundred want the same hour; the tables are atomic under threads, and so is the answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import format_utc
from tests.faults.market import AYU, Market


def customer(number: int) -> Caller:
    return Caller(user_id=f"c-{number}", role=Role.CUSTOMER)


def test_x32_of_two_hundred_who_want_one_hour_one_gets_it_and_the_others_hear_why(market: Market) -> None:
    start = (market.now + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)

    def book(number: int) -> tuple[int, str]:
        body = market.order(
            AYU,
            bookingType="scheduled",
            scheduledTime=format_utc(start),
            customerWhatsApp=f"+62812345{number:05d}",
        )
        answer = market.call(customer(number), "POST", "/bookings", body, key=f"k-{number}")
        return answer.status, str(answer.body.get("code", ""))

    with ThreadPoolExecutor(max_workers=24) as pool:
        answers = Counter(pool.map(book, range(200)))

    assert answers == {(201, ""): 1, (409, "slot_taken"): 199}
    market.check()


def test_x32_those_who_want_different_hours_all_get_theirs(market: Market) -> None:
    first = (market.now + timedelta(days=2)).replace(hour=1, minute=0, second=0, microsecond=0)

    def book(number: int) -> int:
        start = first + timedelta(days=number // 6, hours=2 * (number % 6))
        body = market.order(
            AYU,
            bookingType="scheduled",
            scheduledTime=format_utc(start),
            customerWhatsApp=f"+62812345{number:05d}",
        )
        return market.call(customer(number), "POST", "/bookings", body).status

    with ThreadPoolExecutor(max_workers=24) as pool:
        answers = Counter(pool.map(book, range(48)))

    assert answers == {201: 48}
    market.check()


def test_x32_twenty_four_who_write_at_once_are_all_heard(market: Market) -> None:
    booking_id = market.book()

    def write(number: int) -> int:
        return market.send(AYU, booking_id, f"words {number}", f"m-{number}").status

    with ThreadPoolExecutor(max_workers=24) as pool:
        answers = list(pool.map(write, range(24)))

    assert answers == [201] * 24
    for promise in market.acknowledged:
        promise["isRepeat"] = True  # the order of answers to different threads says nothing
    market.check()
