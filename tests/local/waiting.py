"""Waiting for what the system does by itself."""

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], bool], *, within: float = 30.0) -> None:
    """Ask again and again until it has happened; it must within so many seconds."""
    deadline = time.monotonic() + within
    while not happened():
        assert time.monotonic() < deadline, f"it has not happened within {within} seconds"
        time.sleep(0.1)
