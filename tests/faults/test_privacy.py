"""Erasing a customer reaches every row that names them, whenever it was written, and the list of them is complete."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest

from marketplace.booking.model import Booking
from marketplace.booking.open_requests import OpenRequests
from marketplace.booking.review import Review
from marketplace.catalogue.discount.model import DiscountCode
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.therapist.model import Therapist
from marketplace.chat.attachments.model import Attachment
from marketplace.chat.message import Message
from marketplace.chat.model import Room
from marketplace.commission.ledger.model import Posting
from marketplace.commission.model import Commission
from marketplace.commission.papers.model import Paper
from marketplace.identity.connections import Connection
from marketplace.moderation.report import Report
from marketplace.notification.repository import StoredNotice
from marketplace.operations.errors.recorded_error import RecordedError
from marketplace.operations.privacy import personal_data
from marketplace.operations.privacy.words import FormerNaming, Naming, pseudonyms_of
from marketplace.operations.proof_of_books.model import Proof
from marketplace.operations.reconciliation.model import Audit
from marketplace.payment.model import Payment
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.audit_log import Change
from marketplace.platform.record import Record
from marketplace.platform.signing import pseudonym
from marketplace.services import history
from tests.cloudformation import load_template, resources_of
from tests.faults.busy_day import BusyDay, ColdMarket
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of
from tests.faults.market_environment import environment, forget_everything

NAME: Final = "Kadek Rahasia"
NUMBER: Final = "+6281299887766"
ADDRESS: Final = "Jalan Kenari Rahasia 77"
WORDS: Final = "my grandmother fell ill"
CANARIES: Final = (NAME, NUMBER, ADDRESS, WORDS, "ktp-kadek", "0812-9988-7766")

RECORDS: Final[dict[str, tuple[type[Record], ...]]] = {
    "attachments": (Attachment,),
    "audit_runs": (Audit,),
    "bookings": (Booking,),
    "chat_messages": (Message,),
    "chat_rooms": (Room,),
    "claims": (OpenRequests,),
    "commission_records": (Commission,),
    "connections": (Connection,),
    "discount_codes": (DiscountCode,),
    "error_events": (RecordedError,),
    "history": (Change,),
    "hotels": (Hotel,),
    "ledger_entries": (Posting,),
    "notifications": (StoredNotice,),
    "papers": (Paper,),
    "payments": (Payment,),
    "proofs": (Proof,),
    "reports": (Report,),
    "reviews": (Review,),
    "therapists": (Therapist,),
}


def tables() -> list[str]:
    named = resources_of(load_template(), "AWS::DynamoDB::Table").values()
    return [str(table["TableName"]["Fn::Sub"]).removeprefix("${AWS::StackName}-") for table in named]


@pytest.fixture(scope="module")
def busy_day() -> Mapping[str, list[dict[str, Any]]]:
    """Every row that a busy day leaves behind, by table."""
    with pytest.MonkeyPatch.context() as patching:
        for name, value in environment().items():
            patching.setenv(name, value)
        market = ColdMarket(patching)
        BusyDay(market).pass_by()
        rows = {table: market.rows(table) for table in tables()}
    forget_everything()
    return rows


# The list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", RECORDS)
def test_it_is_decided_what_erasing_does_with_every_field_of_every_model(table: str) -> None:
    fields = {field for record in RECORDS[table] for field in record.__struct_encode_fields__}
    assert {field for field in fields if not personal_data.is_known(table, field)} == set()


def test_it_is_decided_what_erasing_does_with_everything_that_is_written(
    busy_day: Mapping[str, list[dict[str, Any]]],
) -> None:
    written_there = {(table, name) for table, rows in busy_day.items() for row in rows for name in row}
    assert {(table, name) for table, name in written_there if not personal_data.is_known(table, name)} == set()
    said = {
        parameter
        for row in (*busy_day["chat_messages"], *busy_day["notifications"])
        for parameter in (row.get("parameters") or row.get("metadata", {}).get("parameters") or {})
    }
    assert said - personal_data.PARAMETERS.keys() - personal_data.IMPERSONAL_PARAMETERS == set()


def test_nothing_is_personal_and_names_nobody() -> None:
    for table, attributes in personal_data.PERSONAL.items():
        assert attributes.keys() & personal_data.NAMES_NOBODY[table] == set()
    assert personal_data.PARAMETERS.keys() & personal_data.IMPERSONAL_PARAMETERS == set()


def test_what_names_a_customer_never_enters_the_trail_but_for_reasons() -> None:
    never = history.PERSONAL | history.TECHNICAL | history.BESIDE
    assert personal_data.PERSONAL["bookings"].keys() - never == set()
    assert personal_data.PERSONAL["commission_records"].keys() - never == set()


# The deed ---------------------------------------------------------------------------------------------------


def visit(market: Market, days: int = 2, **differing: Any) -> str:
    at = (market.now + timedelta(days=days)).replace(hour=3, minute=0, second=0)
    order: dict[str, Any] = {"customerName": NAME, "customerWhatsApp": NUMBER, "location": {"address": ADDRESS}}
    order |= {"bookingType": "scheduled", "scheduledTime": format_utc(at), "confirmOtherPending": True}
    order |= differing
    return market.book(MADE, AYU, **{name: value for name, value in order.items() if value is not None})


def erase(market: Market) -> int:
    return int(market.expect(200, MADE, "POST", "/privacy/erase", {"confirm": True})["erasedBookings"])


def left_of(market: Market, *canaries: str) -> list[str]:
    """Return where something of the customer is left."""
    found = []
    for table in tables():
        for row in market.rows(table):
            text = json.dumps(row, ensure_ascii=False, default=str)
            found += [f"{table}: {canary} in {text}" for canary in canaries or CANARIES if canary in text]
    found += [f"file {key}" for key in market.bucket.files]
    return found


def send_file(market: Market, booking_id: str) -> None:
    content = b"%PDF-1.7\n%%EOF\n"
    asked = {"fileName": "ktp-kadek.pdf", "contentType": "application/pdf", "size": len(content)}
    upload = market.expect(201, MADE, "POST", f"/rooms/{room_of(booking_id)}/attachments", asked)
    key = upload["upload"]["fields"]["key"]
    market.bucket.files[key] = content
    market.invoke("process_upload", {"Records": [{"s3": {"object": {"key": key}}}]})


def test_nothing_of_an_erased_customer_is_left_anywhere(market: Market) -> None:
    booking_id = visit(market, discountCode="SEKALI")
    for therapist in (BUDI, AYU, BUDI):
        market.wait(minutes=1)
        assert market.command(ADMIN, booking_id, "reassign", {"therapistId": therapist.user_id}).status == 200
    market.command(BUDI, booking_id, "accept")
    market.send(MADE, booking_id, WORDS, "m-1")
    market.send(BUDI, booking_id, f"Halo {NAME.upper()}, saya telepon 0812-9988-7766", "m-2")
    send_file(market, booking_id)
    assert market.command(MADE, booking_id, "cancel", {"reason": WORDS}).status == 200
    market.publish()
    asked = {row["userId"] for row in market.rows("notifications") if NAME in json.dumps(row)}
    assert {AYU.user_id, BUDI.user_id} <= asked
    assert market.row("commission_records", bookingId=booking_id)["reason"] == WORDS

    market.wait(minutes=1)
    assert erase(market) == 1

    market.publish()
    assert left_of(market) == []
    assert "saya telepon" in json.dumps(market.rows("chat_messages"))
    market.acknowledged.clear()
    market.check()
    audit_log = market.expect(200, ADMIN, "GET", f"/admin/history/{booking_id}")["items"]
    assert {entry["action"] for entry in audit_log} >= {"cancelled", "erased", "reassigned", "commission_reversed"}
    assert market.row("commission_records", bookingId=booking_id)["paymentStatus"] == "reversed"


def test_others_words_and_reasons_stay(market: Market) -> None:
    booking_id = visit(market)
    market.command(AYU, booking_id, "decline", {"reason": "on holiday"})
    other = market.book(WAYAN, BUDI, customerWhatsApp="+6281200000001", customerName="Wayan Sudarma")
    market.command(WAYAN, other, "cancel", {"reason": "changed my mind"})
    market.publish()

    erase(market)

    market.publish()
    reasons = {entry["reason"] for entry in market.rows("history")}
    assert {"on holiday", "changed my mind"} <= reasons
    assert "Wayan Sudarma" in json.dumps(market.rows("bookings"))


def test_erasing_again_finds_what_came_later(market: Market) -> None:
    booking_id = visit(market, bookingType="immediate", scheduledTime=None)
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.publish()
    assert erase(market) == 1
    assert left_of(market) == []

    market.send(MADE, booking_id, WORDS, "m-late")
    send_file(market, booking_id)
    market.publish()
    assert left_of(market, WORDS) != []

    assert erase(market) == 0
    assert left_of(market) == []
    market.acknowledged.clear()
    market.check()


def test_what_others_write_of_them_later_is_found_the_next_time(market: Market) -> None:
    booking_id = visit(market, bookingType="immediate", scheduledTime=None)
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    market.publish()
    erase(market)

    market.send(AYU, booking_id, f"Terima kasih {NAME.upper()}! Nomor +62 812-9988-7766 ya?", "m-late")
    market.publish()
    report = {"bookingId": booking_id, "reason": f"{NAME} was late"}
    market.expect(201, AYU, "POST", "/reports", report, key="tap-1")
    assert left_of(market, NAME) != []
    erase(market)

    assert left_of(market, NAME, NAME.upper(), "9988") == []
    said = {row["message"] for row in market.rows("chat_messages")}
    assert "Terima kasih …! Nomor … ya?" in said
    market.acknowledged.clear()
    market.check()


def test_who_is_forgotten_is_named_in_no_review_nor_in_a_later_reply(market: Market) -> None:
    booking_id = visit(market, bookingType="immediate", scheduledTime=None)
    market.command(AYU, booking_id, "accept")
    market.command(AYU, booking_id, "complete")
    path = f"/bookings/{booking_id}/review"
    market.expect(201, MADE, "POST", path, {"rating": 5, "text": f"{NAME} thanks you"})
    market.expect(201, AYU, "POST", path, {"rating": 4, "text": f"{NAME} is a kind guest"})
    market.publish()

    erase(market)
    assert left_of(market) == []
    market.expect(200, AYU, "POST", f"/me/reviews/{booking_id}/reply", {"text": f"Thank you, {NAME}"})
    erase(market)

    assert left_of(market) == []
    shown = market.expect(200, None, "GET", f"/therapists/{AYU.user_id}/reviews")["items"]
    assert [(review["rating"], review["text"], review["reply"]) for review in shown] == [
        (5, "… thanks you", "Thank you, …")
    ]
    market.acknowledged.clear()
    market.check()


def test_a_reason_that_reaches_the_trail_late_is_found_the_next_time(market: Market) -> None:
    booking_id = visit(market)
    market.command(MADE, booking_id, "cancel", {"reason": WORDS})
    assert erase(market) == 1
    market.publish()
    assert left_of(market, WORDS) != []

    assert erase(market) == 0

    market.check()
    assert left_of(market) == []


def test_erasing_twice_writes_nothing_the_second_time(market: Market) -> None:
    booking_id = visit(market)
    market.command(AYU, booking_id, "decline")
    market.publish()
    erase(market)
    market.publish()
    before = {table: market.rows(table) for table in tables()}

    assert erase(market) == 0

    assert market.changes == []
    assert {table: market.rows(table) for table in tables()} == before


@pytest.mark.parametrize("ending", ["declined", "expired"])
def test_an_erased_booking_is_offered_to_nobody_any_more(market: Market, ending: str) -> None:
    booking_id = visit(market)
    if ending == "declined":
        market.command(AYU, booking_id, "decline")
    else:
        market.wait(minutes=16)
        market.sweep()
    erase(market)

    refused = market.command(ADMIN, booking_id, "reassign", {"therapistId": BUDI.user_id})

    assert (refused.status, refused.body["code"]) == (409, "invalid_transition")
    assert market.row("bookings", bookingId=booking_id)["status"] == ending


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Halo Kadek Rahasia!", "Halo …!"),
        ("kadek rahasia datang", "… datang"),
        ("Kadek Rahasiawan datang", "Kadek Rahasiawan datang"),
        ("WA +62 812-9988-7766 ya", "WA … ya"),
        ("WA 0812 9988 7766 ya", "WA … ya"),
        ("WA 006281299887766", "WA …"),
        ("WA 081299887767", "WA 081299887767"),
        ("jam 10 0812 9988 7766, Kadek Rahasia", "jam 10 …, …"),
        ("Rahasia Kadek 10.30", "Rahasia Kadek 10.30"),
    ],
)
def test_a_person_is_found_in_the_words_of_others_now_and_when_they_are_forgotten(text: str, without: str) -> None:
    formerly = pseudonyms_of(NAME, NUMBER, lambda written: pseudonym(written, "key"))
    assert Naming(NAME, NUMBER).without(text) == without
    assert FormerNaming(formerly, lambda written: pseudonym(written, "key")).without(text) == without
    assert not any(known in "".join(formerly) for known in ("kadek", "9988"))
