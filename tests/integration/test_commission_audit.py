"""The audit of commissions, by its handler."""

import json
from collections.abc import Mapping
from copy import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.commission_audit.handler import lambda_handler
from marketplace import bootstrap
from marketplace.booking.model import visits
from marketplace.booking.repository import booking_record
from marketplace.commission.repository import commission_record
from marketplace.operations.reconciliation.model import Audit, AuditScope
from marketplace.platform.caller import Caller
from marketplace.platform.clock import utc_now
from marketplace.platform.dynamodb.store import Store
from tests.events import Invocation, rest_event
from tests.money_rows import ADMIN, AYU, confirmed_booking, keep, owed, pending_booking, put_row

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]
NOW = utc_now()
HOUR_AGO = NOW - timedelta(hours=1)


def call(method: str, path: str, body: object = None, *, by: Caller = ADMIN, key: str | None = None) -> Any:  # noqa: ANN401 - an answer
    event = rest_event(method, path, by=by, body=body, headers={"Idempotency-Key": key} if key else {})
    answer = lambda_handler(event, Invocation(remaining_milliseconds=300_000))
    return answer["statusCode"], json.loads(answer["body"])


def audit(*, full: bool = False) -> Any:  # noqa: ANN401 - an answer
    status, body = call("POST", "/admin/audits", {"full": full})
    assert status == 201
    return body


def run_hourly() -> Any:  # noqa: ANN401 - what the function returns
    return lambda_handler({"time": "1999-01-01T00:00:00Z"}, Invocation(remaining_milliseconds=300_000))


def test_a_right_commission_is_no_finding(tables: Tables) -> None:
    booking = confirmed_booking("b-1", at=HOUR_AGO)
    keep(tables, booking, owed(booking))

    for full in (False, True):
        found = audit(full=full)
        assert found["auditedBookings"] == 1
        assert (found["missing"], found["wrongAmount"], found["orphaned"]) == ([], [], [])
        assert found["bySource"]["direct"] == {"bookings": 1, "amount": 350_000, "commission": 105_000}
        assert len(found["bySource"]) == 6


@pytest.mark.parametrize("full", [False, True])
def test_missing_wrong_and_orphaned_commissions_are_told_apart(tables: Tables, *, full: bool) -> None:
    lost, wrong, cancelled = (confirmed_booking(f"b-{name}", at=HOUR_AGO) for name in ("lost", "wrong", "cancelled"))
    offered = pending_booking("b-offered", at=NOW)
    keep(tables, lost)
    keep(tables, wrong, replace(owed(wrong), commission_amount=1))
    keep(tables, visits.cancel(cancelled, by=ADMIN, now=NOW), owed(cancelled))
    keep(tables, offered, replace(owed(confirmed_booking("b-offered", at=HOUR_AGO))))
    keep(tables, owed(confirmed_booking("b-unknown", at=HOUR_AGO)))

    found = audit(full=full)

    assert found["missing"] == ["b-lost"]
    assert found["wrongAmount"] == ["b-wrong"]
    assert found["orphaned"] == ["b-cancelled", "b-offered", "b-unknown"]


def test_a_test_booking_is_never_judged(tables: Tables) -> None:
    rehearsed = confirmed_booking("b-test", at=HOUR_AGO, is_test=True)
    keep(tables, rehearsed)
    keep(tables, replace(owed(confirmed_booking("b-gone", at=HOUR_AGO)), is_test=True))

    for full in (False, True):
        found = audit(full=full)
        assert found["auditedBookings"] == 0
        assert (found["missing"], found["wrongAmount"], found["orphaned"]) == ([], [], [])


def test_an_empty_system_is_audited(tables: Tables) -> None:
    assert tables["bookings"].item_count == 0
    for full in (False, True):
        assert audit(full=full)["auditedBookings"] == 0
    assert run_hourly()["finished"]


def test_the_hourly_run_leaves_out_the_latest_minute_and_a_run_on_demand_does_not(tables: Tables) -> None:
    keep(tables, confirmed_booking("b-new", at=utc_now()))
    assert run_hourly()["findings"] == 0
    assert audit()["missing"] == ["b-new"]


