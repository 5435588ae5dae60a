"""A client that answers as told, and a clock that only moves when somebody sleeps."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

type Outcome = BaseException | Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class VirtualClock:
    """Monotonic seconds that pass by sleeping alone."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


class ScriptedClient:
    """Gives one outcome after the other, the last one for ever; notes every request."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = deque(outcomes)
        self.requests: list[tuple[str, Mapping[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        def answer(**request: Any) -> Mapping[str, Any]:
            self.requests.append((operation, request))
            outcome = self.outcomes.popleft() if len(self.outcomes) > 1 else self.outcomes[0]
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome() if callable(outcome) else outcome

        return answer


def failure(code: str, status: int = 400, **members: Any) -> ClientError:
    """Return an error answer of the service."""
    answer: Any = {
        "Error": {"Code": code, "Message": "told to"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **members,
    }
    return ClientError(answer, "Operation")


def cancelled(*reasons: str) -> ClientError:
    """Return the answer to a transaction whose actions ended so."""
    return failure("TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


def time_out() -> ReadTimeoutError:
    """Return what a client raises that has waited in vain."""
    return ReadTimeoutError(endpoint_url="https://dynamodb.example.com")


def conflict_of(actions: int) -> ClientError:
    """Return the answer to a transaction of so many actions while somebody else writes to the first one's item."""
    return cancelled("TransactionConflict", *["None"] * (actions - 1))


THROTTLED = failure("ProvisionedThroughputExceededException")
REFUSED = failure("ConditionalCheckFailedException")
BROKEN = failure("InternalServerError", 500)
CONFLICT = failure("TransactionConflictException")
