"""What must be made anew when Lambda starts an environment from a snapshot of another (SnapStart).

A snapshot has what the start made: open connections that are none any more, and the state of Python's random numbers,
which would be the same in every environment. Ids and keys come from the operating system, which is never the same.
Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html.
"""

import os
import random
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any


def prepare_for_snapshots(clients: Callable[[], Iterable[Any]]) -> None:
    """Have clients let go of their connections before a snapshot is taken, and start afresh after each restore.

    Elsewhere than in an environment of which a snapshot is taken, nothing is done.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    hooks = import_module("snapshot_restore_py")  # a part of Lambda's runtime, nowhere else

    def let_go() -> None:
        for client in clients():
            client.close()

    def start_afresh() -> None:
        let_go()
        random.seed()

    hooks.register_before_snapshot(let_go)
    hooks.register_after_restore(start_afresh)
