"""Faults at the seam between the functions and AWS: before a call, after it, or instead of it."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from tests.faults.scripted import BROKEN, CONFLICT, THROTTLED, conflict_of, failure, time_out

WRITES: Final = frozenset({"put_item", "update_item", "delete_item", "transact_write_items", "batch_write_item"})


class Killed(BaseException):
    """The worker is gone: nothing that it would have done next happens."""


class Fault(Enum):
    """What can go wrong with one call."""

    NONE = "none"
    THROTTLED = "throttled"
    BROKEN = "broken"
    NEVER_ARRIVED = "never arrived"
    ANSWER_LOST = "answer lost"
    CONFLICT = "conflict"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"


type Hook = Callable[[], None]
type Turn = Fault | Hook


@dataclass(slots=True)
class Faults:
    """Which calls go wrong, and what was called. A hook in place of a fault runs before its call."""

    called: list[tuple[str, str]] = field(default_factory=list)
    """Every call that a function has made, as service and operation, the failing ones included."""
    _turns: dict[str, deque[Turn]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, Turn] = field(default_factory=dict)
    _countdown: tuple[int, Turn, frozenset[str]] | None = None

    def next(self, operation: str, *turns: Turn) -> None:
        """Let the next calls of an operation go so, one after the other."""
        self._turns[operation].extend(turns)

    def always(self, operation: str, turn: Turn) -> None:
        """Let every call of an operation go so, after those told by :meth:`next`."""
        self._always[operation] = turn

    def at(self, position: int, turn: Turn, *, of: frozenset[str] = WRITES) -> None:
        """Let the call go so that comes after ``position`` others of these operations, and no other."""
        self._countdown = (position, turn, of)

    def clear(self) -> None:
        """Let everything go well from now on, and forget what was called."""
        self.called.clear()
        self._turns.clear()
        self._always.clear()
        self._countdown = None

    def writes(self) -> int:
        """Return how many writes the store was asked for."""
        return sum(service == "dynamodb" and operation in WRITES for service, operation in self.called)

    def turn_of(self, operation: str) -> Turn:
        """Return what happens to the call that is about to be made."""
        if self._countdown is not None and operation in self._countdown[2]:
            left, turn, of = self._countdown
            self._countdown = (left - 1, turn, of) if left else None
            if not left:
                return turn
        if self._turns[operation]:
            return self._turns[operation].popleft()
        return self._always.get(operation, Fault.NONE)


type Judge = Callable[[str, str, Mapping[str, Any]], bool]
"""Says of a service, an operation and its request whether the role of the running function allows them."""


class FaultyClient:
    """A client of AWS to which things happen."""

    def __init__(self, service: str, client: Any, faults: Faults, allows: Judge = lambda *_: True) -> None:
        self._service = service
        self._client = client
        self._faults = faults
        self._allows = allows

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._client, operation)
        if not callable(method) or operation.startswith("_"):
            return method

        def call(**request: Any) -> Mapping[str, Any]:
            self._faults.called.append((self._service, operation))
            if not self._allows(self._service, operation, request):
                raise failure("AccessDeniedException")
            turn = self._faults.turn_of(operation)
            _before(turn, len(request.get("TransactItems", ())))
            answer: Mapping[str, Any] = method(**request)
            _after(turn)
            return answer

        return call


def _before(turn: Turn, actions: int) -> None:
    match turn:
        case Fault.THROTTLED:
            raise THROTTLED
        case Fault.BROKEN:
            raise BROKEN
        case Fault.NEVER_ARRIVED:
            raise time_out()
        case Fault.CONFLICT:
            if actions:
                raise conflict_of(actions)
            raise CONFLICT
        case Fault.KILLED_BEFORE:
            raise Killed
        case Fault():
            return
        case _:
            turn()


def _after(turn: Turn) -> None:
    match turn:
        case Fault.ANSWER_LOST:
            raise time_out()
        case Fault.KILLED_AFTER:
            raise Killed
        case _:
            return
