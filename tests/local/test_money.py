"""Money on the running system: one commission for each confirmed booking, audited, paid, summed up."""

import csv
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from marketplace.catalogue.place.market_days import day_of
from marketplace.platform.clock import format_utc, utc_now
from tests.local.visits import a_visit, booked
from tests.local.world import World, at_once
from tools.local.person import Person, expect


def a_picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "PNG")
    return file.getvalue()


PNG = a_picture()


def accepted(world: World, therapist: Person) -> dict[str, Any]:
    """Book and accept, and return the commission."""
    booking = booked(world.guest(), a_visit(therapist.user_id))
    answer = expect(therapist.post(f"/bookings/{booking['bookingId']}/accept"), 200)
    commission: dict[str, Any] = answer["commission"]
    return commission


def audit(admin: Person, *, full: bool = False) -> dict[str, Any]:
    return expect(admin.post("/admin/audits", {"full": full}), 201)


def items(somebody: Person, path: str, **query: str) -> Iterator[dict[str, Any]]:
    """Yield the items of every page of a list."""
    cursor: str | None = ""
    while cursor is not None:
        page = expect(somebody.get(path, **query, **({"cursor": cursor} if cursor else {})), 200)
        yield from page["items"]
        cursor = page["nextCursor"]


def eventually(holds: Callable[[], bool], *, within: float = 20.0) -> None:
    ends_at = time.monotonic() + within
    while not holds():
        assert time.monotonic() < ends_at, "it did not come to pass in time"
        time.sleep(0.2)


def test_a_lost_record_is_found_named_and_made_again_once(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    commission = accepted(world, therapist)
    booking_id, records = commission["bookingId"], world.table("commission_records")
    before = records.get_item(Key={"bookingId": booking_id})["Item"]
    assert booking_id not in audit(admin)["missing"]

    records.delete_item(Key={"bookingId": booking_id})
    with admin.connected() as screen:
        for full in (False, True):
            assert booking_id in audit(admin, full=full)["missing"]
        screen.wait_for("notification", notification={"kind": "commission_findings"})
    assert booking_id in expect(admin.get("/admin/revenue"), 200)["missing"]

    def repair() -> httpx.Response:
        return admin.post("/admin/audits/repair", {"bookingId": booking_id})

    answers = [expect(answer, 200) for answer in at_once([repair] * 4)]
    assert all(answer["commission"] == answers[0]["commission"] for answer in answers)
    after = records.get_item(Key={"bookingId": booking_id})["Item"]
    assert {**after, "operationId": None} == {**before, "operationId": None}
    assert booking_id not in audit(admin)["missing"]
    audit_log = list(items(admin, f"/admin/history/{booking_id}"))
    assert [entry["actor"] for entry in audit_log if entry["action"] == "commission_repaired"] == ["a-admin"]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("commissionAmount", 1), ("bookingAmount", 1), ("therapistId", "t-other"), ("source", "priceSlider")],
)
def test_an_altered_record_is_named(world: World, attribute: str, value: str | int) -> None:
    admin, records = world.admin(), world.table("commission_records")
    commission = accepted(world, world.therapist())
    key = {"bookingId": commission["bookingId"]}

    def set_to(changed: str | int) -> None:
        records.update_item(
            Key=key,
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": attribute},
            ExpressionAttributeValues={":value": changed},
        )

    set_to(value)
    assert commission["bookingId"] in audit(admin)["wrongAmount"]
    assert commission["bookingId"] in expect(admin.get("/admin/revenue"), 200)["wrongAmount"]
    set_to(commission[attribute])
    assert commission["bookingId"] not in audit(admin)["wrongAmount"]


def test_a_record_without_its_booking_is_orphaned(world: World) -> None:
    admin, records = world.admin(), world.table("commission_records")
    booking_id = f"b-nobody-{time.monotonic_ns()}"
    planted: dict[str, str | int] = {
        "bookingId": booking_id,
        "therapistId": "t-ayu",
        "therapistName": "Ayu Lestari",
        "bookingDate": "2026-11-01T08:00:00.000Z",
        "serviceDate": "2026-11-01T08:00:00.000Z",
        "bookingAmount": 100_000,
        "commissionAmount": 30_000,
        "paymentStatus": "paid",
        "paymentDeadline": "2026-11-08T08:00:00.000Z",
        "source": "direct",
    }
    records.put_item(Item=planted)
    try:
        for full in (False, True):
            assert booking_id in audit(admin, full=full)["orphaned"]
    finally:
        records.delete_item(Key={"bookingId": booking_id})
    assert booking_id not in audit(admin)["orphaned"]


