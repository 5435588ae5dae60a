"""Commissions as therapists and admins handle them, by their handlers."""

import csv
import json
from collections.abc import Callable, Mapping
from copy import replace
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.admin_money import handler as admin_money
from functions.settle_commission import handler as settle_commission
from functions.submit_proof import handler as submit_proof
from functions.therapist_money import handler as therapist_money
from marketplace import bootstrap
from marketplace.booking.model import visits
from marketplace.catalogue.place.market_days import day_of
from marketplace.chat.attachments.model import AttachmentStatus
from marketplace.commission.model import Commission
from marketplace.commission.repository import saving_commission
from marketplace.commission.states import PaymentStatus
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import utc_now
from marketplace.services.commission.commissions import enter_into_ledger
from tests.camera_files import picture, saved
from tests.events import Invocation, rest_event
from tests.money_rows import ADMIN, AYU, confirmed_booking, keep, owed

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]
NOW = utc_now()
HOUR_AGO = NOW - timedelta(hours=1)
BUDI = Caller(user_id="t-budi", role=Role.THERAPIST)
PNG = saved(picture(), "PNG")


def call(  # noqa: PLR0913 - the parts of a request
    function: ModuleType,
    method: str,
    path: str,
    body: object = None,
    *,
    by: Caller = ADMIN,
    query: Mapping[str, str] | None = None,
    key: str | None = None,
) -> tuple[int, Any]:
    event = rest_event(
        method,
        path.replace("/b-1", "/{bookingId}"),
        by=by,
        path={"bookingId": "b-1"},
        query=query,
        body=body,
        headers={"Idempotency-Key": key} if key else {},
    )
    answer = function.lambda_handler(event, Invocation())
    text = str(answer["body"])
    return answer["statusCode"], json.loads(text) if text.startswith("{") else text


def kept(tables: Tables, **changes: Any) -> Commission:  # noqa: ANN401 - fields of the class
    booking = confirmed_booking("b-1", at=HOUR_AGO)
    commission = replace(owed(booking), **changes)
    keep(tables, booking, commission)
    return commission


def announce(body: Mapping[str, object] | None = None, *, by: Caller = AYU, key: str | None = None) -> tuple[int, Any]:
    asked = body or {"fileName": "proof.png", "contentType": "image/png", "size": len(PNG)}
    return call(submit_proof, "POST", "/commissions/b-1/proof", asked, by=by, key=key)


def submit(*, by: Caller = AYU) -> tuple[int, Any]:
    return call(submit_proof, "POST", "/commissions/b-1/proof/submit", by=by)


def upload(aws: Mapping[str, str], attachment_id: str, content: bytes) -> None:
    boto3.client("s3").put_object(Bucket=aws["UPLOADS_BUCKET"], Key=f"incoming/{attachment_id}", Body=content)


def test_a_proof_that_is_there_and_as_announced_is_handed_in(aws: Mapping[str, str], tables: Tables) -> None:
    kept(tables)
    status, form = announce()
    assert status == 201
    assert form["upload"]["fields"]["key"] == f"incoming/{form['attachmentId']}"
    upload(aws, form["attachmentId"], PNG)

    status, answer = submit()

    assert status == 200
    assert answer["commission"]["paymentStatus"] == "proof_submitted"
    assert answer["commission"]["proofAttachmentId"] == form["attachmentId"]
    stored = bootstrap.commissions().get("b-1")
    assert (stored.actor_id, stored.version) == ("t-ayu", 2)


@pytest.mark.parametrize(
    "content", [None, b"", PNG[:-1], b"<html>" + bytes(len(PNG) - 6), PNG[:40] + bytes(len(PNG) - 40)]
)
def test_a_proof_that_is_not_as_announced_is_refused(
    aws: Mapping[str, str], tables: Tables, content: bytes | None
) -> None:
    before = kept(tables)
    _, form = announce()
    if content is not None:
        upload(aws, form["attachmentId"], content)

    status, problem = submit()

    assert (status, problem["code"]) == (422, "validation_failed")
    assert bootstrap.commissions().get("b-1").payment_status is before.payment_status


def test_a_proof_that_was_handed_in_can_be_seen_at_once(aws: Mapping[str, str], tables: Tables) -> None:
    kept(tables)
    _, form = announce({"fileName": "transfer.html", "contentType": "image/png", "size": len(PNG)})
    upload(aws, form["attachmentId"], PNG)
    assert submit()[0] == 200

    proof = bootstrap.attachments().get(form["attachmentId"])

    assert proof.status is AttachmentStatus.READY
    assert bootstrap.uploads().holds(proof.key)
    assert "transfer.png" in bootstrap.uploads().link(proof)


def test_a_proof_without_an_announcement_is_refused(tables: Tables) -> None:
    kept(tables)
    assert submit()[0] == 422


