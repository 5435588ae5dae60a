"""Many at once against the running store: one winner, nothing doubled, nothing lost."""

import secrets
from collections import Counter as Count
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any, Final

import pytest
from boto3.dynamodb.conditions import Key

from marketplace.booking.model import Booking
from marketplace.catalogue.discount.model import DiscountCode, DiscountKind
from marketplace.catalogue.repository import Catalogue
from marketplace.platform.refusals import ServiceUnavailable
from tests.local.races import Counter, side_by_side
from tests.local.visits import a_visit, free_starts, fresh_number, instant, written
from tests.local.world import World, at_once
from tools.local.person import expect


def booked(counter: Counter, therapist_id: str, **how: Any) -> Booking:  # noqa: ANN401 - as book() takes them
    """Book as customers do: who hears that the service is unavailable repeats under the same key."""
    key = {"key": secrets.token_hex(8), "customer_id": f"c-{secrets.token_hex(8)}", **how}
    for _ in range(3):
        try:
            return counter.book(therapist_id, **key).booking
        except ServiceUnavailable:
            continue
    return counter.book(therapist_id, **key).booking


LIVE: Final = {"pending", "confirmed"}


def bookings_of(world: World, therapist_id: str) -> list[dict[str, object]]:
    """Return the stored bookings of a therapist."""
    found = world.table("bookings").query(
        IndexName="byTherapist", KeyConditionExpression=Key("therapistId").eq(therapist_id)
    )
    return [dict(item) for item in found["Items"]]


def test_of_two_hundred_overlapping_bookings_one_is_live_and_can_be_accepted(world: World) -> None:
    therapist, counter = world.unattended_therapist(), Counter.of(world)
    start = instant(free_starts(world.stranger(), therapist.therapist_id)[20])
    starts = [start + number % 5 * timedelta(minutes=15) for number in range(200)]

    outcomes = side_by_side([partial(booked, counter, therapist.therapist_id, start=start) for start in starts])

    assert Count(outcomes) == {"pending": 1, "slot_taken": 199}
    (live,) = bookings_of(world, therapist.therapist_id)
    found = counter.bookings.get(str(live["bookingId"]))
    # Accepting what one has accepted answers the same; it is done once.
    assert Count(side_by_side([lambda: counter.step(found, "accept")] * 24)) == {"confirmed": 24}
    assert counter.bookings.get(found.booking_id).version == found.version + 1


def test_bookings_and_answers_at_once_never_leave_two_at_the_same_time(world: World) -> None:
    therapist, counter = world.unattended_therapist(), Counter.of(world)
    start = instant(free_starts(world.stranger(), therapist.therapist_id)[20])

    def book_and_answer(number: int) -> Booking:
        opened = counter.book(therapist.therapist_id, start=start).booking
        return counter.step(opened, ("decline", "cancel", "accept")[number % 3])

    outcomes = side_by_side([partial(book_and_answer, number) for number in range(60)])

    live = [booking for booking in bookings_of(world, therapist.therapist_id) if booking["status"] in LIVE]
    assert len(live) == 1, outcomes
    assert Count(outcomes)["confirmed"] == 1


def test_visits_one_after_another_all_go_through_at_once(world: World) -> None:
    therapist, counter = world.unattended_therapist(), Counter.of(world)
    first = instant(free_starts(world.stranger(), therapist.therapist_id)[0])
    starts = [first + number * timedelta(minutes=75) for number in range(9)]

    outcomes = side_by_side([partial(booked, counter, therapist.therapist_id, start=start) for start in starts])

    assert outcomes == ["pending"] * 9


def test_a_hundred_parallel_uses_of_a_one_use_code_are_one(world: World) -> None:
    counter, code = Counter.of(world), f"EINMAL{fresh_number()[-6:]}"
    therapists = [world.unattended_therapist().therapist_id for _ in range(100)]
    one_use = DiscountCode(discount_code=code, kind=DiscountKind.AMOUNT, value=50_000, max_uses=1)
    assert Catalogue(world.store()).add_discount_code(one_use)

    outcomes = side_by_side([partial(booked, counter, each, code=code) for each in therapists])

    assert Count(outcomes) == {"pending": 1, "discount_unavailable": 99}
    assert world.table("discount_codes").get_item(Key={"discountCode": code})["Item"]["used"] == 1