def test_the_scheduled_run_looks_at_old_bookings_whose_money_was_touched(world: World) -> None:
    admin, records = world.admin(), world.table("commission_records")
    commission = accepted(world, world.therapist())
    world.invoke("CommissionAuditFunction")
    world.invoke("CommissionAuditFunction")
    key = {"bookingId": commission["bookingId"]}
    row = records.get_item(Key=key)["Item"]

    def latest() -> dict[str, Any]:
        world.invoke("CommissionAuditFunction", {"time": "1999-01-01T00:00:00Z"})
        found: dict[str, Any] = expect(admin.get("/admin/audits", limit=1), 200)["items"][0]
        return found

    records.delete_item(Key=key)
    eventually(lambda: key["bookingId"] in latest()["missing"])
    records.put_item(Item=row)
    assert key["bookingId"] not in latest()["missing"]


def test_malformed_rows_do_not_stop_a_full_audit_and_are_named(world: World) -> None:
    admin, bookings = world.admin(), world.table("bookings")
    key = f"b-broken-{time.monotonic_ns()}"
    bookings.put_item(Item={"bookingId": key, "status": "confirmed", "price": "many", "source": 7})
    try:
        found = audit(admin, full=True)
        assert key in found["malformed"]
        assert key in found["missing"]
        expect(admin.get("/admin/revenue"), 200)
    finally:
        bookings.delete_item(Key={"bookingId": key})