@pytest.mark.parametrize(
    "status", [PaymentStatus.PROOF_SUBMITTED, PaymentStatus.PAID, PaymentStatus.WAIVED, PaymentStatus.REVERSED]
)
def test_no_proof_is_taken_where_none_is_awaited(tables: Tables, status: PaymentStatus) -> None:
    kept(tables, payment_status=status)

    assert [answer["code"] for _, answer in (announce(), submit())] == ["invalid_transition"] * 2
    assert tables["attachments"].scan()["Items"] == []


def test_a_proof_of_anothers_commission_is_not_found(tables: Tables) -> None:
    kept(tables)
    assert [status for status, _ in (announce(by=BUDI), submit(by=BUDI))] == [404, 404]
    assert [status for status, _ in (announce(by=ADMIN), submit(by=ADMIN))] == [403, 403]


def test_the_key_of_a_proof_belongs_to_one_file(tables: Tables) -> None:
    kept(tables)
    first, repeat = announce(key="k-1"), announce(key="k-1")
    other = announce({"fileName": "other.png", "contentType": "image/png", "size": 5}, key="k-1")

    assert first[1]["attachmentId"] == repeat[1]["attachmentId"]
    assert (repeat[0], other[0], other[1]["code"]) == (201, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("before", "step", "body", "after"),
    [
        (PaymentStatus.PROOF_SUBMITTED, "approve", None, PaymentStatus.PAID),
        (PaymentStatus.PROOF_SUBMITTED, "reject", {"reason": "not legible"}, PaymentStatus.PENDING),
        (PaymentStatus.PENDING, "waive", {"reason": "goodwill", "confirm": True}, PaymentStatus.WAIVED),
        (PaymentStatus.OVERDUE, "waive", {"reason": "goodwill", "confirm": True}, PaymentStatus.WAIVED),
    ],
)
def test_a_judgement_is_written_with_who_and_why_and_told(
    tables: Tables, before: PaymentStatus, step: str, body: object, after: PaymentStatus
) -> None:
    kept(tables, payment_status=before)

    status, answer = call(settle_commission, "POST", f"/admin/commissions/b-1/{step}", body)

    assert (status, answer["commission"]["paymentStatus"]) == (200, after.value)
    stored = bootstrap.commissions().get("b-1")
    assert (stored.actor_id, stored.actor_role) == ("a-admin", Role.ADMIN)
    (notice,) = tables["notifications"].scan()["Items"]
    assert (notice["userId"], notice["bookingId"]) == ("t-ayu", "b-1")


@pytest.mark.parametrize(
    ("before", "step", "body"),
    [
        (PaymentStatus.PENDING, "approve", None),
        (PaymentStatus.PENDING, "reject", {"reason": "why not"}),
        (PaymentStatus.PAID, "approve", None),
        (PaymentStatus.PAID, "waive", {"reason": "goodwill", "confirm": True}),
        (PaymentStatus.REVERSED, "waive", {"reason": "goodwill"}),
        (PaymentStatus.WAIVED, "reject", {"reason": "why not"}),
    ],
)
def test_a_judgement_out_of_turn_changes_nothing(
    tables: Tables, before: PaymentStatus, step: str, body: object
) -> None:
    kept(tables, payment_status=before)

    status, problem = call(settle_commission, "POST", f"/admin/commissions/b-1/{step}", body)

    assert (status, problem["code"]) == (409, "invalid_transition")
    assert bootstrap.commissions().get("b-1").version == 1
    assert tables["notifications"].scan()["Items"] == []


def test_a_proof_rejected_after_the_deadline_leaves_an_overdue_debt(tables: Tables) -> None:
    kept(tables, payment_status=PaymentStatus.PROOF_SUBMITTED, payment_deadline=HOUR_AGO)

    _, answer = call(settle_commission, "POST", "/admin/commissions/b-1/reject", {"reason": "not legible"})

    assert answer["commission"]["paymentStatus"] == "overdue"


