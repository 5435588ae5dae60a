"""The original's exported collections are brought in once, row by row, and nobody is told of what is long over."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cloudformation import ROOT
from tests.faults.market import ADMIN, AYU, Market
from tools.ops.original.export import (
    BOOKINGS,
    COMMISSIONS,
    MESSAGES,
    ROOMS,
    THERAPISTS,
    Import,
    Outcome,
    UnreadableError,
    Verdict,
    counted,
    documents_in,
)
from tools.ops.original.stack import Target

SAMPLE: Final = ROOT / "tools/ops/original/sample"
COUNTED: Final = (
    "therapists",
    "bookings",
    "chat_rooms",
    "chat_messages",
    "commission_records",
    "ledger_entries",
    "claims",
)


def brought(market: Market, documents: Mapping[str, list[Any]], *, dry: bool = False) -> list[Verdict]:
    target = Target(market.behind, kept_for=timedelta(days=180), dry=dry)
    verdicts = Import(documents, target, market.now, due_days=7).run()
    market.publish()
    return verdicts


def rows_of(market: Market) -> dict[str, int]:
    return {table: len(market.rows(table)) for table in COUNTED}


def reasons(verdicts: list[Verdict]) -> list[str | None]:
    return [each.reason for each in verdicts if each.outcome is Outcome.REFUSED]


def booking(market: Market, **differing: Any) -> dict[str, Any]:
    """Return a booking of the original that was completed three days ago, but for what differs."""
    at = market.now - timedelta(days=3)
    return {
        "$id": "66f2b000001",
        "$createdAt": at.isoformat(),
        "bookingId": "bk1",
        "providerId": "t-ayu",
        "customerName": "Anna",
        "customerWhatsApp": "0812 3456 7890",
        "duration": 90.0,
        "price": 350000.0,
        "status": "completed",
        "source": "chat",
        **differing,
    }


def record(**differing: Any) -> dict[str, Any]:
    return {
        "$id": "c1",
        "bookingId": "bk1",
        "bookingAmount": 350000.0,
        "commissionRate": 30,
        "commissionAmount": 105000.00000000001,
        "paymentStatus": "paid",
        **differing,
    }


def test_the_sample_comes_in_once_adds_up_and_keeps_every_invariant(market: Market) -> None:
    documents = documents_in(SAMPLE)
    market.wait(days=400)  # the sample is of a year that this market has not reached
    before = rows_of(market)
    tried = brought(market, documents, dry=True)
    assert rows_of(market) == before

    taken = brought(market, documents)
    assert [(each.file, each.place, each.outcome) for each in taken] == [
        (each.file, each.place, each.outcome) for each in tried
    ]
    for name, of_file in counted(taken).items():
        assert of_file.total() == len(documents[name])
    grown = {table: after - before[table] for table, after in rows_of(market).items()}
    ends = counted(taken)
    assert grown["therapists"] == ends[THERAPISTS][Outcome.TAKEN]
    assert grown["bookings"] == grown["chat_rooms"] == ends[BOOKINGS][Outcome.TAKEN] == ends[ROOMS][Outcome.TAKEN]
    assert grown["chat_messages"] == ends[MESSAGES][Outcome.TAKEN]
    assert len(reasons(taken)) == sum(each[Outcome.REFUSED] for each in ends.values()) > 0
    assert market.violations() == []

    kept = rows_of(market)
    again = brought(market, documents)
    assert rows_of(market) == kept
    assert not any(each.outcome is Outcome.TAKEN for each in again)
    assert Counter(each.file for each in again) == Counter(each.file for each in taken)


def test_nobody_is_told_of_what_was_brought_in(market: Market) -> None:
    brought(market, {BOOKINGS: [booking(market)], COMMISSIONS: [record()]})
    assert market.rows("notifications") == []
    assert market.rows("deliveries") == []


def test_a_booking_keeps_its_id_price_and_what_was_paid_for_it(market: Market) -> None:
    assert reasons(brought(market, {BOOKINGS: [booking(market)], COMMISSIONS: [record()]})) == []
    found = market.expect(200, ADMIN, "GET", "/admin/bookings/bk1")
    assert (found["price"], found["duration"], found["status"]) == (350_000, 90, "completed")
    assert (found["source"], found["customerWhatsApp"]) == ("chatWindow", "+6281234567890")
    assert [(entry["action"], entry["to"]) for entry in found["history"] if entry["action"] == "imported"] == [
        ("imported", "completed")
    ]
    owed = market.expect(200, AYU, "GET", "/me/commissions")["items"][0]
    assert (owed["commissionAmount"], owed["paymentStatus"], owed["paidBy"]) == (105_000, "paid", "imported")
    assert market.violations() == []


def test_a_visit_to_come_keeps_its_time_and_one_that_is_over_is_completed(market: Market) -> None:
    later = (market.now + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    coming = booking(market, bookingId="bk2", status="Confirmed", mode="scheduled", scheduledTime=later.isoformat())
    overlapping = booking(market, bookingId="bk3", status="accepted", scheduledTime=later.isoformat())
    verdicts = brought(market, {BOOKINGS: [booking(market, status="accepted"), coming, overlapping]})
    assert reasons(verdicts) == ["its therapist has another visit at that time"]
    states = {row["bookingId"]: row["status"] for row in market.rows("bookings")}
    assert states == {"bk1": "completed", "bk2": "confirmed"}
    market.expect(200, AYU, "POST", "/bookings/bk2/cancel", {"reason": "ill"})
    market.publish()
    assert market.violations() == []


def test_contacts_of_before_the_confirmation_are_masked_and_ones_of_after_it_are_not(market: Market) -> None:
    at = market.now - timedelta(days=3)
    texts = [
        {"$id": f"m{minutes}", "conversationId": "chat1", "senderType": "user", "message": "Call 0812 3456 7890"}
        | {"timestamp": (at + timedelta(minutes=minutes)).isoformat()}
        for minutes in (1, 20)
    ]
    room = {"$id": "chat1", "bookingId": "bk1"}
    confirmed = booking(market, acceptedAt=(at + timedelta(minutes=10)).isoformat())
    assert reasons(brought(market, {BOOKINGS: [confirmed], ROOMS: [room], MESSAGES: texts})) == []
    shown = market.expect(200, AYU, "GET", "/rooms/ri-bk1/messages")["items"]
    assert [(each["message"], each["masked"]) for each in shown] == [
        ("Call •••", True),
        ("Call 0812 3456 7890", False),
    ]
    assert market.violations() == []


@pytest.mark.parametrize(
    ("differing", "reason"),
    [
        ({"providerId": "t-nobody"}, "its therapist is neither in therapists.json nor here"),
        ({"duration": 75}, "duration must be 60, 90 or 120 minutes"),
        ({"price": -1}, "price must be 0 to 999,999,999 rupiah"),
        ({"price": None}, "price is missing"),
        ({"customerWhatsApp": "12"}, "customerWhatsApp is no telephone number"),
        ({"status": "lost"}, "status is none of those there are"),
        ({"mode": "scheduled"}, "scheduledTime is missing"),
        ({"$createdAt": "soon"}, "createdAt is no instant"),
        ({"bookingId": "a b"}, "bookingId must be 1 to 64 of letters, digits, - and _"),
    ],
)
def test_what_cannot_be_taken_says_why_and_writes_nothing(
    market: Market, differing: dict[str, Any], reason: str
) -> None:
    before = rows_of(market)
    assert reasons(brought(market, {BOOKINGS: [booking(market, **differing)]})) == [reason]
    assert rows_of(market) == before


@pytest.mark.parametrize(
    ("differing", "reason"),
    [
        ({"commissionAmount": 1.0}, "commissionAmount is 1, not 0.3 of 350000"),
        ({"bookingAmount": 350001}, "bookingAmount is 350001, its booking's price 350000"),
        ({"commissionRate": 130}, "commissionRate is no share of 0 to 100 %"),
    ],
)
def test_a_record_that_contradicts_its_booking_is_refused_and_the_right_one_made(
    market: Market, differing: dict[str, Any], reason: str
) -> None:
    verdicts = brought(market, {BOOKINGS: [booking(market)], COMMISSIONS: [record(**differing)]})
    assert reasons(verdicts) == [reason]
    assert [row["commissionAmount"] for row in market.rows("commission_records")] == [105_000]
    assert market.violations() == []


def test_whoever_verified_their_number_before_finds_the_imported_bookings(market: Market) -> None:
    brought(
        market, {BOOKINGS: [booking(market), booking(market, bookingId="bk2", customerWhatsApp="+62 812-3456-7890")]}
    )
    assert len({row["customerId"] for row in market.rows("bookings")}) == 1
    owners = [row for row in market.rows("claims") if row["claimId"] == "owner"]
    assert [row["customerId"] for row in owners] == [market.rows("bookings")[0]["customerId"]]


def test_a_file_that_is_no_list_of_documents_is_named(tmp_path: Path) -> None:
    (tmp_path / BOOKINGS).write_text('{"total": 0}')
    with pytest.raises(UnreadableError, match=r"bookings\.json is no list"):
        documents_in(tmp_path)
    (tmp_path / BOOKINGS).write_text(json.dumps({"total": 1, "documents": [1]}))
    assert documents_in(tmp_path) == {BOOKINGS: [1]}
