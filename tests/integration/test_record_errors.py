"""Errors are recorded, counted and shown: all of them counted, of a storm only the first kept."""

import base64
import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from functions.admin_errors import handler as admin_errors
from functions.record_errors import handler as record_errors
from tests.events import Invocation, rest_event
from tests.money_rows import ADMIN

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

type Tables = Mapping[str, "Table"]


def deliver(invocation: Invocation, *lines: Mapping[str, Any], first_id: int = 0) -> int:
    now = int(datetime.now(UTC).timestamp() * 1000)
    batch = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/marketplace",
        "logStream": "2026/12/01/marketplace-create-booking[$LATEST]0",
        "logEvents": [
            {"id": f"{first_id + number:056d}", "timestamp": now, "message": json.dumps({"level": "ERROR", **line})}
            for number, line in enumerate(lines)
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()
    recorded: int = record_errors.lambda_handler({"awslogs": {"data": data}}, invocation)["recorded"]
    return recorded


def ask(invocation: Invocation, path: str, **query: str) -> dict[str, Any]:
    event = rest_event("GET", path, by=ADMIN, query=query)
    return admin_errors.lambda_handler(event, invocation)


def listed(invocation: Invocation, **query: str) -> dict[str, Any]:
    answer = ask(invocation, "/admin/errors", **query)
    assert answer["statusCode"] == 200, answer["body"]
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def rates(invocation: Invocation) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(ask(invocation, "/admin/errors/rate")["body"])["items"]
    return items


def test_an_error_is_listed_and_counted(tables: Tables, invocation: Invocation) -> None:
    line = {"message": "request failed", "code": "internal_error", "category": "booking", "booking_id": "b-1"}
    deliver(invocation, line)

    (error,) = listed(invocation)["items"]
    assert error["message"] == "request failed"
    assert error["bookingId"] == "b-1"
    (rate,) = rates(invocation)
    assert (rate["category"], rate["severity"], rate["count"]) == ("booking", "error", 1)
    forgotten_at: Any = tables["error_events"].scan()["Items"][0]["expiresAtEpoch"]
    assert forgotten_at > datetime.now(UTC).timestamp()


def test_an_error_leads_to_its_trace(tables: Tables, invocation: Invocation, monkeypatch: pytest.MonkeyPatch) -> None:
    del tables
    trace_id = "1-6741f2a0-0123456789abcdef01234567"
    deliver(invocation, {"code": "a", "xray_trace_id": trace_id}, {"code": "b", "xray_trace_id": "javascript:alert(1)"})

    without, with_trace = sorted(listed(invocation)["items"], key=lambda error: error["code"], reverse=True)
    assert (without["traceId"], without["traceUrl"]) == (None, None)
    assert (with_trace["traceId"], with_trace["traceUrl"]) == (trace_id, None)

    monkeypatch.setenv("TRACE_PAGE", "https://console.example.com/#xray:traces/")

    without, with_trace = sorted(listed(invocation)["items"], key=lambda error: error["code"], reverse=True)
    assert without["traceUrl"] is None
    assert with_trace["traceUrl"] == f"https://console.example.com/#xray:traces/{trace_id}"


def test_a_delivery_that_comes_again_is_one(tables: Tables, invocation: Invocation) -> None:
    del tables
    line = {"message": "request failed", "code": "x", "category": "chat"}
    assert deliver(invocation, line) == 1
    assert deliver(invocation, line) == 0

    assert sum(rate["count"] for rate in rates(invocation)) == 1


def test_of_a_storm_everything_is_counted_and_little_kept(tables: Tables, invocation: Invocation) -> None:
    line = {"message": "request failed", "code": "storm", "category": "storage"}
    for batch in range(10):
        deliver(invocation, *[line] * 1000, first_id=batch * 1000)
    deliver(invocation, {"message": "something else", "code": "rare", "category": "storage"}, first_id=99_999)

    assert sum(rate["count"] for rate in rates(invocation)) == 10_001
    kept = tables["error_events"].scan()["Items"]
    assert len(kept) <= 2 * 10 + 1  # a minute may end meanwhile
    assert "rare" in {row["code"] for row in kept}


def test_errors_are_filtered_by_category_and_severity(tables: Tables, invocation: Invocation) -> None:
    del tables
    deliver(invocation, {"code": "a", "category": "chat"}, {"code": "b", "category": "auth", "severity": "critical"})

    assert [error["code"] for error in listed(invocation, category="chat")["items"]] == ["a"]
    assert [error["code"] for error in listed(invocation, severity="critical")["items"]] == ["b"]
    assert listed(invocation, category="chat", severity="critical")["items"] == []


def test_errors_are_filtered_by_time(tables: Tables, invocation: Invocation) -> None:
    del tables
    deliver(invocation, {"code": "a"})

    assert listed(invocation, to="2026-01-31")["items"] == []
    assert len(listed(invocation, **{"from": "2026-01-01"})["items"]) == 1


def test_pages_follow_each_other_without_gap_or_repeat(tables: Tables, invocation: Invocation) -> None:
    del tables
    deliver(invocation, *({"code": f"code_{number}"} for number in range(7)))

    seen: list[str] = []
    cursor = ""
    while True:
        page = listed(invocation, limit="3", **({"cursor": cursor} if cursor else {}))
        seen += [error["eventId"] for error in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = page["nextCursor"]
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


def test_a_list_without_errors_ends_at_once(tables: Tables, invocation: Invocation) -> None:
    del tables
    assert listed(invocation) == {"items": [], "nextCursor": None}
    assert rates(invocation) == []


def test_no_cell_of_an_export_is_a_formula(tables: Tables, invocation: Invocation) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", '  =cmd|"/c calc"!A1', "\t=1", "\r=1"]
    deliver(invocation, *({"message": text, "code": f"c{n}"} for n, text in enumerate(hostile)))

    answer = ask(invocation, "/admin/errors", format="csv")

    assert answer["headers"]["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer["body"])))
    assert len(rows) == len(hostile)
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert {row["message"].removeprefix("'") for row in rows} == set(hostile)
    assert len(tables["error_events"].scan()["Items"]) == len(hostile)


def test_what_is_no_delivery_is_dropped(aws: Mapping[str, str], invocation: Invocation) -> None:
    del aws
    assert record_errors.lambda_handler({"awslogs": {"data": "?"}}, invocation) == {"recorded": 0}


def test_an_altered_cursor_is_refused(tables: Tables, invocation: Invocation) -> None:
    del tables
    answer = ask(invocation, "/admin/errors", cursor="made-up")

    assert answer["statusCode"] == 422
