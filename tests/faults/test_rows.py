"""X24, X25, X30, X31: rows of the wrong form, missing rows, very many rows, and rows of another release."""

import time
from typing import Any, Final

import pytest

from marketplace.operations.invariants.catalogue import check_all
from marketplace.platform.clock import parse_utc
from marketplace.platform.dynamodb.audit_log import row_hash
from tests.faults.market import ADMIN, AYU, BUDI, MADE, WAYAN, Market, room_of

MALFORMED: Final[dict[str, dict[str, Any]]] = {
    "missing attribute": {"price": None},
    "text for a number": {"price": "350000"},
    "negative price": {"price": -1},
    "very large number": {"price": 10**30},
    "unknown status": {"status": "unheard of"},
    "local time": {"createdAt": "2026-11-22 08:15:00"},
    "huge text": {"reason": "x" * 380_000},
}
UNREADABLE: Final = frozenset({"missing attribute", "text for a number", "unknown status", "local time"})


@pytest.mark.parametrize("form", MALFORMED)
def test_x24_a_malformed_booking_is_named_and_harms_nothing_else(market: Market, form: str) -> None:
    sound = market.book(MADE, BUDI, customerWhatsApp="+6281200000001")
    broken = market.book()
    market.publish()
    row = {**market.row("bookings", bookingId=broken), **MALFORMED[form]}
    planted = {name: value for name, value in row.items() if value is not None or name == "location"}
    market.plant("bookings", planted)

    listed = market.call(ADMIN, "GET", "/admin/bookings")
    one = market.call(WAYAN, "GET", f"/bookings/{broken}")
    violations = check_all(market.tables())
    market.wait(minutes=16)
    swept = market.sweep()

    assert listed.status == 200
    assert sound in {item["bookingId"] for item in listed.body["items"]}
    if form in UNREADABLE:
        assert (one.status, one.body["code"]) == (500, "internal_error")
        assert market.row("bookings", bookingId=broken).get("version") == 1
    else:
        assert one.status == 200
    assert swept["expired"] >= 1
    assert market.row("bookings", bookingId=sound)["status"] == "expired"
    assert broken in {violation.key for violation in violations if violation.invariant == "I23"}


def test_what_is_said_bears_the_day_on_which_it_is_forgotten(market: Market) -> None:
    booking_id = market.book()
    market.send(WAYAN, booking_id, "hello", "m-1")

    tables = market.tables()
    messages = [row for row in tables["chat_messages"] if row["conversationId"] == room_of(booking_id)]
    claim = next(row for row in tables["claims"] if row["claimId"] == "m-1")
    kept_for = {row["expiresAtEpoch"] - int(parse_utc(row["timestamp"]).timestamp()) for row in messages}

    assert len(messages) == 4
    assert kept_for == {180 * 24 * 3600}
    assert claim["expiresAtEpoch"] == messages[-1]["expiresAtEpoch"]


def test_x24_a_malformed_message_leaves_the_others_readable_by_search(market: Market) -> None:
    booking_id = market.book()
    room_id = room_of(booking_id)
    market.send(WAYAN, booking_id, "needle", "m-1")
    message = market.row("chat_messages", conversationId=room_id, sequence=2)
    market.plant("chat_messages", {**message, "timestamp": "yesterday"})

    found = market.call(WAYAN, "GET", f"/rooms/{room_id}/messages", query={"search": "needle"})

    assert [item["sequence"] for item in found.body["items"]] == [4]
    assert room_id in {violation.key for violation in market.violations()}


def test_x25_a_missing_commission_is_found_made_again_once_and_all_is_well(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    market.publish()
    market.raw.delete_item(TableName="marketplace-test-commission_records", Key={"bookingId": {"S": booking_id}})
    assert "I1" in {violation.invariant for violation in market.violations()}
    audit = market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True})
    assert audit["missing"] == [booking_id]

    for _ in range(2):
        assert market.call(ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id}).status == 200

    market.check()
    assert market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True})["missing"] == []


