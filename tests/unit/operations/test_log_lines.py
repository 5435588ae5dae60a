"""Errors in what CloudWatch Logs delivers: ours, time-outs and crashes; nothing else, and nobody's data."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.handlers import categories as categories_of_functions
from marketplace.operations.errors.log_lines import read_delivery
from marketplace.operations.errors.recorded_error import RecordedError

AT = 1_795_334_400_000  # 2026-11-22T08:00:00Z


SHARED = "/aws/lambda/marketplace"


def delivery(*messages: str, function: str = "marketplace-create-booking", group: str = SHARED) -> dict[str, Any]:
    batch = {
        "messageType": "DATA_MESSAGE",
        "logGroup": group,
        "logStream": f"2026/11/22/{function}[$LATEST]0",
        "logEvents": [
            {"id": f"{number:056d}", "timestamp": AT + number, "message": message}
            for number, message in enumerate(messages)
        ],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()}}


def only(*messages: str, function: str = "marketplace-create-booking", group: str = SHARED) -> RecordedError:
    (error,) = read_delivery(delivery(*messages, function=function, group=group)).errors
    return error


def line(**keys: object) -> str:
    return json.dumps({"level": "ERROR", "message": "request failed", "service": "create_booking", **keys})


def test_a_line_of_ours_is_recorded_with_what_it_names() -> None:
    error = only(
        line(
            category="payment",
            severity="critical",
            code="internal_error",
            correlation_id="req-1",
            booking_id="b-1",
            therapist_id="t-1",
            error_type="KeyError",
            duration=60,
        )
    )

    assert (error.category, error.severity, error.code) == ("payment", "critical", "internal_error")
    assert (error.request_id, error.booking_id) == ("req-1", "b-1")
    assert error.message == "request failed"
    assert error.function_name == "marketplace-create-booking"
    assert error.context == {"therapistId": "t-1", "errorType": "KeyError", "duration": "60"}
    assert error.minute == "2026-11-22T08:00"


def test_a_line_without_category_is_of_its_function() -> None:
    assert only(line(service="send_message")).category == "chat"
    assert only(line(service="unheard_of"), function="marketplace-commission-audit").category == "payment"
    assert only(line(service=None), function="elsewhere").category == "storage"


TIMED_OUT = "2026-11-22T08:00:00.000Z 2f1d8a54-0d54-4c3f-9a5e-0b5b6a0c9d11 Task timed out after 15.00 seconds"


@pytest.mark.parametrize("folder", sorted(categories_of_functions()))
def test_a_time_out_of_any_function_is_recorded_as_its_own(folder: str) -> None:
    function = f"marketplace-{folder.replace('_', '-')}"
    error = only(TIMED_OUT, function=function)

    assert error.function_name == function
    assert error.category == categories_of_functions()[folder]


def test_payment_and_sign_in_functions_that_run_out_of_time_are_not_blamed_on_the_store() -> None:
    blamed = {
        name: only(TIMED_OUT, function=f"marketplace-{name}").category for name in ("submit-proof", "admin-money")
    }
    assert set(blamed.values()) == {"payment"}
    assert only(TIMED_OUT, function="marketplace-end-sessions").category == "auth"
    assert only(TIMED_OUT, function="marketplace-publish-changes").category == "booking"


def test_a_function_with_a_log_group_of_its_own_is_named_by_it() -> None:
    error = only(TIMED_OUT, function="", group="/aws/lambda/marketplace-read-chat")
    assert (error.function_name, error.category) == ("marketplace-read-chat", "chat")


@pytest.mark.parametrize("level", ["INFO", "WARNING", "DEBUG", None])
def test_other_levels_are_no_errors(level: str | None) -> None:
    assert read_delivery(delivery(line(level=level))).errors == ()


def test_a_time_out_is_critical() -> None:
    request = "2f1d8a54-0d54-4c3f-9a5e-0b5b6a0c9d11"
    error = only(f"2026-11-22T08:00:00.000Z {request} Task timed out after 15.00 seconds")

    assert (error.severity, error.code, error.request_id) == ("critical", "timed_out", request)


@pytest.mark.parametrize(
    "text",
    [
        "[ERROR] KeyError: 'budi@example.com +62 812 3456 7890'\nTraceback (most recent call last):",
        "Traceback (most recent call last):",
        "RequestId: 1 Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
    ],
)
def test_a_crash_is_critical_and_its_text_is_not_kept(text: str) -> None:
    error = only(text)

    assert (error.severity, error.code) == ("critical", "crashed")
    assert "example.com" not in repr(error)
    assert "812" not in repr(error)


def test_the_kind_of_a_crash_is_kept() -> None:
    assert only("[ERROR] KeyError: 'secret'\nTraceback …").context == {"errorType": "KeyError"}


def test_what_might_be_a_number_or_an_address_is_blanked_even_in_our_own_lines() -> None:
    error = only(line(message="cannot reach wayan@example.com or +62 812-3456-7890"))

    assert "wayan" not in error.message
    assert "3456" not in error.message


@pytest.mark.parametrize("text", ["START RequestId: 1", "END", "", "{", "[]", '{"_aws":{}}', "an ordinary line"])
def test_ordinary_lines_are_no_errors(text: str) -> None:
    assert read_delivery(delivery(text)).errors == ()


@given(st.text(max_size=200))
def test_no_line_makes_the_reading_fail(text: str) -> None:
    read_delivery(delivery(text))


KEYS = st.sampled_from(["level", "message", "code", "severity", "category", "service", "booking_id", "key"])
VALUES = st.one_of(st.none(), st.text(max_size=20), st.integers(), st.lists(st.integers(), max_size=2))


@given(st.dictionaries(KEYS, VALUES))
def test_no_object_makes_the_reading_fail(keys: dict[str, object]) -> None:
    for error in read_delivery(delivery(json.dumps({"level": "ERROR", **keys}))).errors:
        assert error.code
        assert error.severity in {"error", "critical"}


def test_the_same_line_has_the_same_id_when_it_comes_again() -> None:
    assert only(line()).event_id == only(line()).event_id


@pytest.mark.parametrize(
    "event",
    [{}, {"awslogs": {}}, {"awslogs": {"data": "no base64"}}, {"awslogs": {"data": base64.b64encode(b"no gzip")}}],
)
def test_what_is_no_delivery_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no delivery"):
        read_delivery(event)


def test_a_control_message_holds_no_errors() -> None:
    batch = {"messageType": "CONTROL_MESSAGE", "logEvents": []}
    data = base64.b64encode(gzip.compress(json.dumps(batch).encode())).decode()

    assert read_delivery({"awslogs": {"data": data}}).errors == ()
