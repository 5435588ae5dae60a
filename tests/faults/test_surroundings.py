"""X26 to X29: keys, secrets, sinks and settings fail; what needs them says so, everything else goes on."""

import base64
import gzip
import io
import json
from contextlib import redirect_stdout
from datetime import timedelta
from typing import Any

import pytest

from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, metrics, report
from marketplace.platform.settings import SettingsError, read_settings
from tests.cloudformation import load_template, resources_of
from tests.faults.injection import Fault
from tests.faults.market import ADMIN, AYU, WAYAN, Market
from tests.faults.market_environment import environment

CANARY = "canary-of-a-person"


def test_x26_without_its_secret_the_authorizer_lets_nobody_in(market: Market) -> None:
    market.faults.always("get_secret_value", Fault.BROKEN)
    event = {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2/v1/GET/bookings",
        "headers": {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"},
        "requestContext": {"requestId": "r-1"},
    }

    with pytest.raises(Exception) as refused:  # noqa: PT011 - any exception is a refusal to the gateway
        market.invoke("authorize", event)

    assert CANARY not in str(refused.value)


def test_a_wrong_token_is_denied_and_no_failure_of_the_authorizer(market: Market) -> None:
    policy = market.invoke(
        "authorize",
        {
            "type": "REQUEST",
            "methodArn": "arn:aws:execute-api:us-east-1:123456789012:a1b2/v1/GET/bookings",
            "headers": {"Authorization": f"Bearer {CANARY}"},
            "requestContext": {"requestId": "r-1"},
        },
    )

    assert [statement["Effect"] for statement in policy["policyDocument"]["Statement"]] == ["Deny"]
    assert CANARY not in str(policy)


def test_x26_chat_works_without_keys_files_and_events(market: Market) -> None:
    booking_id = market.book()
    for operation in ("decrypt", "encrypt", "put_events", "get_object", "head_object", "send_message"):
        market.faults.always(operation, Fault.BROKEN)

    assert market.send(WAYAN, booking_id, "hello", "m-1").status == 201
    assert market.command(AYU, booking_id, "accept").status == 200

    market.faults.clear()
    market.check()


def test_x26_an_acceptance_that_needs_bank_details_waits_for_their_key(market: Market) -> None:
    therapist = market.row("therapists", therapistId=AYU.user_id)
    market.plant("therapists", {**therapist, "encryptedBankDetails": "e30="})
    start = (market.now + timedelta(days=2)).replace(hour=4, minute=0, second=0)
    booking_id = market.book(bookingType="scheduled", scheduledTime=format_utc(start))
    market.faults.always("decrypt", Fault.BROKEN)

    answer = market.command(AYU, booking_id, "accept")

    assert (answer.status, answer.body["code"]) == (503, "service_unavailable")
    assert market.row("bookings", bookingId=booking_id)["status"] == "pending"
    market.check()


def test_x27_a_sink_of_metrics_that_fails_fails_no_request(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> None:
        raise OSError(CANARY)

    monkeypatch.setattr(metrics(), "flush_metrics", full)

    assert market.call(WAYAN, "POST", "/bookings", market.order()).status == 201
    market.check()


def test_x27_the_text_of_an_exception_is_never_printed(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Store, "get", break_down)
    printed = io.StringIO()
    with redirect_stdout(printed):
        answer = market.call(WAYAN, "GET", "/bookings/b-unknown")
        report("told", category=Category.BOOKING, severity=Severity.ERROR, code="told", error=RuntimeError(CANARY))

    assert (answer.status, answer.body["code"]) == (500, "internal_error")
    assert CANARY not in json.dumps(answer.body) + printed.getvalue()


@pytest.mark.parametrize("broken", ["", " ", None])
def test_x28_a_missing_or_empty_setting_is_named_at_the_first_reading(broken: str | None) -> None:
    known = environment()
    for name in sorted(
        set(known) - {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
    ):
        without = {key: value for key, value in known.items() if key != name} | (
            {} if broken is None else {name: broken}
        )
        try:
            read_settings(without)
        except SettingsError as error:
            assert name in str(error)  # noqa: PT017 - some settings of the template are read elsewhere
        else:
            assert not name.endswith(("PREFIX", "SECONDS", "BPS", "DAYS", "SCALE", "ORIGINS"))


@pytest.mark.parametrize(
    "name", ["RESPONSE_WINDOW_SECONDS", "COMMISSION_RATE_BPS", "CHAT_RETENTION_DAYS", "MEDIA_RETENTION_DAYS"]
)
@pytest.mark.parametrize("broken", ["many", "-1", "1.5"])
def test_x28_a_number_of_the_wrong_form_is_named(name: str, broken: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({**environment(), name: broken})


def test_x29_ten_errors_in_a_minute_ring_one_alarm_that_needs_no_code_of_ours() -> None:
    alarms = resources_of(load_template(), "AWS::CloudWatch::Alarm")
    ringing = [alarm for alarm in alarms.values() if alarm["Threshold"] == {"Ref": "ErrorAlarmPerMinute"}]

    assert ringing
    for alarm in ringing:
        assert alarm["Period"] == 60
        assert alarm["EvaluationPeriods"] == 1
        assert alarm["Statistic"] == "Sum"
        assert alarm["AlarmActions"]


def test_x29_a_failing_report_fails_no_request(market: Market) -> None:
    market.faults.always("batch_get_item", Fault.BROKEN)
    for _ in range(10):
        assert market.call(ADMIN, "GET", "/rooms/r-unknown").status == 503
    market.faults.clear()
    market.forget_caches()
    assert market.call(ADMIN, "GET", "/rooms/r-unknown").status == 404


def test_a_store_that_leaves_keys_unprocessed_is_asked_for_the_rest_alone(market: Market) -> None:
    booking_id = market.book()
    asked: list[int] = []
    whole = market.raw.batch_get_item

    def half(*, RequestItems: Any) -> Any:
        keys = [(name, key) for name, table in RequestItems.items() for key in table["Keys"]]
        asked.append(len(keys))
        first, rest = keys[: max(1, len(keys) // 2)], keys[max(1, len(keys) // 2) :]
        answer = whole(
            RequestItems={name: {"Keys": [key for table, key in first if table == name]} for name in RequestItems}
        )
        left = {name: {"Keys": [key for table, key in rest if table == name]} for name in RequestItems}
        return {**answer, "UnprocessedKeys": {name: table for name, table in left.items() if table["Keys"]}}

    market.raw.batch_get_item = half  # type: ignore[method-assign]  # a store that is short of breath
    assert market.command(AYU, booking_id, "accept").status == 200

    assert asked == sorted(asked, reverse=True)
    assert sum(asked) > asked[0]
    market.raw.batch_get_item = whole  # type: ignore[method-assign]  # see above
    market.check()


def errors_of_a_minute(errors: int) -> dict[str, Any]:
    """Return a delivery of log lines, ten errors under each of several codes."""
    lines = [
        {
            "id": f"{number:056d}",
            "timestamp": 1_795_000_000_000,
            "message": json.dumps({"level": "ERROR", "category": "chat", "code": f"c{number // 10}"}),
        }
        for number in range(errors)
    ]
    batch = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/marketplace-read-chat",
        "logStream": "stream",
        "logEvents": lines,
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()}}


def test_a_store_that_never_gets_on_with_a_batch_is_unavailable(market: Market) -> None:
    market.raw.batch_write_item = lambda *, RequestItems: {"UnprocessedItems": RequestItems}  # type: ignore[method-assign]  # a store that takes nothing
    market.remaining_milliseconds = 1_000

    with pytest.raises(ServiceUnavailable):
        market.invoke("record_errors", errors_of_a_minute(60))


def test_errors_are_kept_whole_though_the_store_takes_them_piece_by_piece(market: Market) -> None:
    whole, taken, asked_again = market.raw.batch_write_item, set[str](), set[str]()

    def first_ten(*, RequestItems: Any) -> Any:
        ((name, requests),) = RequestItems.items()
        ids = [request["PutRequest"]["Item"]["eventId"]["S"] for request in requests]
        asked_again.update(taken.intersection(ids))
        taken.update(ids[:10])
        whole(RequestItems={name: requests[:10]})
        return {"UnprocessedItems": {name: requests[10:]} if requests[10:] else {}}

    market.raw.batch_write_item = first_ten  # type: ignore[method-assign]  # a store that is short of breath
    assert market.invoke("record_errors", errors_of_a_minute(60)) == {"recorded": 60}

    assert {row["eventId"] for row in market.rows("error_events")} == taken
    assert len(taken) == 60
    assert asked_again == set()


def test_many_errors_of_a_delivery_are_kept_in_few_calls(market: Market) -> None:
    market.invoke("record_errors", errors_of_a_minute(60))

    assert market.faults.called.count(("dynamodb", "batch_write_item")) == 3
    assert len(market.rows("error_events")) == 60
    (rate,) = market.rows("error_rates")
    assert rate["count"] == 60
