"""X13 to X16: what the streams bring comes twice, late, shuffled, poisoned, or while nobody can be told."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Barrier
from typing import Any

import pytest

from functions.publish_changes import handler as publish_changes
from marketplace.platform.caller import Caller
from tests.faults.injection import Fault
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of


def lived(market: Market) -> str:
    """Let a booking live through many steps without publishing any; return its id."""
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id})
    market.command(BUDI, booking_id, "accept")
    market.command(WAYAN, booking_id, "cancel")
    return booking_id


def audit_log(market: Market, booking_id: str) -> list[tuple[str, int]]:
    entries = [entry for entry in market.rows("history") if entry["entityId"] == booking_id]
    return sorted((entry["action"], entry["version"]) for entry in entries)


EVERY_STEP = [
    ("cancelled", 5),
    ("commission_pending", 1),
    ("commission_reversed", 2),
    ("confirmed", 4),
    ("created", 1),
    ("declined", 2),
    ("reassigned", 3),
]


def test_x13_a_message_is_acknowledged_though_nobody_can_be_told(market: Market) -> None:
    booking_id = market.book()
    market.connect(AYU, "connection-ayu")
    market.faults.always("query", Fault.THROTTLED)
    market.faults.always("post_to_connection", Fault.BROKEN)

    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 201

    market.faults.clear()
    page = market.call(AYU, "GET", f"/rooms/{room_of(booking_id)}/messages", query={"after": "3"})
    assert [item["sequence"] for item in page.body["items"]] == [4]
    market.check()


def test_x13_a_booking_stands_though_bus_and_gateway_are_down_and_is_told_later(market: Market) -> None:
    market.connect(AYU, "connection-ayu")
    market.faults.always("put_events", Fault.BROKEN)
    market.faults.always("post_to_connection", Fault.BROKEN)
    booking_id = market.book()
    waiting = list(market.changes)

    assert market.publish() == {"batchItemFailures": []}

    assert market.parked.messages
    assert audit_log(market, booking_id) == [("created", 1)]
    market.faults.clear()
    market.forget_caches()
    market.publish(waiting)
    events = [frame for _, frame in market.gateway.frames if frame["type"] == "booking"]
    assert [event["booking"]["version"] for event in events] == [1]
    market.check()


def test_x13_the_trail_and_the_people_do_not_wait_for_the_bus(market: Market) -> None:
    market.connect(AYU, "connection-ayu")
    market.faults.always("put_events", Fault.BROKEN)
    booking_id = market.book()

    market.publish()

    assert audit_log(market, booking_id) == [("created", 1)]
    assert "booking" in {frame["type"] for _, frame in market.gateway.frames}


@pytest.mark.parametrize("times", [2, 3])
def test_x14_changes_that_come_again_add_nothing(market: Market, times: int) -> None:
    booking_id = lived(market)
    market.connect(WAYAN, "connection-wayan")
    changes = list(market.changes)
    market.changes.clear()

    for _ in range(times):
        market.publish(changes)

    assert audit_log(market, booking_id) == EVERY_STEP
    versions = Counter(frame["booking"]["version"] for _, frame in market.gateway.frames if frame["type"] == "booking")
    assert versions == dict.fromkeys(range(1, 6), times)
    market.check()


def test_x14_a_schedule_that_fires_again_and_again_does_nothing_more(market: Market) -> None:
    market.book()
    market.wait(minutes=16)

    assert [market.sweep()["expired"] for _ in range(5)] == [1, 0, 0, 0, 0]

    market.check()


@pytest.mark.parametrize("seed", range(5))
def test_x15_changes_in_any_order_make_the_same_trail(market: Market, seed: int) -> None:
    booking_id = lived(market)
    changes = list(market.changes) * 2
    market.changes.clear()
    random.Random(seed).shuffle(changes)  # noqa: S311 - an order, not a secret

    for change in changes:
        market.publish([change])

    assert audit_log(market, booking_id) == EVERY_STEP
    market.check()


def test_changes_of_one_booking_keep_their_order_while_those_of_others_are_told_beside_them(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = [lived(market) for _ in range(3)]
    changes = [each for each in market.changes if each["eventSourceARN"].split("/")[1].endswith("bookings")]
    market.changes.clear()
    all_begun, told = Barrier(len(bookings)), list[tuple[str, int]]()

    def publish(_: Any, new: Mapping[str, Any]) -> tuple[Callable[[], None]]:
        def tell() -> None:
            if new["version"] == 1:
                all_begun.wait(timeout=5)  # nobody passes until a change of each booking is being told
            told.append((str(new["bookingId"]), int(new["version"])))

        return (tell,)

    monkeypatch.setitem(publish_changes._PUBLISHERS, "bookings", publish)  # noqa: SLF001 - what is told is not the point
    assert market.publish(changes) == {"batchItemFailures": []}

    for booking_id in bookings:
        assert [version for told_id, version in told if told_id == booking_id] == [1, 2, 3, 4, 5]


def poison(market: Market) -> dict[str, Any]:
    """Return a change of a booking that nobody can read."""
    change = dict(next(each for each in market.changes if each["eventSourceARN"].split("/")[1].endswith("bookings")))
    images = dict(change["dynamodb"])
    images["NewImage"] = {"bookingId": {"S": "b-poison"}, "version": {"S": "many"}, "status": {"S": "unheard of"}}
    images.pop("OldImage", None)
    return {**change, "dynamodb": {**images, "SequenceNumber": "9" * 21}}


@pytest.mark.parametrize("place", ["first", "middle", "last", "all"])
def test_x16_a_poisoned_change_is_put_aside_and_the_others_arrive(market: Market, place: str) -> None:
    booking_id = lived(market)
    good, bad = list(market.changes), poison(market)
    market.changes.clear()
    batch = {
        "first": [bad, *good],
        "middle": [*good[:3], bad, *good[3:]],
        "last": [*good, bad],
        "all": [bad] * 4,
    }[place]

    assert market.publish(batch) == {"batchItemFailures": []}

    assert len(market.parked.messages) == (4 if place == "all" else 1)
    assert all("b-poison" in message for message in market.parked.messages)
    if place == "all":
        market.publish(good)
    assert audit_log(market, booking_id) == EVERY_STEP
    market.check()


def test_x16_what_can_be_neither_published_nor_put_aside_is_reported_for_the_stream_to_bring_again(
    market: Market,
) -> None:
    lived(market)
    good, bad = list(market.changes), poison(market)
    market.changes.clear()
    market.faults.always("send_message", Fault.BROKEN)

    answer = market.publish([good[0], bad, *good[1:]])

    assert answer == {"batchItemFailures": [{"itemIdentifier": "9" * 21}]}
    market.faults.clear()
    market.forget_caches()
    assert market.publish([bad, *good[1:]]) == {"batchItemFailures": []}
    market.check()


def test_x16_while_the_tables_are_away_changes_wait_in_their_stream_and_none_is_put_aside(market: Market) -> None:
    booking_id = lived(market)
    changes = list(market.changes)
    market.changes.clear()
    market.remaining_milliseconds = 9_000
    for operation in ("put_item", "query", "batch_get_item"):
        market.faults.always(operation, Fault.BROKEN)

    answer = market.publish(changes)

    assert answer == {"batchItemFailures": [{"itemIdentifier": changes[0]["dynamodb"]["SequenceNumber"]}]}
    assert market.parked.messages == []
    market.faults.clear()
    market.forget_caches()
    market.remaining_milliseconds = 15_000
    assert market.publish(changes) == {"batchItemFailures": []}
    assert audit_log(market, booking_id) == EVERY_STEP
    market.check()


def test_x16_a_short_absence_of_the_tables_is_waited_out(market: Market) -> None:
    booking_id = lived(market)
    market.remaining_milliseconds = 60_000
    market.faults.next("put_item", *[Fault.THROTTLED] * 9)

    assert market.publish() == {"batchItemFailures": []}

    assert market.parked.messages == []
    assert audit_log(market, booking_id) == EVERY_STEP
    market.check()


def test_x16_poison_is_told_from_an_absence_of_the_tables_though_both_come_together(market: Market) -> None:
    market.book()
    good, bad = list(market.changes), poison(market)
    market.changes.clear()
    market.remaining_milliseconds = 9_000
    market.faults.always("put_item", Fault.BROKEN)

    assert market.publish([bad, *good])["batchItemFailures"] == [
        {"itemIdentifier": good[0]["dynamodb"]["SequenceNumber"]}
    ]

    assert len(market.parked.messages) == 1
    assert "b-poison" in market.parked.messages[0]


def unread(market: Market, caller: Caller = AYU) -> list[str]:
    """Return the kinds of somebody's unread notifications, after everything has been published."""
    market.publish()
    listed = market.expect(200, caller, "GET", "/notifications")
    kinds = [item["kind"] for item in listed["items"] if not item["isRead"]]
    assert listed["unread"] == len(kinds)
    return sorted(kinds)


