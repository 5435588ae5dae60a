"""Each check of health sees the break of its own kind, and no row, however odd, makes one fail."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.operations.health.findings import Check, Fault, Row
from marketplace.operations.health.model import CHECKS, kind_of

NOW: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BY_ID: Final = {check.check_id: check for check in CHECKS}

BOOKING: Final[Row] = {
    "bookingId": "b-1",
    "chatRoomId": "r-1",
    "customerId": "c-1",
    "therapistId": "t-1",
    "confirmedTherapistId": "t-1",
    "status": "confirmed",
    "bookingType": "immediate",
    "mode": "immediate",
    "scheduledTime": None,
    "source": "chatWindow",
    "chatWindowOpen": True,
    "createdAt": "2026-11-22T07:00:00.000Z",
    "updatedAt": "2026-11-22T07:01:00.000Z",
    "offeredAt": "2026-11-22T07:00:00.000Z",
    "confirmedAt": "2026-11-22T07:01:00.000Z",
    "responseDeadline": "2026-11-22T07:15:00.000Z",
    "version": 2,
    "price": 250_000,
    "commissionRateBps": 3_000,
}
BESIDE: Final[dict[str, list[Row]]] = {
    "customer_therapist_connection": [
        {"bookingId": "b-1", "customerId": "c-1", "therapistId": "t-1", "status": "active"}
    ],
    "chat_window_booking": [{"after": {"source": "chatWindow"}}, {"sequence": 1}, {"sequence": 2}, {"sequence": 3}],
    "scheduled_booking": [],
    "book_now": [],
    "admin_data_flow": [{"entryId": "2026-11-22T07:01:00.000Z#booking#000002", "version": 2}],
    "notification_delivery": [{"bookingId": "b-1"}, {"bookingId": "b-1"}],
    "payment_tracking": [
        {
            "paymentStatus": "pending",
            "bookingAmount": 250_000,
            "commissionRate": 0.3,
            "commissionAmount": 75_000,
            "therapistId": "t-1",
            "source": "chatWindow",
        }
    ],
}


def judged(check: Check, booking: Row, beside: list[Row | None] | None = None) -> Fault | None:
    links = check.links(booking)
    return check.judge(booking, links, BESIDE[check.check_id] if beside is None else beside)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.check_id)
def test_a_sound_booking_is_broken_nowhere(check: Check) -> None:
    if check.concerns(BOOKING, NOW):
        assert judged(check, BOOKING) is None


@pytest.mark.parametrize(
    ("check_id", "table"),
    [
        ("customer_therapist_connection", "chat_rooms"),
        ("admin_data_flow", "history"),
        ("notification_delivery", "notifications"),
        ("payment_tracking", "commission_records"),
    ],
)
def test_what_is_not_there_is_named_by_table_key_and_booking(check_id: str, table: str) -> None:
    missing: list[Row | None] = [None for _ in BESIDE[check_id]]
    fault = judged(BY_ID[check_id], BOOKING, missing)

    assert fault is not None
    assert fault.table == table
    assert "b-1" in fault.message
    assert fault.key.startswith("{")
    assert table in fault.query


@pytest.mark.parametrize("sequence", [1, 2, 3])
def test_a_booking_from_the_chat_window_needs_the_messages_that_open_its_chat(sequence: int) -> None:
    beside: list[Row | None] = [*BESIDE["chat_window_booking"]]
    beside[sequence] = None

    fault = judged(BY_ID["chat_window_booking"], BOOKING, beside)

    assert fault is not None
    assert fault.table == "chat_messages"
    assert f"sequence = {sequence}" in fault.query


def test_a_chat_whose_messages_may_be_forgotten_is_not_judged() -> None:
    concerns = BY_ID["chat_window_booking"].concerns

    assert concerns(BOOKING, datetime(2026, 12, 22, tzinfo=UTC))
    assert not concerns(BOOKING, datetime(2027, 1, 22, tzinfo=UTC))


@pytest.mark.parametrize("source", [None, "chat", "", [], 3])
def test_an_unknown_source_is_broken(source: object) -> None:
    assert judged(BY_ID["chat_window_booking"], {**BOOKING, "source": source}, [None, {"sequence": 1}]) is not None


def test_a_booking_that_no_longer_says_it_came_from_the_chat_window_is_broken() -> None:
    made: list[Row | None] = [{"after": {"source": "chatWindow"}}]

    assert judged(BY_ID["chat_window_booking"], {**BOOKING, "source": "direct"}, made) is not None
    assert judged(BY_ID["chat_window_booking"], {**BOOKING, "source": "direct"}, [None]) is None


@pytest.mark.parametrize("status", ["cancelled", "active-ish", None])
def test_the_room_of_a_live_booking_is_active(status: str | None) -> None:
    room = {**BESIDE["customer_therapist_connection"][0], "status": status}

    assert judged(BY_ID["customer_therapist_connection"], BOOKING, [room]) is not None
    assert judged(BY_ID["customer_therapist_connection"], {**BOOKING, "status": "cancelled"}, [room]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"commissionAmount": 74_999},
        {"commissionAmount": None},
        {"bookingAmount": 1},
        {"paymentStatus": "lost"},
        {"paymentStatus": "reversed"},
        {"therapistId": "t-2"},
        {"commissionRate": 0.1},
        {"source": "direct"},
    ],
)
def test_a_wrong_commission_is_broken(wrong: dict[str, Any]) -> None:
    commission = {**BESIDE["payment_tracking"][0], **wrong}

    assert judged(BY_ID["payment_tracking"], BOOKING, [commission]) is not None


@pytest.mark.parametrize("wrong", [{"status": "weird"}, {"status": None}, {"price": -1}, {"price": "250000"}])
def test_a_booking_whose_money_cannot_be_told_is_broken(wrong: dict[str, Any]) -> None:
    assert judged(BY_ID["payment_tracking"], {**BOOKING, **wrong}) is not None


@pytest.mark.parametrize("status", ["pending", "declined", "expired"])
def test_a_booking_that_nobody_confirmed_has_no_commission(status: str) -> None:
    booking = {**BOOKING, "status": status}

    assert judged(BY_ID["payment_tracking"], booking, [None]) is None
    assert judged(BY_ID["payment_tracking"], booking) is not None


def test_cancelling_reverses_the_commission() -> None:
    cancelled = {**BOOKING, "status": "cancelled"}

    assert judged(BY_ID["payment_tracking"], cancelled) is not None
    turned_back = {**BESIDE["payment_tracking"][0], "paymentStatus": "reversed"}
    assert judged(BY_ID["payment_tracking"], cancelled, [turned_back]) is None
    never_confirmed = {**cancelled, "confirmedAt": None}
    assert judged(BY_ID["payment_tracking"], never_confirmed, [None]) is None


def test_a_change_of_the_last_minute_is_still_on_its_way_to_the_admins() -> None:
    just_now = (NOW - timedelta(seconds=5)).isoformat()

    assert not BY_ID["admin_data_flow"].concerns({**BOOKING, "updatedAt": just_now}, NOW)
    assert BY_ID["admin_data_flow"].concerns(BOOKING, NOW)
    assert BY_ID["admin_data_flow"].concerns({**BOOKING, "updatedAt": None}, NOW)
    assert BY_ID["admin_data_flow"].concerns({**BOOKING, "version": 1, "updatedAt": just_now}, NOW)


def test_notifications_that_are_forgotten_by_now_are_not_missed() -> None:
    long_ago = (NOW - timedelta(days=85)).isoformat()

    assert not BY_ID["notification_delivery"].concerns({**BOOKING, "offeredAt": long_ago}, NOW)


@pytest.mark.parametrize("attribute", ["bookingType", "mode", "scheduledTime"])
def test_a_booking_with_one_wrong_sign_is_found_among_its_own_kind(attribute: str) -> None:
    scheduled = {
        **BOOKING,
        "bookingType": "scheduled",
        "mode": "scheduled",
        "scheduledTime": "2026-11-23T01:00:00.000Z",
    }
    broken = {**scheduled, attribute: BOOKING[attribute]}

    assert kind_of(broken) == "scheduled"
    assert judged(BY_ID["scheduled_booking"], scheduled) is None
    assert judged(BY_ID["scheduled_booking"], broken) is not None
    assert kind_of({**BOOKING, attribute: scheduled[attribute]}) == "immediate"
    assert judged(BY_ID["book_now"], {**BOOKING, attribute: scheduled[attribute]}) is not None


ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 10**30, 0.3, -1.5, 1e300, "", "x", "b-1", "x" * 600, "\x00", "\ud800"),
    *(
        "confirmed",
        "pending",
        "immediate",
        "scheduled",
        "chatWindow",
        "reversed",
        "2026-11-22T07:00:00.000Z",
        "2026-11-22",
    ),
    *([], [None], ["x", 1], {}, {"source": 1}, {"source": "direct"}, {"a": {"b": []}}),
)
VALUES = st.sampled_from(ODD) | st.text(max_size=8) | st.integers()
ROWS = st.dictionaries(
    st.sampled_from([*BOOKING, "paymentStatus", "bookingAmount", "commissionAmount", "commissionRate", "after"]), VALUES
)


@given(ROWS, st.lists(st.none() | ROWS, min_size=2, max_size=2))
def test_no_row_makes_a_check_fail(stored: dict[str, Any], beside: list[Row | None]) -> None:
    booking = {**stored, "bookingId": "b-1"}
    for check in CHECKS:
        if check.concerns(booking, NOW):
            links = check.links(booking)
            check.judge(booking, links, beside[: len(links)])
            for link in links:
                assert all(value != "" for value in link.key.values())
                assert link.query.startswith(link.table)
