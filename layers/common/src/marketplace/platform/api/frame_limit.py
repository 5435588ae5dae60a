"""How many frames one connection may send: a bucket of tokens for each, in this execution environment's memory.

A connection's frames may be spread over a few environments, each of which counts for itself; so the limit
keeps abuse away but is no exact count, and costs neither a read nor a write. See docs/decisions.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, final

BURST: Final = 60
"""Frames at once."""
PER_SECOND: Final = 20
"""Frames in the long run."""
_MOST_CONNECTIONS: Final = 10_000


@final
class FrameLimit:
    """The buckets of the connections that have sent something lately."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start with full buckets; ``now`` is a clock in seconds."""
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, connection_id: str, scale: int) -> bool:
        """Say whether a connection may send one more frame now; ``scale`` multiplies the limit."""
        now = self._now()
        tokens, filled_at = self._buckets.pop(connection_id, (float(BURST * scale), now))
        tokens = min(float(BURST * scale), tokens + (now - filled_at) * PER_SECOND * scale)
        allowed = tokens >= 1
        self._buckets[connection_id] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_CONNECTIONS:
            self._buckets.popitem(last=False)
        return allowed
