"""The admins' tools under faults: health never cries wolf, and no half-played test booking is left behind."""

import json
from datetime import timedelta
from typing import Any

import pytest

from marketplace import bootstrap
from marketplace.operations.health.repository import HealthRows
from marketplace.platform.clock import format_utc
from tests.faults.commands import COMMANDS
from tests.faults.injection import WRITES, Fault, Killed
from tests.faults.market import ADMIN, AYU, BUDI, WAYAN, Answered, Market

KINDS = ("immediate", "scheduled", "chat")
EVERYTHING = (
    *("bookings", "calendar", "claims", "chat_rooms", "chat_messages", "commission_records"),
    *("notifications", "therapists"),
)


def health(market: Market) -> dict[str, Any]:
    return market.expect(200, ADMIN, "GET", "/admin/health")


def named(answer: dict[str, Any]) -> dict[str, str]:
    """Return the messages of the red checks."""
    return {check["id"]: check["error"]["message"] for check in answer["checks"] if check["error"] is not None}


def play(market: Market, kind: str) -> Answered:
    return market.call(ADMIN, "POST", "/admin/test-bookings", {"kind": kind}, key="once")


def clear_up(market: Market) -> int:
    return int(market.invoke("run_test_booking", {})["removed"])


def left_of_test_bookings(market: Market) -> list[str]:
    """Return every row that has to do with a test booking, but for the note that its key was used."""
    notes = [row for row in market.rows("claims") if row["claimKey"] == "test-bookings-gone"]
    left = []
    for table in EVERYTHING:
        for row in market.rows(table):
            text = json.dumps(row, default=str)
            if row not in notes and ("-test-" in text or '"isTest": true' in text or "+62800" in text):
                left.append(f"{table}: {text}")
    return left


def test_an_empty_system_is_healthy(market: Market) -> None:
    answer = health(market)

    assert answer["status"] == "green"
    assert len(answer["checks"]) == 7
    assert all(check["checked"] == check["broken"] == 0 for check in answer["checks"])


