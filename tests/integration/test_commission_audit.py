"""The audit of commissions, by its handler."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from functions.commission_audit.handler import lambda_handler
from marketplace.clock import utc_now
from marketplace.domain.caller import Caller
from tests.integration.conftest import InvocationContext
from tests.money_rows import ADMIN, confirmed_booking, keep, owed, pending_booking

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]
NOW = utc_now()
HOUR_AGO = NOW - timedelta(hours=1)


def call(method: str, path: str, body: object = None, *, by: Caller = ADMIN, key: str | None = None) -> Any:  # noqa: ANN401 - an answer
    event = {
        "httpMethod": method,
        "resource": path,
        "path": path,
        "headers": {"Idempotency-Key": key} if key else {},
        "body": None if body is None else json.dumps(body),
        "requestContext": {"requestId": "r", "authorizer": {"userId": by.user_id, "role": by.role.value}},
    }
    answer = lambda_handler(event, InvocationContext(remaining_milliseconds=300_000))
    return answer["statusCode"], json.loads(answer["body"])


def audit(*, full: bool = False) -> Any:  # noqa: ANN401 - an answer
    status, body = call("POST", "/admin/audits", {"full": full})
    assert status == 201
    return body


def run_hourly() -> Any:  # noqa: ANN401 - what the function returns
    return lambda_handler({"time": "1999-01-01T00:00:00Z"}, InvocationContext(remaining_milliseconds=300_000))


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
    keep(tables, cancelled.cancel(by=ADMIN, now=NOW), owed(cancelled))
    keep(tables, offered, replace(owed(confirmed_booking("b-offered", at=HOUR_AGO))))
    keep(tables, owed(confirmed_booking("b-unknown", at=HOUR_AGO)))

    found = audit(full=full)

    assert found["missing"] == ["b-lost"]
    assert found["wrongAmount"] == ["b-wrong"]
    assert found["orphaned"] == ["b-cancelled", "b-offered", "b-unknown"]
