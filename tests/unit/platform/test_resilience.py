"""Retries and breakers, by a clock of the tests' own."""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Self

import pybreaker
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from marketplace.platform import resilience
from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import (
    BUDGET_SECONDS,
    Dependency,
    is_conflict,
    is_transient,
    keep_invocation_deadline,
    map_parallel,
    seconds_left,
)
from marketplace.platform.runtime.observability import metrics
from tests.faults.scripted import REFUSED, THROTTLED, ScriptedClient, VirtualClock, cancelled, failure, time_out

ANSWER: Mapping[str, Any] = {"Item": {}}


@pytest.fixture(autouse=True)
def fresh_invocation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Marketplace")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")
    token = resilience._deadline.set(None)  # noqa: SLF001 - each test is an invocation of its own
    metrics().clear_metrics()
    yield
    resilience._deadline.reset(token)  # noqa: SLF001 - see above
    metrics().clear_metrics()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def dependency(client: ScriptedClient, clock: VirtualClock) -> Dependency:
    return Dependency("dynamodb", client, sleep=clock.sleep, now=clock.now)


PASSING = [
    THROTTLED,
    failure("InternalServerError", 500),
    failure("AnythingElse", 503),
    failure("TransactionInProgressException"),
    failure("TransactionConflictException"),
    cancelled("None", "TransactionConflict"),
    time_out(),
    ConnectTimeoutError(endpoint_url="https://dynamodb.example.com"),
    EndpointConnectionError(endpoint_url="https://dynamodb.example.com"),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
@pytest.mark.parametrize("failures", [1, 2])
def test_x1_x3_what_passes_by_itself_is_tried_again(error: Exception, failures: int, clock: VirtualClock) -> None:
    client = ScriptedClient(*[error] * failures, ANSWER)

    assert dependency(client, clock).call("get_item") == ANSWER

    assert len(client.requests) == failures + 1
    assert sum(clock.pauses) < BUDGET_SECONDS
    assert len(metrics().metric_set["Retries"]["Value"]) == failures


@pytest.mark.parametrize("error", [THROTTLED, failure("InternalServerError", 500), time_out()], ids=repr)
def test_x2_three_attempts_are_enough_and_the_answer_is_503(error: Exception, clock: VirtualClock) -> None:
    client = ScriptedClient(error)

    with pytest.raises(ServiceUnavailable) as refusal:
        dependency(client, clock).call("get_item")

    assert len(client.requests) == 3
    assert 0 < refusal.value.retry_after <= 4


def test_pauses_have_full_jitter_and_grow(clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    for _ in range(200):
        with pytest.raises(ServiceUnavailable):
            dependency(client, clock).call("get_item")

    first, second = clock.pauses[::2], clock.pauses[1::2]
    assert min(first) < 0.01
    assert 0.04 < max(first) <= 0.05
    assert min(second) < 0.02
    assert 0.08 < max(second) <= 0.1


@pytest.mark.parametrize("attempt_takes", [0.01, 0.5, 1.0, 1.7])
def test_an_operation_ends_within_four_seconds_however_slow_its_attempts(
    attempt_takes: float, clock: VirtualClock
) -> None:
    def hang() -> dict[str, Any]:
        clock.seconds += attempt_takes
        raise time_out()

    started = clock.seconds
    with pytest.raises(ServiceUnavailable):
        dependency(ScriptedClient(hang), clock).call("get_item")

    assert clock.seconds - started < BUDGET_SECONDS


def test_x10_no_attempt_begins_that_could_outlast_the_invocation(clock: VirtualClock) -> None:
    keep_invocation_deadline(2_300)
    client = ScriptedClient(THROTTLED)

    with pytest.raises(ServiceUnavailable):
        dependency(client, clock).call("put_item")

    assert 1 <= len(client.requests) <= 3
    keep_invocation_deadline(1_000)
    client.requests.clear()
    with pytest.raises(ServiceUnavailable):
        dependency(client, clock).call("put_item")
    assert len(client.requests) == 1


def test_x10_with_200_milliseconds_left_nothing_is_begun(clock: VirtualClock) -> None:
    keep_invocation_deadline(200)
    client = ScriptedClient(ANSWER)

    with pytest.raises(ServiceUnavailable):
        dependency(client, clock).call("put_item")

    assert client.requests == []


@pytest.mark.parametrize(
    "error", [REFUSED, failure("ValidationException"), cancelled("ConditionalCheckFailed")], ids=repr
)
def test_a_no_is_an_answer_and_comes_through_at_once(error: ClientError, clock: VirtualClock) -> None:
    client = ScriptedClient(error)

    with pytest.raises(ClientError):
        dependency(client, clock).call("put_item")

    assert len(client.requests) == 1


def test_x7_a_lost_condition_decides_even_beside_a_conflict() -> None:
    assert not is_transient(cancelled("ConditionalCheckFailed", "TransactionConflict"))
    assert is_transient(cancelled("None", "TransactionConflict"))
    assert is_conflict(cancelled("None", "TransactionConflict"))
    assert not is_conflict(cancelled("TransactionConflict", "ThrottlingError"))
    assert not is_conflict(cancelled("ConditionalCheckFailed", "TransactionConflict"))
    assert not is_conflict(THROTTLED)


@pytest.mark.parametrize("error", [REFUSED, failure("GoneException", 410)], ids=repr)
def test_x8_a_thousand_refusals_leave_the_breaker_closed(error: ClientError, clock: VirtualClock) -> None:
    behind = dependency(ScriptedClient(error), clock)

    for _ in range(1_000):
        with pytest.raises((ClientError, ServiceUnavailable)):
            behind.call("put_item")

    assert behind.breaker.current_state == pybreaker.STATE_CLOSED


def test_x7_conflicts_with_others_leave_the_breaker_closed(clock: VirtualClock) -> None:
    behind = dependency(ScriptedClient(cancelled("None", "TransactionConflict")), clock)

    for _ in range(50):
        with pytest.raises(ServiceUnavailable):
            behind.call("transact_write_items")

    assert behind.breaker.current_state == pybreaker.STATE_CLOSED


def open_breaker(client: ScriptedClient, clock: VirtualClock) -> Dependency:
    behind = dependency(client, clock)
    for _ in range(5):
        with pytest.raises(ServiceUnavailable):
            behind.call("get_item")
    client.requests.clear()
    return behind


def test_x11_five_failed_operations_open_the_breaker_and_the_sixth_does_not_reach_the_store(
    clock: VirtualClock,
) -> None:
    client = ScriptedClient(THROTTLED)
    behind = dependency(client, clock)
    for failed in range(5):
        assert behind.breaker.current_state == pybreaker.STATE_CLOSED, failed
        with pytest.raises(ServiceUnavailable):
            behind.call("get_item")
    assert len(client.requests) == 15

    started = time.thread_time()
    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")

    assert time.thread_time() - started < 0.005
    assert len(client.requests) == 15
    assert "BreakerOpened" in metrics().metric_set
    assert "BreakerRefused" in metrics().metric_set


def test_x11_a_success_between_failures_starts_the_count_anew(clock: VirtualClock) -> None:
    client = ScriptedClient(*([THROTTLED] * 12), ANSWER, THROTTLED)
    behind = dependency(client, clock)
    for _ in range(4):
        with pytest.raises(ServiceUnavailable):
            behind.call("get_item")
    behind.call("get_item")
    for _ in range(4):
        with pytest.raises(ServiceUnavailable):
            behind.call("get_item")

    assert behind.breaker.current_state == pybreaker.STATE_CLOSED


@pytest.mark.parametrize("seconds", [0.0, 29.9])
def test_x11_before_thirty_seconds_nobody_passes(seconds: float, clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)
    clock.seconds += seconds

    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")

    assert client.requests == []


def test_x11_after_thirty_seconds_one_success_closes_it(clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)
    client.outcomes.clear()
    client.outcomes.append(ANSWER)
    clock.seconds += 30.1

    assert behind.call("get_item") == ANSWER
    assert behind.breaker.current_state == pybreaker.STATE_CLOSED
    assert "BreakerClosed" in metrics().metric_set


def test_x11_after_thirty_seconds_one_failure_opens_it_for_another_thirty(clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)
    clock.seconds += 30.1

    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")
    assert len(client.requests) == 3
    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")
    assert len(client.requests) == 3
    clock.seconds += 30.1
    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")
    assert len(client.requests) == 6


def test_x11_a_refused_condition_as_probe_proves_the_store_alive(clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)
    client.outcomes.clear()
    client.outcomes.append(REFUSED)
    clock.seconds += 30.1

    with pytest.raises(ClientError):
        behind.call("put_item")
    assert behind.breaker.current_state == pybreaker.STATE_CLOSED


def test_x11_of_many_callers_after_thirty_seconds_one_is_the_probe(clock: VirtualClock) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)
    clock.seconds += 30.1
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Mapping[str, Any]:
        inside.set()
        assert go_on.wait(5)
        return ANSWER

    client.outcomes.clear()
    client.outcomes.append(slow)
    with ThreadPoolExecutor() as pool:
        probe = pool.submit(behind.call, "get_item")
        assert inside.wait(5)
        for _ in range(20):
            with pytest.raises(ServiceUnavailable):
                behind.call("get_item")
        go_on.set()
        assert probe.result() == ANSWER

    assert len(client.requests) == 1


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)])
def test_x19_a_step_of_the_wall_clock_neither_prolongs_nor_shortens_an_open_breaker(
    step: timedelta, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ScriptedClient(THROTTLED)
    behind = open_breaker(client, clock)

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:  # noqa: ANN401 - as the base class has it
            return super().now(tz) + step

    monkeypatch.setattr(pybreaker, "datetime", Stepped)
    monkeypatch.setattr(resilience, "datetime", Stepped)
    with pytest.raises(ServiceUnavailable):
        behind.call("get_item")
    assert client.requests == []

    clock.seconds += 30.1
    client.outcomes.clear()
    client.outcomes.append(ANSWER)
    assert behind.call("get_item") == ANSWER


def test_threads_do_not_wait_for_each_other_at_a_closed_breaker() -> None:
    all_inside = threading.Barrier(8, timeout=5)

    def meet() -> Mapping[str, Any]:
        all_inside.wait()
        return ANSWER

    behind = Dependency("dynamodb", ScriptedClient(meet))

    assert map_parallel(lambda _: behind.call("get_item"), range(8), at_once=8) == [ANSWER] * 8


def test_failures_of_many_threads_are_all_counted(clock: VirtualClock) -> None:
    behind = dependency(ScriptedClient(THROTTLED), clock)

    def fail(_: int) -> str:
        try:
            behind.call("get_item")
        except ServiceUnavailable:
            return "unavailable"
        return "answered"

    assert map_parallel(fail, range(40), at_once=8) == ["unavailable"] * 40
    assert behind.breaker.current_state == pybreaker.STATE_OPEN


def test_threads_keep_to_the_deadline_of_their_invocation() -> None:
    keep_invocation_deadline(2_500)

    left = map_parallel(lambda _: seconds_left(), range(8), at_once=4)

    assert all(1.5 < seconds <= 2.0 for seconds in left)


def test_x12_each_environment_has_a_breaker_of_its_own(clock: VirtualClock) -> None:
    open_breaker(ScriptedClient(THROTTLED), clock)
    cold = ScriptedClient(ANSWER)

    assert dependency(cold, clock).call("get_item") == ANSWER