def test_a_commission_whose_booking_is_gone_is_named(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    row = market.row("bookings", bookingId=booking_id)
    market.remove("bookings", bookingId=booking_id)

    assert named(health(market)) == {}
    market.wait(minutes=2)
    assert named(health(market)) == {"payment_tracking": f"Booking {booking_id} has a commission and does not exist."}
    market.plant("bookings", row)
    market.publish()
    assert named(health(market)) == {}


@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_people_do_turns_no_check_red(market: Market, command: str) -> None:
    COMMANDS[command](market)()
    for minutes in (0, 2, 20):
        market.publish()
        market.wait(minutes=minutes)
        market.sweep()
        market.publish()
        market.wait(minutes=1.1)
        answer = health(market)
        assert answer["status"] == "green", answer
        assert answer["checks"][0]["checked"] == (0 if command == "connect" else 1)


def test_changes_that_are_not_published_turn_the_data_flow_red_after_a_minute_and_green_once_they_are(
    market: Market,
) -> None:
    booking_id = market.book()
    assert health(market)["status"] == "green"

    market.wait(minutes=1.1)
    red = [check for check in health(market)["checks"] if check["status"] == "red"]
    assert [check["id"] for check in red] == ["admin_data_flow"]
    assert booking_id in red[0]["error"]["message"]

    market.publish()
    assert health(market)["status"] == "green"


def crowd(market: Market, number: int = 6) -> list[str]:
    """Make several bookings a second apart, whose changes wait to be published; return their ids, oldest first."""
    bookings = []
    for hour in range(number):
        at = (market.now + timedelta(days=2)).replace(hour=2 + hour, minute=0, second=0)
        whose = {
            "customerWhatsApp": f"+62812000000{hour:02d}",
            "bookingType": "scheduled",
            "scheduledTime": format_utc(at),
        }
        bookings.append(market.book(WAYAN, (AYU, BUDI)[hour % 2], **whose))
        market.wait(seconds=1)
    return bookings


def data_flow(market: Market) -> dict[str, Any]:
    return next(check for check in health(market)["checks"] if check["id"] == "admin_data_flow")


def publishing_meanwhile(market: Market, monkeypatch: pytest.MonkeyPatch, booking_ids: list[str]) -> None:
    """Let the changes of some bookings arrive while health waits to see whether any do."""

    def pause(_seconds: float) -> None:
        own = [change for change in market.changes if any(each in json.dumps(change) for each in booking_ids)]
        market.publish(own)

    monkeypatch.setattr(bootstrap, "health_rows", lambda: HealthRows(bootstrap.store(), pause))


def test_a_queue_of_changes_that_moves_is_a_lag_and_no_fault(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = crowd(market)
    market.wait(seconds=90)
    publishing_meanwhile(market, monkeypatch, bookings[:2])

    check = data_flow(market)

    assert (check["status"], check["broken"], check["error"]) == ("green", 0, None)
    assert check["lagSeconds"] == 90 + 6 - 2


def test_a_queue_that_moves_but_is_very_late_is_one_fault_with_its_seconds(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = crowd(market)
    market.wait(minutes=6)
    publishing_meanwhile(market, monkeypatch, bookings[:1])

    check = data_flow(market)

    assert (check["status"], check["broken"], check["lagSeconds"]) == ("red", 1, 365)
    assert check["error"]["message"] == (
        f"Booking {bookings[1]} and 4 more wait for the audit log that admins are told from, which is 365 s late."
    )


def test_a_queue_that_stands_still_is_one_fault_within_two_minutes(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = crowd(market)
    market.wait(seconds=90)
    publishing_meanwhile(market, monkeypatch, [])

    check = data_flow(market)

    assert (check["status"], check["broken"], check["lagSeconds"]) == ("red", 1, 96)
    assert bookings[0] in check["error"]["message"]
    assert check["error"]["message"].endswith("which is 96 s late and stands still.")
    market.publish()
    assert data_flow(market)["status"] == "green"


def test_changes_that_later_ones_have_overtaken_are_lost_and_each_is_named(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings = crowd(market)
    market.publish()
    for booking_id in bookings[:4]:
        for entry in market.rows("history"):
            if entry["entityId"] == booking_id:
                market.remove("history", entityId=booking_id, entryId=entry["entryId"])
    market.wait(seconds=90)
    publishing_meanwhile(market, monkeypatch, [])

    check = data_flow(market)

    assert (check["status"], check["broken"], check["lagSeconds"]) == ("red", 4, None)
    assert check["error"]["table"] == "history"


@pytest.mark.parametrize("kind", KINDS)
def test_a_test_booking_breaks_nothing_and_leaves_nothing(market: Market, kind: str) -> None:
    answer = play(market, kind)

    assert answer.status == 201
    assert {step["status"] for step in answer.body["steps"]} == {"green"}
    market.check()
    market.wait(minutes=2)
    assert health(market)["status"] == "green"
    assert clear_up(market) == 0

    market.wait(minutes=6)
    assert clear_up(market) == 1
    market.publish()
    assert left_of_test_bookings(market) == []
    assert market.violations() == []
    assert health(market)["status"] == "green"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moment", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER], ids=lambda fault: fault.value)
def test_one_that_dies_at_any_write_is_cleared_up(
    market: Market, monkeypatch: pytest.MonkeyPatch, kind: str, moment: Fault
) -> None:
    position = 0
    while True:
        market.faults.at(position, moment, of=WRITES)
        try:
            play(market, kind)
        except Killed:
            pass
        else:
            assert position > 3
            return
        market.faults.clear()

        market.wait(minutes=8)
        clear_up(market)

        assert left_of_test_bookings(market) == []
        position += 1
        market = Market(monkeypatch)


@pytest.mark.parametrize("kind", KINDS)
def test_clearing_up_that_dies_at_any_write_is_finished_by_the_next(
    market: Market, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    position = 0
    while True:
        play(market, kind)
        market.publish()
        market.wait(minutes=8)
        market.faults.clear()
        market.faults.at(position, Fault.KILLED_AFTER, of=WRITES)
        try:
            clear_up(market)
        except Killed:
            pass
        else:
            assert position > 8
            return
        market.faults.clear()
        assert health(market)["status"] == "green"  # half of it is gone, and nobody is alarmed

        clear_up(market)

        assert left_of_test_bookings(market) == []
        position += 1
        market = Market(monkeypatch)


def test_one_that_was_handed_to_a_real_therapist_gives_their_time_back(market: Market) -> None:
    market.faults.at(1, Fault.KILLED_BEFORE, of=frozenset({"transact_write_items"}))
    with pytest.raises(Killed):
        play(market, "immediate")
    market.faults.clear()
    (booking,) = market.rows("bookings")
    assert booking["status"] == "pending"
    market.expect(200, ADMIN, "POST", f"/admin/bookings/{booking['bookingId']}/reassign", {"therapistId": "t-budi"})

    market.wait(minutes=8)
    assert clear_up(market) == 1

    assert not any(sheet["holds"] for sheet in market.rows("calendar"))
    assert market.rows("bookings") == []
    market.book(therapist=BUDI)


def test_health_under_a_store_that_answers_no_more_is_no_green_lie(market: Market) -> None:
    market.book()
    market.wait(minutes=2)
    market.faults.always("batch_get_item", Fault.BROKEN)

    assert market.call(ADMIN, "GET", "/admin/health").status == 503


def test_an_offer_that_ran_out_of_time_is_missed_once(market: Market) -> None:
    market.book()
    market.wait(minutes=16)
    market.sweep()
    market.sweep()

    items = market.expect(200, ADMIN, "GET", "/admin/therapists")["items"]
    assert {item["therapistId"]: item["missedOffers"] for item in items} == {
        "p-ubud-spa": 0,
        "t-ayu": 1,
        "t-budi": 0,
        "t-citra": 0,
    }


def test_an_offer_that_cannot_be_counted_as_missed_has_expired_all_the_same(market: Market) -> None:
    market.book()
    market.wait(minutes=16)
    market.faults.always("update_item", Fault.BROKEN)

    market.sweep()

    assert [booking["status"] for booking in market.rows("bookings")] == ["expired"]