def test_a_cancelled_booking_leaves_a_reversed_record_and_no_revenue(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    commission = accepted(world, therapist)
    sums = expect(admin.get("/admin/revenue"), 200)["byTherapist"][therapist.user_id]
    assert (sums["bookings"], sums["commission"]) == (1, commission["commissionAmount"])

    expect(therapist.post(f"/bookings/{commission['bookingId']}/cancel", {"reason": "ill"}), 200)

    (own,) = items(therapist, "/me/commissions")
    assert own["paymentStatus"] == "reversed"
    revenue = expect(admin.get("/admin/revenue"), 200)
    assert therapist.user_id not in revenue["byTherapist"]
    found = audit(admin)
    assert commission["bookingId"] not in [*found["missing"], *found["wrongAmount"], *found["orphaned"]]


def announced(therapist: Person, booking_id: str, content: bytes, **headers: str) -> dict[str, Any]:
    body = {"fileName": "proof.png", "contentType": "image/png", "size": len(content)}
    return expect(therapist.post(f"/commissions/{booking_id}/proof", body, headers=headers), 201)


def uploaded(form: dict[str, Any], content: bytes) -> httpx.Response:
    return httpx.post(form["upload"]["url"], data=form["upload"]["fields"], files={"file": ("proof.png", content)})


def test_a_proof_is_handed_in_rejected_and_at_last_accepted(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    booking_id = accepted(world, therapist)["bookingId"]
    path = f"/commissions/{booking_id}/proof"
    desk = f"/admin/commissions/{booking_id}"
    assert expect(therapist.post(f"{path}/submit"), 422)["code"] == "validation_failed"
    assert expect(admin.post(f"{desk}/approve"), 409)["code"] == "invalid_transition"

    first = announced(therapist, booking_id, PNG, **{"Idempotency-Key": "proof-1"})
    assert (
        announced(therapist, booking_id, PNG, **{"Idempotency-Key": "proof-1"})["attachmentId"] == first["attachmentId"]
    )
    assert expect(therapist.post(f"{path}/submit"), 422)["errors"][0]["path"] == "file"
    assert uploaded(first, PNG).is_success
    submitted = expect(therapist.post(f"{path}/submit"), 200)["commission"]
    assert submitted["paymentStatus"] == "proof_submitted"
    assert submitted["proofAttachmentId"] == first["attachmentId"]
    assert expect(therapist.post(f"{path}/submit"), 409)["code"] == "invalid_transition"
    assert booking_id in [each["bookingId"] for each in items(admin, "/admin/commissions", status="proof_submitted")]
    eventually(lambda: admin.get(f"/attachments/{first['attachmentId']}").status_code == 302)

    assert expect(admin.post(f"{desk}/reject", {}), 422)["code"] == "validation_failed"
    assert (
        expect(admin.post(f"{desk}/reject", {"reason": "not legible"}), 200)["commission"]["paymentStatus"] == "pending"
    )
    second = announced(therapist, booking_id, PNG)
    assert uploaded(second, PNG).is_success
    expect(therapist.post(f"{path}/submit"), 200)
    assert expect(admin.post(f"{desk}/approve"), 200)["commission"]["paymentStatus"] == "paid"
    waiver = {"reason": "goodwill", "confirm": True}
    assert expect(admin.post(f"{desk}/waive", waiver), 409)["code"] == "invalid_transition"

    kinds = [notice["kind"] for notice in items(therapist, "/notifications")]
    assert kinds[:2] == ["commission_approved", "commission_rejected"]
    eventually(lambda: len(commission_steps(admin, booking_id)) == 5)
    assert commission_steps(admin, booking_id) == [
        (therapist.user_id, "pending", None),
        (therapist.user_id, "proof_submitted", None),
        ("a-admin", "pending", "not legible"),
        (therapist.user_id, "proof_submitted", None),
        ("a-admin", "paid", None),
    ]


def commission_steps(admin: Person, booking_id: str) -> list[tuple[str, str, str | None]]:
    return [
        (entry["actor"], entry["to"], entry["reason"])
        for entry in items(admin, f"/admin/history/{booking_id}")
        if entry["action"].startswith("commission_")
    ]


def test_a_proof_that_is_something_else_is_refused(world: World) -> None:
    therapist = world.therapist()
    booking_id = accepted(world, therapist)["bookingId"]
    liar = b"<html>" + bytes(len(PNG) - 6)
    form = announced(therapist, booking_id, PNG)
    assert uploaded(form, liar).is_success

    assert expect(therapist.post(f"/commissions/{booking_id}/proof/submit"), 422)["code"] == "validation_failed"
    (own,) = items(therapist, "/me/commissions")
    assert own["paymentStatus"] == "pending"
    assert not uploaded(form, PNG + b"longer than announced").is_success


def test_nobody_pays_or_sees_what_is_anothers(world: World) -> None:
    admin, therapist, other, customer = world.admin(), world.therapist(), world.therapist(), world.guest()
    booking_id = accepted(world, therapist)["bookingId"]
    body = {"fileName": "proof.png", "contentType": "image/png", "size": 100}

    expect(other.post(f"/commissions/{booking_id}/proof", body), 404)
    expect(other.post(f"/commissions/{booking_id}/proof/submit"), 404)
    expect(therapist.post("/commissions/b-unknown/proof", body), 404)
    expect(admin.post("/admin/commissions/b-unknown/approve"), 404)
    expect(admin.post("/admin/audits/repair", {"bookingId": "b-unknown"}), 404)
    assert list(items(other, "/me/commissions")) == []
    for somebody in (therapist, customer):
        for path in ("/admin/revenue", "/admin/commissions", "/admin/audits"):
            expect(somebody.get(path), 403)
        expect(somebody.post(f"/admin/commissions/{booking_id}/waive", {"reason": "mine", "confirm": True}), 403)
        expect(somebody.post("/admin/audits", {}), 403)
    expect(admin.get("/me/commissions"), 403)
    expect(world.stranger().get("/admin/revenue"), 401)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/admin/audits", {"full": 1}),
        ("POST", "/admin/audits", {"fast": True}),
        ("POST", "/admin/audits/repair", {}),
        ("POST", "/admin/audits/repair", {"bookingId": None}),
        ("GET", "/admin/revenue?from=2026-13-01", None),
        ("GET", "/admin/revenue?from=2026-11-02&to=2026-11-01", None),
        ("GET", "/admin/revenue?from=2020-01-01&to=2026-01-01", None),
        ("GET", "/admin/commissions?status=late", None),
        ("GET", "/admin/commissions?cursor=made-up", None),
        ("GET", "/admin/audits?limit=51", None),
        ("POST", "/admin/commissions/b-1/waive", {"reason": "x", "confirm": "yes"}),
        ("POST", "/admin/commissions/b-1/approve", {"now": True}),
    ],
)
def test_bad_input_about_money_is_refused(world: World, method: str, path: str, body: object) -> None:
    answer = expect(world.admin().request(method, path, json=body), 422)
    assert answer["code"] == "validation_failed"