def test_parallel_uses_of_one_customer_stop_at_what_the_code_allows_each(world: World) -> None:
    counter, code, number = Counter.of(world), f"ZWEIMAL{fresh_number()[-6:]}", fresh_number()
    twice = DiscountCode(discount_code=code, kind=DiscountKind.AMOUNT, value=1_000, max_uses_per_customer=2)
    assert Catalogue(world.store()).add_discount_code(twice)
    therapists = [world.unattended_therapist().therapist_id for _ in range(12)]

    outcomes = side_by_side(
        [partial(booked, counter, each, code=code, number=number, confirm=True) for each in therapists]
    )

    assert Count(outcomes) == {"pending": 2, "discount_unavailable": 10}


def test_fifty_copies_under_one_key_are_one_booking(world: World) -> None:
    therapist, counter, number = world.unattended_therapist(), Counter.of(world), fresh_number()

    outcomes = side_by_side(
        [partial(booked, counter, therapist.therapist_id, number=number, customer_id=f"c-{number}", key="once")] * 50
    )

    assert outcomes == ["pending"] * 50
    assert len(bookings_of(world, therapist.therapist_id)) == 1


def test_of_many_requests_of_one_number_to_one_therapist_one_is_open(world: World) -> None:
    therapist, counter, number = world.unattended_therapist(), Counter.of(world), fresh_number()
    starts = [instant(start) for start in free_starts(world.stranger(), therapist.therapist_id)[:40:5]]

    outcomes = side_by_side(
        [
            partial(booked, counter, therapist.therapist_id, start=start, number=number, customer_id=f"c-{number}")
            for start in starts
        ]
    )

    assert Count(outcomes) == {"pending": 1, "duplicate_booking": len(starts) - 1}


STEPS: Final = ("accept", "decline", "cancel", "expire", "reassign")
ENDS: Final = {
    "accept": "confirmed",
    "decline": "declined",
    "cancel": "cancelled",
    "expire": "expired",
    "reassign": "pending",
}


@pytest.mark.parametrize("pair", list(combinations(STEPS, 2)), ids="+".join)
def test_of_two_steps_at_once_one_wins_and_the_other_learns_the_state(world: World, pair: tuple[str, str]) -> None:
    counter, other = Counter.of(world), world.unattended_therapist()
    for _ in range(4):
        therapist = world.unattended_therapist()
        booking = counter.book(therapist.therapist_id).booking
        if "expire" in pair:
            # The deadline lies between the two: the step was decided in time, the sweep comes right after.
            _deadline_now(world, booking)

        outcomes = side_by_side([partial(counter.step, booking, step, other.therapist_id) for step in pair] * 2)

        after = counter.bookings.get(booking.booking_id)
        answered = [outcome for outcome in outcomes if outcome in ENDS.values()]
        # Accepting again what one has accepted answers the same, and is no second step.
        won = [each for n, each in enumerate(answered) if each != "confirmed" or "confirmed" not in answered[:n]]
        assert after.status.value in won
        # What is confirmed may be cancelled, and what is reassigned is open again: a second step is no second winner.
        assert after.version == booking.version + len(won)
        if "reassign" not in pair and pair != ("accept", "cancel"):
            assert len(won) == 1, outcomes
        record = world.table("commission_records").get_item(Key={"bookingId": booking.booking_id}).get("Item")
        assert (record is not None) == ("confirmed" in won)
        if record is not None:
            assert record["paymentStatus"] == ("pending" if after.status.value == "confirmed" else "reversed")
        if after.status.value in LIVE and after.therapist_id == other.therapist_id:
            counter.step(after, "cancel")


def _deadline_now(world: World, booking: Booking) -> None:
    world.table("bookings").update_item(
        Key={"bookingId": booking.booking_id},
        UpdateExpression="SET responseDeadline = :now",
        ExpressionAttributeValues={":now": written(datetime.now(UTC) + timedelta(milliseconds=15))},
    )


def test_copies_of_a_request_over_http_have_equal_answers_but_for_the_ticket(world: World) -> None:
    therapist, customer = world.unattended_therapist(), world.guest()
    body, key = a_visit(therapist.therapist_id, discountCode="HEMAT10"), {"Idempotency-Key": "once"}
    expect(world.guest().post("/bookings", a_visit(world.unattended_therapist().therapist_id)), 201)  # warms up

    answers = [
        expect(response, 201) for response in at_once([lambda: customer.post("/bookings", body, headers=key)] * 4)
    ]

    assert len({answer.pop("chatTicket") for answer in answers}) == 4
    assert all(answer == answers[0] for answer in answers)
    assert len(expect(customer.get("/bookings"), 200)["items"]) == 1