def test_x25_a_wrong_or_needless_commission_is_named_and_repaired_by_nobody_in_silence(market: Market) -> None:
    wrong, declined = market.book(), market.book(MADE, BUDI, customerWhatsApp="+6281200000001")
    market.command(AYU, wrong, "accept")
    market.command(BUDI, declined, "decline")
    market.publish()
    record = market.row("commission_records", bookingId=wrong)
    market.plant("commission_records", {**record, "commissionAmount": record["commissionAmount"] + 1})
    market.plant("commission_records", {**record, "bookingId": declined})

    audit = market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True})

    assert (audit["missing"], audit["wrongAmount"], audit["orphaned"]) == ([], [wrong], [declined])
    found = {(violation.invariant, violation.key) for violation in market.violations()}
    assert {("I2", wrong), ("I1", declined)} <= found
    for booking_id in (wrong, declined):
        market.call(ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})
    stored = market.row("commission_records", bookingId=wrong)
    assert stored["commissionAmount"] == record["commissionAmount"] + 1


def settled(market: Market, booking_id: str, *steps: str) -> None:
    """Let a commission go through steps: the therapist proves it, an admin judges."""
    content = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
    for step in steps:
        if step == "proof":
            body = {"fileName": "proof.pdf", "contentType": "application/pdf", "size": len(content)}
            market.expect(201, AYU, "POST", f"/commissions/{booking_id}/proof", body)
            proof_id = market.row("commission_records", bookingId=booking_id)["announcedProofId"]
            market.bucket.files[f"incoming/{proof_id}"] = content
            market.expect(200, AYU, "POST", f"/commissions/{booking_id}/proof/submit")
        elif step == "cancel":
            assert market.command(ADMIN, booking_id, "cancel", {"reason": "ill"}).status == 200
        else:
            more = {"reject": {"reason": "blurred"}, "waive": {"reason": "kindness", "confirm": True}}.get(step)
            market.expect(200, ADMIN, "POST", f"/admin/commissions/{booking_id}/{step}", more)
        market.wait(minutes=1)


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ((), "pending"),
        (("proof",), "proof_submitted"),
        (("proof", "approve"), "paid"),
        (("proof", "reject"), "pending"),
        (("waive",), "waived"),
        (("proof", "approve", "cancel"), "reversed"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, tuple) else given,
)
def test_a_commission_that_was_lost_comes_back_as_the_trail_last_knew_it(
    market: Market, steps: tuple[str, ...], status: str
) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    settled(market, booking_id, *steps)
    market.publish()
    lost = market.row("commission_records", bookingId=booking_id)
    market.remove("commission_records", bookingId=booking_id)

    answer = market.expect(200, ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})

    assert answer["commission"]["paymentStatus"] == status
    found = market.row("commission_records", bookingId=booking_id)
    assert row_hash(found) == row_hash(lost)
    market.check()
    assert market.expect(201, ADMIN, "POST", "/admin/audits", {"full": True})["missing"] == []


def test_a_commission_that_is_lost_twice_comes_back_as_it_was_after_its_first_repair(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    for steps in (("proof",), ("approve",)):
        settled(market, booking_id, *steps)
        market.publish()
        market.remove("commission_records", bookingId=booking_id)
        market.expect(200, ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})
        market.wait(minutes=1)

    found = market.row("commission_records", bookingId=booking_id)
    assert (found["paymentStatus"], found["version"]) == ("paid", 3)


def test_a_cancellation_that_has_not_reached_the_trail_reverses_the_commission_that_comes_back(market: Market) -> None:
    booking_id = market.book()
    market.command(AYU, booking_id, "accept")
    settled(market, booking_id, "proof", "approve")
    market.publish()
    settled(market, booking_id, "cancel")
    market.remove("commission_records", bookingId=booking_id)

    answer = market.expect(200, ADMIN, "POST", "/admin/audits/repair", {"bookingId": booking_id})

    assert (answer["commission"]["paymentStatus"], answer["commission"]["reason"]) == ("reversed", "ill")