def test_a_judgement_that_lost_a_race_is_made_anew(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    commission = kept(tables, payment_status=PaymentStatus.PROOF_SUBMITTED)
    read = bootstrap.commissions().get

    def outrun(booking_id: str) -> Commission:
        monkeypatch.undo()
        found = read(booking_id)
        bootstrap.store().write(saving_commission(found, found.approve(by=ADMIN, now=NOW)))
        return found

    monkeypatch.setattr(type(bootstrap.commissions()), "get", lambda _, booking_id: outrun(booking_id))
    status, problem = call(settle_commission, "POST", "/admin/commissions/b-1/reject", {"reason": "not legible"})

    assert (status, problem["code"]) == (409, "invalid_transition")
    assert bootstrap.commissions().get("b-1").version == commission.version + 1


def collected(page_of: Callable[[dict[str, str]], Any]) -> list[str]:
    page = page_of({})
    found = [item["bookingId"] for item in page["items"]]
    while page["nextCursor"] is not None:
        page = page_of({"cursor": page["nextCursor"]})
        found += [item["bookingId"] for item in page["items"]]
    return found


def test_admins_see_every_commission_once_the_urgent_ones_first(tables: Tables) -> None:
    statuses = [*PaymentStatus, *PaymentStatus]
    for number, status in enumerate(statuses):
        booking = confirmed_booking(f"b-{number}", at=HOUR_AGO + timedelta(seconds=number))
        keep(tables, replace(owed(booking), payment_status=status))

    def page_of(at: dict[str, str], **query: str) -> Any:  # noqa: ANN401 - an answer
        return call(admin_money, "GET", "/admin/commissions", query={**at, "limit": "3", **query})[1]

    everything = collected(page_of)
    assert sorted(everything) == sorted(f"b-{number}" for number in range(len(statuses)))
    assert [statuses[int(each[2:])].value for each in everything[:4]] == ["overdue"] * 2 + ["proof_submitted"] * 2
    paid = collected(lambda at: page_of(at, status="paid"))
    assert [statuses[int(each[2:])].value for each in paid] == ["paid", "paid"]
    assert call(admin_money, "GET", "/admin/commissions", query={"cursor": "made-up"})[0] == 422


def test_a_therapist_sees_only_their_own_commissions(tables: Tables) -> None:
    for number in range(5):
        therapist = "t-ayu" if number % 2 else "t-budi"
        keep(tables, owed(confirmed_booking(f"b-{number}", at=HOUR_AGO, therapist_id=therapist)))

    found = collected(lambda at: call(therapist_money, "GET", "/me/commissions", by=AYU, query={**at, "limit": "1"})[1])
    assert sorted(found) == ["b-1", "b-3"]


def test_revenue_is_todays_and_names_what_is_wrong(tables: Tables) -> None:
    right, wrong, lost = (confirmed_booking(f"b-{name}", at=NOW) for name in ("right", "wrong", "lost"))
    old = confirmed_booking("b-old", at=NOW - timedelta(days=31))
    rehearsed = confirmed_booking("b-test", at=NOW, is_test=True)
    cancelled = visits.cancel(confirmed_booking("b-cancelled", at=NOW), by=ADMIN, now=NOW)
    keep(tables, right, owed(right), wrong, replace(owed(wrong), commission_amount=1), lost, old, owed(old))
    keep(tables, rehearsed, owed(rehearsed), cancelled, owed(cancelled).reverse(by=ADMIN, now=NOW, reason=None))

    status, revenue = call(admin_money, "GET", "/admin/revenue")

    today = day_of(NOW).isoformat()
    assert (status, revenue["to"], len(revenue["byDay"])) == (200, today, 30)
    assert (revenue["bookings"], revenue["amount"], revenue["commission"]) == (3, 1_050_000, 105_001)
    assert (revenue["missing"], revenue["wrongAmount"]) == (["b-lost"], ["b-wrong"])
    assert revenue["byDay"][today]["bookings"] == revenue["bySource"]["direct"]["bookings"] == 3
    assert revenue["byTherapist"]["t-ayu"]["therapistName"] == "Ayu Lestari"
    assert revenue["commissionByStatus"]["reversed"] == 105_000


def test_revenue_of_an_empty_period_is_all_zeros(tables: Tables) -> None:
    assert tables["bookings"].item_count == 0
    query = {"from": "2026-01-01", "to": "2026-01-03"}
    _, revenue = call(admin_money, "GET", "/admin/revenue", query=query)

    nothing = {"bookings": 0, "amount": 0, "commission": 0}
    assert {name: revenue[name] for name in ("from", "to")} == query
    assert revenue["bySource"] == dict.fromkeys(
        ["bookingButton", "chatWindow", "menuSlider", "scheduled", "priceSlider", "direct"], nothing
    )
    assert revenue["byDay"] == dict.fromkeys(["2026-01-01", "2026-01-02", "2026-01-03"], nothing)


def test_a_statement_is_a_ledger_as_a_file(tables: Tables) -> None:
    record = kept(tables)
    assert enter_into_ledger(bootstrap.store(), bootstrap.ledger(), record)
    assert enter_into_ledger(bootstrap.store(), bootstrap.ledger(), record)
    month = day_of(HOUR_AGO).isoformat()[:7]

    status, text = call(therapist_money, "GET", "/me/statement", by=AYU, query={"month": month, "format": "csv"})

    rows = list(csv.DictReader(text.splitlines()))
    assert status == 200
    assert [(row["kind"], row["balance"]) for row in rows] == [
        ("opening_balance", "0"),
        ("commission", "105000"),
        ("closing_balance", "105000"),
    ]