def test_the_hourly_run_judges_only_what_is_new_and_what_is_still_wrong(tables: Tables) -> None:
    keep(tables, confirmed_booking("b-lost", at=HOUR_AGO))
    right = confirmed_booking("b-right", at=HOUR_AGO)
    keep(tables, right, owed(right))
    run_hourly()
    assert (latest()["auditedBookings"], latest()["missing"]) == (2, ["b-lost"])

    run_hourly()
    assert (latest()["auditedBookings"], latest()["missing"]) == (0, ["b-lost"])

    assert call("POST", "/admin/audits/repair", {"bookingId": "b-lost"})[0] == 200
    run_hourly()
    assert latest()["missing"] == []


def latest() -> Any:  # noqa: ANN401 - a run
    status, body = call("GET", "/admin/audits")
    assert status == 200
    return body["items"][0]


def test_a_record_that_was_touched_long_ago_is_found_through_the_mark_of_the_stream(tables: Tables) -> None:
    booking = confirmed_booking("b-old", at=NOW - timedelta(days=30))
    keep(tables, booking, owed(booking))
    run_hourly()
    keep(tables, replace(owed(booking), commission_amount=1))
    run_hourly()
    assert latest()["wrongAmount"] == []

    bootstrap.audits().mark_dirty("b-old", NOW)
    run_hourly()
    assert latest()["wrongAmount"] == ["b-old"]
    assert bootstrap.audits().dirty() == {}


def test_an_interrupted_run_is_carried_on_where_it_stood(tables: Tables) -> None:
    for number in range(3):
        booking = confirmed_booking(f"b-{number}", at=HOUR_AGO)
        keep(tables, booking, owed(booking))
    keep(tables, confirmed_booking("b-lost", at=HOUR_AGO))
    begun = Audit(audit_id="a-1", started_at=NOW, full=True, scope=AuditScope.WHOLE_TABLES, until=NOW)
    bootstrap.audits().add(begun)
    cut_off = bootstrap.audit_pass().carry_on(begun, seconds_left=lambda: 0)
    assert cut_off is not None
    assert (cut_off.stretch, cut_off.audited_bookings, cut_off.missing) == (1, 4, ("b-lost",))
    assert call("GET", "/admin/audits")[1]["items"][0]["finishedAt"] is None

    run_hourly()

    finished = bootstrap.audits().find("a-1")
    assert finished is not None
    assert finished.finished_at is not None
    assert (finished.audited_bookings, finished.missing) == (4, ("b-lost",))


def test_of_two_workers_on_one_run_only_one_goes_on(tables: Tables) -> None:
    assert tables["audit_runs"].item_count == 0
    begun = Audit(audit_id="a-1", started_at=NOW, full=True, scope=AuditScope.WHOLE_TABLES, until=NOW)
    bootstrap.audits().add(begun)

    assert bootstrap.audit_pass().carry_on(begun, seconds_left=lambda: 0) is not None
    assert bootstrap.audit_pass().carry_on(begun, seconds_left=lambda: 0) is None


def test_malformed_rows_are_named_and_survived(tables: Tables) -> None:
    right = confirmed_booking("b-right", at=HOUR_AGO)
    keep(tables, right, owed(right))
    put_row(tables["bookings"], {"bookingId": "b-junk", "status": "half done", "price": "many"})
    put_row(tables["bookings"], {**booking_record(confirmed_booking("b-odd", at=HOUR_AGO)), "price": "many"})
    put_row(tables["commission_records"], {**commission_record(owed(right)), "bookingId": "b-odd", "paidAt": 7})

    found = audit(full=True)

    assert found["malformed"] == ["b-junk", "b-odd"]
    assert found["wrongAmount"] == ["b-odd"]
    assert found["auditedBookings"] == 2


