"""Trying again after a lost race: the loser reads what is there now and decides anew."""

import random
import time
from collections.abc import Callable

from marketplace.platform.refusals import ServiceUnavailable
from marketplace.platform.resilience import is_conflict, seconds_left

_FIRST_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.2


def retry_on_conflict[T](attempt: Callable[[], T | None]) -> T:
    """Repeat ``attempt`` until it returns something; ``None`` says that somebody else was faster.

    Losing a race is no failure of the store, so it is counted neither as a retry nor by a breaker. Nor is
    it one when the store gives up because others keep writing the same rows: that ends like a lost race.

    Raises:
        ServiceUnavailable: four seconds, or the invocation's time, were not enough.
    """
    ends_at = time.monotonic() + seconds_left()
    longest = _FIRST_PAUSE_SECONDS
    while True:
        try:
            won = attempt()
        except ServiceUnavailable as refusal:
            if not is_conflict(refusal.__cause__):
                raise
            won = None
        if won is not None:
            return won
        pause = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
        if time.monotonic() + pause >= ends_at:
            raise ServiceUnavailable
        time.sleep(pause)
        longest = min(longest * 2, _LONGEST_PAUSE_SECONDS)