@pytest.mark.parametrize(("table", "invariant"), [("chat_rooms", "I10"), ("calendar", "I9")])
def test_x25_a_missing_room_or_hold_is_named(market: Market, table: str, invariant: str) -> None:
    booking_id = market.book()
    market.publish()
    for row in market.rows(table):
        key = ("conversationId",) if table == "chat_rooms" else ("therapistId", "day")
        market.raw.delete_item(TableName=f"marketplace-test-{table}", Key={name: {"S": row[name]} for name in key})

    assert (invariant, booking_id) in {(violation.invariant, violation.key) for violation in market.violations()}
    market.wait(minutes=16)
    assert market.sweep()["expired"] == 1


def test_x30_hundreds_of_bookings_due_at_once_are_swept_within_their_minute(market: Market) -> None:
    template = market.row("bookings", bookingId=market.book())
    for number in range(300):
        booking_id = f"b-many{number:04d}"
        market.plant(
            "bookings",
            {**template, "bookingId": booking_id, "chatRoomId": room_of(booking_id), "pendingShard": str(number % 8)},
        )
    market.wait(minutes=16)
    started = time.process_time()

    swept = market.sweep()

    assert swept == {"due": 301, "expired": 301}
    assert time.process_time() - started < 0.06 * 301
    assert market.sweep() == {"due": 0, "expired": 0}


def test_x30_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(market: Market) -> None:
    market.book()
    market.wait(minutes=16)
    market.remaining_milliseconds = 4_000

    assert market.sweep() == {"due": 1, "expired": 0}

    market.remaining_milliseconds = 15_000
    assert market.sweep() == {"due": 1, "expired": 1}
    market.check()


@pytest.mark.parametrize("messages", [10, 600])
def test_x30_a_page_of_messages_costs_one_query_whatever_the_size_of_the_room(market: Market, messages: int) -> None:
    booking_id = market.book()
    room_id = room_of(booking_id)
    sent = market.row("chat_messages", conversationId=room_id, sequence=1)
    for sequence in range(4, messages + 1):
        market.plant("chat_messages", {**sent, "sequence": sequence})
    market.faults.clear()

    page = market.call(WAYAN, "GET", f"/rooms/{room_id}/messages", query={"limit": "50"}).body

    assert page["items"][-1]["sequence"] == messages
    assert len(page["items"]) == min(50, messages)
    assert [operation for _, operation in market.faults.called].count("query") == 1


def test_x31_rows_of_a_newer_release_are_read_and_keep_what_we_do_not_know(market: Market) -> None:
    booking_id = market.book()
    row = market.row("bookings", bookingId=booking_id)
    market.plant("bookings", {**row, "invented": {"later": 1}})

    assert market.command(AYU, booking_id, "accept").status == 200

    assert market.row("bookings", bookingId=booking_id)["invented"] == {"later": 1}


def test_x31_rows_of_an_older_release_take_the_defaults(market: Market) -> None:
    booking_id = market.book()
    row = market.row("bookings", bookingId=booking_id)
    older = {
        name: value
        for name, value in row.items()
        if name not in {"operationId", "discountCounters", "otherRequests", "isTest", "hotelVillaName", "serviceName"}
    }
    market.plant("bookings", older)

    assert market.call(WAYAN, "GET", f"/bookings/{booking_id}").body["isTest"] is False
    assert market.command(AYU, booking_id, "accept").status == 200
    assert market.command(AYU, booking_id, "complete").status == 200


def test_x24_a_row_that_cannot_be_read_is_never_written_over(market: Market) -> None:
    booking_id = market.book()
    row = {**market.row("bookings", bookingId=booking_id), "status": "unheard of"}
    market.plant("bookings", row)
    market.faults.clear()

    assert market.command(AYU, booking_id, "accept").status == 500

    assert market.faults.writes() == 0
    assert market.row("bookings", bookingId=booking_id) == row
