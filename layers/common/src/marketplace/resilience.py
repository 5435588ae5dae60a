"""The one retry layer and the breakers around every call to AWS.

A call makes at most three attempts with full jitter inside four seconds and inside the invocation's
remaining time; only what may pass by itself is tried again. The retries run inside a breaker per
dependency and execution environment: five failed operations in a row open it for thirty seconds, then
one probe decides. A refused condition or a vanished connection is an answer, not a failure.
Sources: the numbers are S123 to S125 and S183 to S185 of the requirements; jitter is after
https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/.
"""

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Final, final

import pybreaker
import tenacity
from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from marketplace.domain.refusals import ServiceUnavailable
from marketplace.observability import Category, MetricUnit, Severity, metrics, report

ATTEMPTS: Final = 3
BUDGET_SECONDS: Final = 4.0
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 1.0
FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 30
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
        "TransactionInProgressException",
    }
)
_PASSING_REASONS: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_DECIDED: Final = "ConditionalCheckFailed"

_deadline: ContextVar[float | None] = ContextVar("invocation_deadline", default=None)


def keep_invocation_deadline(remaining_milliseconds: int) -> None:
    """Note when this invocation ends, so that no retry runs past it."""
    _deadline.set(time.monotonic() + remaining_milliseconds / 1000)


def seconds_left(budget: float = BUDGET_SECONDS) -> float:
    """Return how long this invocation may still try things, at most ``budget`` seconds."""
    deadline = _deadline.get()
    return budget if deadline is None else min(budget, deadline - time.monotonic() - RESERVE_SECONDS)


def error_code(error: ClientError) -> str:
    """Return the service's own code of an error answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def cancellation_reasons(error: ClientError) -> tuple[str, ...]:
    """Return why each action of a cancelled transaction failed, ``None`` where it did not."""
    reasons = error.response.get("CancellationReasons", [])
    return tuple(str(reason.get("Code", "None")) for reason in reasons)


def may_pass(error: BaseException) -> bool:
    """Say whether trying again may succeed: throttling, 5xx, time-outs, lost connections, conflicts."""
    if isinstance(error, HTTPClientError | BotocoreConnectionError):
        return True
    if not isinstance(error, ClientError):
        return False
    if error_code(error) == "TransactionCanceledException":
        reasons = cancellation_reasons(error)
        return _DECIDED not in reasons and not _PASSING_REASONS.isdisjoint(reasons)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_code(error) in _PASSING_CODES or status >= 500  # noqa: PLR2004 - the class of server errors


def _is_an_answer(error: BaseException) -> bool:
    """Say whether the dependency did answer, so that the breaker must not count it."""
    return isinstance(error, ClientError) and not may_pass(error)


@final
class _BreakerLog(pybreaker.CircuitBreakerListener):
    """Tells logs and metrics when a breaker changes its state."""

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        del old_state
        opened = new_state.name == pybreaker.STATE_OPEN
        metrics().add_metric(name="BreakerOpened" if opened else "BreakerMoved", unit=MetricUnit.Count, value=1)
        report(
            "breaker changed",
            category=Category.STORAGE,
            severity=Severity.ERROR if opened else Severity.WARNING,
            code="breaker_" + new_state.name.replace("-", "_"),
            dependency=cb.name,
        )


@final
class Dependency:
    """A client of one AWS service behind its breaker and retries."""

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
        self.breaker = pybreaker.CircuitBreaker(
            fail_max=FAILURES_TO_OPEN,
            reset_timeout=OPEN_SECONDS,
            exclude=[_is_an_answer],
            listeners=[_BreakerLog()],
            name=name,
        )

    def call(self, operation: str, **parameters: object) -> Mapping[str, object]:
        """Call an operation of the client by its method name.

        Raises:
            ClientError: the service answered no, and trying again would not help.
            ServiceUnavailable: the breaker is open, or every attempt failed; the outcome may be unknown.
        """
        try:
            answer: Mapping[str, object] = self.breaker.call(self._with_retries, operation, parameters)
        except pybreaker.CircuitBreakerError:
            raise ServiceUnavailable from None
        except (ClientError, HTTPClientError, BotocoreConnectionError, NoCredentialsError) as error:
            if _is_an_answer(error):
                raise
            report(
                "dependency failed",
                category=Category.STORAGE,
                severity=Severity.ERROR,
                code="dependency_failed",
                error=error,
                dependency=self.name,
                operation=operation,
            )
            raise ServiceUnavailable from error
        return answer

    def _with_retries(self, operation: str, parameters: Mapping[str, object]) -> Mapping[str, object]:
        method: Callable[..., Mapping[str, object]] = getattr(self._client, operation)
        started = self._now()
        budget = seconds_left()

        def out_of_time(state: tenacity.RetryCallState) -> bool:
            return self._now() - started + state.upcoming_sleep >= budget

        retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= ATTEMPTS or out_of_time(state),
            wait=tenacity.wait_random_exponential(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
            retry=tenacity.retry_if_exception(may_pass),
            before_sleep=self._count_retry,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(method, **parameters)

    def _count_retry(self, state: tenacity.RetryCallState) -> None:
        metrics().add_metric(name="Retries", unit=MetricUnit.Count, value=1)
        report(
            "attempt failed, trying again",
            category=Category.STORAGE,
            severity=Severity.WARNING,
            code="retry",
            error=state.outcome.exception() if state.outcome else None,
            dependency=self.name,
            attempt=state.attempt_number,
        )