def test_what_is_owed_past_its_deadline_is_marked_overdue_once(tables: Tables) -> None:
    late, early = confirmed_booking("b-late", at=NOW - timedelta(days=8)), confirmed_booking("b-early", at=HOUR_AGO)
    rehearsed = confirmed_booking("b-test", at=NOW - timedelta(days=8), is_test=True)
    for booking in (late, early, rehearsed):
        keep(tables, booking, owed(booking))
    put_row(
        tables["commission_records"],
        {"bookingId": "b-junk", "paymentStatus": "pending", "paymentDeadline": "2026-01-01T00:00:00.000Z"},
    )

    assert [audit()["overdueMarked"], audit()["overdueMarked"]] == [1, 0]
    statuses = {str(row["bookingId"]): row["paymentStatus"] for row in tables["commission_records"].scan()["Items"]}
    assert statuses == {"b-late": "overdue", "b-early": "pending", "b-test": "pending", "b-junk": "pending"}


def test_a_repair_makes_the_very_record_that_was_lost_and_tells_of_it(tables: Tables) -> None:
    booking = confirmed_booking("b-lost", at=HOUR_AGO)
    keep(tables, booking)

    first = call("POST", "/admin/audits/repair", {"bookingId": "b-lost"})
    second = call("POST", "/admin/audits/repair", {"bookingId": "b-lost"})

    assert first == second
    assert first[0] == 200
    assert bootstrap.commissions().get("b-lost") == owed(booking)
    (entry,) = tables["history"].scan()["Items"]
    assert (entry["action"], entry["actor"]) == ("commission_repaired", "a-admin")


def test_a_repair_of_a_cancelled_booking_makes_a_reversed_record(tables: Tables) -> None:
    keep(tables, visits.cancel(confirmed_booking("b-lost", at=HOUR_AGO), by=ADMIN, now=NOW, reason="ill"))
    assert audit()["missing"] == ["b-lost"]

    _, answer = call("POST", "/admin/audits/repair", {"bookingId": "b-lost"})

    assert (answer["commission"]["paymentStatus"], answer["commission"]["reason"]) == ("reversed", "ill")
    assert audit()["missing"] == []


def test_what_was_never_confirmed_cannot_be_repaired(tables: Tables) -> None:
    keep(tables, pending_booking("b-offered", at=NOW))

    status, problem = call("POST", "/admin/audits/repair", {"bookingId": "b-offered"})
    assert (status, problem["code"]) == (409, "invalid_transition")
    assert call("POST", "/admin/audits/repair", {"bookingId": "b-unknown"})[0] == 404
    assert tables["commission_records"].scan()["Items"] == []


def test_a_repair_does_not_outrun_a_cancellation(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = confirmed_booking("b-lost", at=HOUR_AGO)
    keep(tables, booking)
    transact = Store.transact

    def cancelled_meanwhile(store: Store, *arguments: Any) -> Any:  # noqa: ANN401 - passed on
        monkeypatch.setattr(Store, "transact", transact)
        keep(tables, visits.cancel(booking, by=ADMIN, now=NOW))
        return transact(store, *arguments)

    monkeypatch.setattr(Store, "transact", cancelled_meanwhile)

    status, answer = call("POST", "/admin/audits/repair", {"bookingId": "b-lost"})
    assert (status, answer["commission"]["paymentStatus"]) == (200, "reversed")


def test_the_key_of_an_audit_belongs_to_one_audit(tables: Tables) -> None:
    assert tables["audit_runs"].item_count == 0
    first = call("POST", "/admin/audits", {"full": False}, key="k-1")
    keep(tables, confirmed_booking("b-lost", at=HOUR_AGO))

    assert call("POST", "/admin/audits", {"full": False}, key="k-1") == first
    assert call("POST", "/admin/audits", {"full": True}, key="k-1")[1]["code"] == "idempotency_key_reused"
    assert call("POST", "/admin/audits", key="k-2")[1]["missing"] == ["b-lost"]


def test_only_admins_audit(tables: Tables) -> None:
    for path in ("/admin/audits", "/admin/audits/repair"):
        status, problem = call("POST", path, {"bookingId": "b-1"}, by=AYU)
        assert (status, problem["code"]) == (403, "forbidden")
    assert tables["audit_runs"].scan()["Items"] == []
