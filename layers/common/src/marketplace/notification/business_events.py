"""Business events for other systems, on the stack's own event bus; ids and amounts, never people."""

import json
from collections.abc import Mapping
from typing import Any, Final, final

from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import Dependency

SOURCE: Final = "marketplace"


@final
class BusinessEvents:
    """The event bus of the stack."""

    def __init__(self, events: Dependency, bus_name: str) -> None:
        """Publish to one bus."""
        self._events = events
        self._bus_name = bus_name

    def publish(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Publish one event, such as ``booking.confirmed``.

        Raises:
            ServiceUnavailable: the bus did not take it.
        """
        entry = {
            "EventBusName": self._bus_name,
            "Source": SOURCE,
            "DetailType": kind,
            "Detail": json.dumps(detail, separators=(",", ":")),
        }
        if self._events.call("put_events", Entries=[entry]).get("FailedEntryCount"):
            raise ServiceUnavailable