def test_a_waiver_wants_a_reason_and_a_second_word(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    desk = f"/admin/commissions/{accepted(world, therapist)['bookingId']}/waive"

    assert expect(admin.post(desk, {"confirm": True}), 422)["code"] == "validation_failed"
    assert expect(admin.post(desk, {"reason": "goodwill"}), 409)["code"] == "confirmation_required"
    waived = expect(admin.post(desk, {"reason": "goodwill", "confirm": True}), 200)["commission"]
    assert (waived["paymentStatus"], waived["reason"]) == ("waived", "goodwill")


def test_only_one_of_many_judgements_counts(world: World) -> None:
    admin, therapist = world.admin(), world.therapist()
    booking_id = accepted(world, therapist)["bookingId"]
    desk = f"/admin/commissions/{booking_id}"
    form = announced(therapist, booking_id, PNG)
    assert uploaded(form, PNG).is_success
    expect(therapist.post(f"/commissions/{booking_id}/proof/submit"), 200)

    answers = at_once(
        [lambda: admin.post(f"{desk}/approve"), lambda: admin.post(f"{desk}/reject", {"reason": "not legible"})] * 4
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


def test_a_statement_closes_with_what_is_owed(world: World) -> None:
    therapist = world.therapist()
    commission = accepted(world, therapist)
    month = day_of(datetime.fromisoformat(commission["bookingDate"])).isoformat()[:7]

    statement = expect(therapist.get("/me/statement", month=month), 200)
    assert statement["openingBalance"] == 0
    assert statement["closingBalance"] == statement["totals"]["outstanding"] == commission["commissionAmount"]
    assert [posting["kind"] for posting in statement["postings"]] == ["commission"]
    file = therapist.get("/me/statement", month=month, format="csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(file.text.splitlines()))
    assert [row["kind"] for row in rows] == ["opening_balance", "commission", "closing_balance"]
    assert rows[-1]["balance"] == str(commission["commissionAmount"])
    expect(therapist.get("/me/statement"), 422)
    expect(therapist.get("/me/statement", month="2026-00"), 422)


def test_the_deadline_makes_a_debt_overdue_and_reminds_once_each_time(world: World) -> None:
    therapist, records = world.therapist(), world.table("commission_records")
    booking_id = accepted(world, therapist)["bookingId"]

    def reminded(from_now: timedelta) -> list[str]:
        records.update_item(
            Key={"bookingId": booking_id},
            UpdateExpression="SET paymentDeadline = :at",
            ExpressionAttributeValues={":at": format_utc(utc_now() + from_now)},
        )
        for _ in range(2):
            world.invoke("CommissionAuditFunction")
        return [notice["kind"] for notice in items(therapist, "/notifications") if notice["kind"].startswith("comm")]

    assert reminded(timedelta(days=3)) == []
    assert reminded(timedelta(hours=47)) == ["commission_due_soon"]
    assert sorted(reminded(timedelta(minutes=-1))) == ["commission_due", "commission_due_soon"]
    (own,) = items(therapist, "/me/commissions")
    assert own["paymentStatus"] == "overdue"
    assert len(reminded(timedelta(days=-3, minutes=-1))) == 3
    assert len(reminded(timedelta(days=-4))) == 3


def test_a_repeated_audit_with_its_key_is_the_same_audit(world: World) -> None:
    admin, key = world.admin(), {"Idempotency-Key": f"audit-{time.monotonic_ns()}"}

    first = expect(admin.post("/admin/audits", {"full": True}, headers=key), 201)
    assert expect(admin.post("/admin/audits", {"full": True}, headers=key), 201) == first
    assert expect(admin.post("/admin/audits", {}, headers=key), 422)["code"] == "idempotency_key_reused"
    assert first["auditId"] in [each["auditId"] for each in items(admin, "/admin/audits")]
