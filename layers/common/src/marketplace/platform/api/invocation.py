"""What Lambda hands to every function: an event, and the context of the invocation."""

from collections.abc import Mapping
from typing import Any, Protocol

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
