"""What opens and closes every invocation, whatever invoked it: deadline, correlation, metrics."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, final

from marketplace.platform.resilience import keep_invocation_deadline
from marketplace.platform.runtime.observability import Category, begin_invocation, finish_invocation

type Event = Mapping[str, Any]


class Context(Protocol):
    """What is used of the runtime's context object."""

    @property
    def aws_request_id(self) -> str:
        """The id of the invocation."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left to the invocation."""
        ...


def correlation_id(event: Event, context: Context) -> str:
    """Return what ties the lines of an invocation together: the gateway's id of the request, else the invocation's."""
    return str(event.get("requestContext", {}).get("requestId") or context.aws_request_id)


@contextmanager
def invocation(event: Event, context: Context) -> Iterator[None]:
    """Keep to the invocation's deadline, begin its log lines anew, and write its metrics however it ends."""
    keep_invocation_deadline(context.get_remaining_time_in_millis())
    begin_invocation(correlation_id(event, context))
    try:
        yield
    finally:
        finish_invocation()


@final
class Trigger:
    """What a schedule, a stream, a queue, a bucket, a log or an authorizer invokes."""

    def __init__(self, category: Category, work: Callable[[Event], dict[str, Any]]) -> None:
        """Blame failures on ``category``."""
        self.category = category
        self.work = work

    def __call__(self, event: Event, context: Context) -> dict[str, Any]:
        """Do the work within an invocation; what it raises is raised, for whoever invokes knows when to repeat."""
        with invocation(event, context):
            return self.work(event)


def triggered(category: Category) -> Callable[[Callable[[Event], dict[str, Any]]], Trigger]:
    """Make a function the work of a trigger."""
    return lambda work: Trigger(category, work)
