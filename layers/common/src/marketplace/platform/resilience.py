"""The one retry layer and the breakers around every call to AWS.

A call makes at most three attempts with full jitter inside four seconds and inside the invocation's
remaining time; only what may pass by itself is tried again. The retries run inside a breaker per
dependency and execution environment: five failed operations in a row open it for thirty seconds, then
one probe decides. A refused condition, a vanished connection, or somebody else writing the same rows is
an answer, not a failure.
Sources: the numbers are S123 to S125 and S183 to S185 of the requirements; jitter is after
https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final, final, override

import pybreaker
import tenacity
from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.parsers import ResponseParserError

from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.runtime.observability import Category, Severity, count, report

ATTEMPTS: Final = 3
BUDGET_SECONDS: Final = 4.0
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 1.0
FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 30
CONNECT_SECONDS: Final = 0.7
READ_SECONDS: Final = 1.0
ATTEMPT_SECONDS: Final = CONNECT_SECONDS + READ_SECONDS
"""The longest that one attempt may take; a further one begins only if it would end inside the budget."""
RESERVE_SECONDS: Final = 0.5
"""Kept back of an invocation's time, so that it can still answer."""

_PASSING_CODES: Final = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "KMSInternalException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_CONFLICT: Final = "TransactionConflict"
_PASSING_REASONS: Final = frozenset({_CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded"})
_DECIDED: Final = "ConditionalCheckFailed"
_NONE: Final = "None"

_UNANSWERED: Final = (HTTPClientError, BotocoreConnectionError, ResponseParserError)
"""No answer, or one cut short: whether the service has acted is unknown."""
_FAILURES: Final = (ClientError, NoCredentialsError, *_UNANSWERED)

_deadline: ContextVar[float | None] = ContextVar("invocation_deadline", default=None)


def keep_invocation_deadline(remaining_milliseconds: int) -> None:
    """Note when this invocation ends, so that no retry runs past it."""
    _deadline.set(time.monotonic() + remaining_milliseconds / 1000)


def seconds_left(budget: float = BUDGET_SECONDS) -> float:
    """Return how long this invocation may still try things, at most ``budget`` seconds."""
    deadline = _deadline.get()
    return budget if deadline is None else min(budget, deadline - time.monotonic() - RESERVE_SECONDS)


def map_parallel[T, R](act: Callable[[T], R], items: Iterable[T], *, at_once: int) -> list[R]:
    """Act on many items at once and return the results in their order.

    The threads keep to the deadline of the invocation that they work for.
    """
    with ThreadPoolExecutor(max_workers=at_once, initializer=_deadline.set, initargs=(_deadline.get(),)) as pool:
        return list(pool.map(act, items))


def error_code(error: ClientError) -> str:
    """Return the service's own code of an error answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def cancellation_reasons(error: ClientError) -> tuple[str, ...]:
    """Return why each action of a cancelled transaction failed, ``None`` where it did not."""
    reasons = error.response.get("CancellationReasons", [])
    return tuple(str(reason.get("Code", _NONE)) for reason in reasons)


def is_transient(error: BaseException) -> bool:
    """Say whether trying again may succeed: throttling, 5xx, time-outs, lost connections, conflicts."""
    if isinstance(error, _UNANSWERED):
        return True
    if not isinstance(error, ClientError):
        return False
    if error_code(error) == "TransactionCanceledException":
        reasons = cancellation_reasons(error)
        return _DECIDED not in reasons and not _PASSING_REASONS.isdisjoint(reasons)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in _PASSING_CODES or status >= 500  # noqa: PLR2004 - the class of server errors


def is_conflict(error: BaseException | None) -> bool:
    """Say whether a call failed only because somebody else was writing the same rows at that moment."""
    if not isinstance(error, ClientError):
        return False
    if error_code(error) == "TransactionCanceledException":
        return {_CONFLICT} <= set(cancellation_reasons(error)) <= {_CONFLICT, _NONE}
    return error_code(error) == "TransactionConflictException"


def _says_nothing_of_health(error: BaseException) -> bool:
    """Say whether the dependency did answer, so that the breaker must not count it."""
    return isinstance(error, ClientError) and (not is_transient(error) or is_conflict(error))


@final
class _BreakerLog(pybreaker.CircuitBreakerListener):
    """Tells logs and metrics when a breaker changes its state."""

    @override
    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        opened = new_state.name == pybreaker.STATE_OPEN
        count(_STATE_METRICS[new_state.name])
        report(
            "breaker changed",
            category=Category.STORAGE,
            severity=Severity.ERROR if opened else Severity.WARNING,
            code="breaker_" + new_state.name.replace("-", "_"),
            dependency=cb.name,
            before=old_state.name if old_state else None,
        )


_STATE_METRICS: Final = {
    pybreaker.STATE_OPEN: "BreakerOpened",
    pybreaker.STATE_HALF_OPEN: "BreakerHalfOpened",
    pybreaker.STATE_CLOSED: "BreakerClosed",
}


@final
class _SteadyMemory(pybreaker.CircuitMemoryStorage):
    """Keeps a breaker's state; how long it has been open is measured by a clock that nobody sets.

    pybreaker 1.4 compares ``opened_at`` with the wall clock; a step of that clock would keep a breaker open
    for as long as the step, or close it at once. So the instant is told relative to the wall clock of now.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """Start closed; ``now`` is a monotonic clock in seconds."""
        super().__init__(pybreaker.STATE_CLOSED)
        self._now = now
        self._opened: float | None = None

    @property
    @override
    def opened_at(self) -> datetime | None:
        """When the breaker opened, by the wall clock as it stands now."""
        return None if self._opened is None else datetime.now(UTC) - timedelta(seconds=self._now() - self._opened)

    @opened_at.setter
    def opened_at(self, datetime: datetime) -> None:
        """Note that the breaker opens now, whatever the wall clock says."""
        del datetime
        self._opened = self._now()


@final
class Dependency:
    """A client of one AWS service behind its breaker and retries, for any number of threads."""

    def __init__(
        self,
        name: str,
        client: object,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wrap ``client``; ``sleep`` and ``now`` are there for tests with a clock of their own."""
        self.name = name
        self._client = client
        self._sleep = sleep
        self._now = now
        self._probing = threading.Lock()
        self.breaker = pybreaker.CircuitBreaker(
            fail_max=FAILURES_TO_OPEN,
            reset_timeout=OPEN_SECONDS,
            exclude=[_says_nothing_of_health],
            listeners=[_BreakerLog()],
            state_storage=_SteadyMemory(now),
            name=name,
            throw_new_error_on_trip=False,
        )

    def call(self, operation: str, **parameters: object) -> Mapping[str, object]:
        """Call an operation of the client by its method name.

        Raises:
            ClientError: the service answered no, and trying again would not help.
            ServiceUnavailable: the breaker is open, the invocation is about to end, or every attempt failed;
                in the last case the outcome may be unknown.
        """
        if seconds_left() <= 0:
            count("OutOfTime")
            raise ServiceUnavailable
        try:
            if self.breaker.current_state == pybreaker.STATE_CLOSED:
                return self._counted(operation, parameters)
            return self._probe(operation, parameters)
        except _FAILURES as error:
            if isinstance(error, ClientError) and not is_transient(error):
                raise
            contended = is_conflict(error)
            count("Contentions" if contended else "DependencyFailures")
            report(
                "dependency failed",
                category=Category.STORAGE,
                severity=Severity.WARNING if contended else Severity.ERROR,
                code="contended" if contended else "dependency_failed",
                error=error,
                dependency=self.name,
                operation=operation,
            )
            raise ServiceUnavailable from error

    def _counted(self, operation: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
        """Call while the breaker is closed.

        Only the outcome goes through the breaker, for it holds a lock while it calls: eight threads that
        each wait for the network must not wait for each other.
        """
        outcome: Future[Mapping[str, object]] = Future()
        try:
            outcome.set_result(self._with_retries(operation, parameters))
        except _FAILURES as error:
            outcome.set_exception(error)
        try:
            return self.breaker.call(outcome.result)
        except pybreaker.CircuitBreakerError:  # others have opened it meanwhile; this outcome is known all the same
            return outcome.result()

    def _probe(self, operation: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
        """Call if the breaker has been open long enough, one caller at a time; the others are refused at once."""
        if not self._probing.acquire(blocking=False):
            count("BreakerRefused")
            raise ServiceUnavailable
        try:
            return self.breaker.call(self._with_retries, operation, parameters)
        except pybreaker.CircuitBreakerError:
            count("BreakerRefused")
            raise ServiceUnavailable from None
        finally:
            self._probing.release()

    def _with_retries(self, operation: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
        method: Callable[..., Mapping[str, object]] = getattr(self._client, operation)
        started = self._now()
        budget = seconds_left()

        def out_of_time(state: tenacity.RetryCallState) -> bool:
            return self._now() - started + state.upcoming_sleep + ATTEMPT_SECONDS > budget

        retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= ATTEMPTS or out_of_time(state),
            wait=tenacity.wait_random_exponential(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
            retry=tenacity.retry_if_exception(is_transient),
            before_sleep=self._count_retry,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(method, **parameters)

    def _count_retry(self, state: tenacity.RetryCallState) -> None:
        count("Retries")
        report(
            "attempt failed, trying again",
            category=Category.STORAGE,
            severity=Severity.WARNING,
            code="retry",
            error=state.outcome.exception() if state.outcome else None,
            dependency=self.name,
            attempt=state.attempt_number,
        )