def read_all(market: Market, caller: Caller = AYU) -> None:
    market.publish()
    for item in market.expect(200, caller, "GET", "/notifications")["items"]:
        market.expect(200, caller, "POST", f"/notifications/{item['notificationId']}/read")


def test_booking_and_cancelling_over_and_over_leaves_a_therapist_nothing_to_read(market: Market) -> None:
    for _ in range(10):
        booking_id = market.book()
        market.wait(minutes=6)
        market.invoke("ring_again", {})
        assert market.command(WAYAN, booking_id, "cancel").status == 200
    standing = market.book(MADE, customerWhatsApp="+6281298765432")
    market.command(WAYAN, market.book(therapist=BUDI), "cancel")

    assert unread(market) == ["booking_created"]
    listed = market.expect(200, AYU, "GET", "/notifications")["items"]
    assert [item["bookingId"] for item in listed if not item["isRead"]] == [standing]
    assert sum(item["kind"] == "booking_cancelled" for item in listed) == 10


def test_what_rang_for_an_offer_leaves_the_unread_ones_when_it_falls_away_and_news_stays(market: Market) -> None:
    declined = market.book()
    market.command(AYU, declined, "decline")
    assert unread(market) == []

    market.book()
    market.wait(minutes=16)
    market.sweep()
    assert unread(market) == ["booking_expired"]
    read_all(market)

    reassigned = market.book()
    market.command(ADMIN, reassigned, "reassign", {"therapistId": BUDI.user_id})
    assert unread(market) == []
    assert unread(market, BUDI) == ["booking_reassigned"]


def test_a_therapist_who_has_read_an_offer_reads_that_it_was_called_off(market: Market) -> None:
    booking_id = market.book()
    read_all(market)
    market.command(WAYAN, booking_id, "cancel")
    assert unread(market) == ["booking_cancelled"]


def test_an_accepted_offer_stays_until_it_is_read(market: Market) -> None:
    market.command(AYU, market.book(), "accept")
    assert unread(market) == ["booking_created"]


def test_changes_that_come_twice_withdraw_nothing_of_the_next_offer(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "decline")
    first = list(market.changes)
    market.publish()
    market.wait(seconds=1)
    market.command(ADMIN, booking_id, "reassign", {"therapistId": AYU.user_id})
    market.publish()
    market.publish(first)
    assert unread(market) == ["booking_reassigned"]
