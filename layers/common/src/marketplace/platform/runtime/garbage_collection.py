"""When a function looks for garbage: not while it starts, and never through what its start has made.

What imports make lives as long as the process; on its way through it the collector finds nothing, at 4 % of a start.
"""

import gc
import os
from functools import cache
from typing import Final

ALLOCATIONS_BETWEEN_COLLECTIONS: Final = 50_000
ALLOCATIONS_OF_A_START: Final = 500_000
"""More than imports make."""


def put_off_while_starting() -> None:
    """Collect nothing until the first invocation, on Lambda alone: elsewhere the process is not ours."""
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        gc.set_threshold(ALLOCATIONS_OF_A_START)


@cache
def collect_what_calls_leave() -> None:
    """Leave what the start has made out of every collection, and collect more often from now on."""
    if gc.get_threshold()[0] == ALLOCATIONS_OF_A_START:
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
