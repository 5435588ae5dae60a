"""Where MiniStack runs functions otherwise than Lambda: how many workers, their layers, their ends."""

# ruff: noqa: SLF001 - the emulator has no public seams: this package is where its private names are used

import io
import os
import re
import threading
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

WORKERS_PER_FUNCTION = 4
SECONDS_FOR_A_WORKER = 60.0
SECONDS_FOR_LOGS = 0.01


def queue_for_workers() -> None:
    """Let invocations wait in line for one of a few workers of their function, where the emulator starts one for each.

    A worker takes a second of the machine before it answers, so a burst of twenty requests would keep the tables
    from answering anybody. None of our functions invokes another, so no worker is waited for by whom it waits for.
    """
    acquire, release = lambda_svc.acquire_worker, lambda_svc.release_worker
    lines: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(WORKERS_PER_FUNCTION))
    held = threading.local()  # a worker is given back by the thread that took it, even where the worker is lost

    def wait_for_worker(function_name: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        line = lines[function_name]
        if not line.acquire(timeout=SECONDS_FOR_A_WORKER):
            return None, "func_cap"
        held.line = line
        return acquire(function_name, *arguments, **named)

    def give_back(worker: object) -> None:
        release(worker)
        line, held.line = getattr(held, "line", None), None
        if line is not None:
            line.release()

    lambda_svc.acquire_worker = wait_for_worker
    lambda_svc.release_worker = give_back


def share_layers(folder: Path) -> None:
    """Unpack each layer once below ``folder`` for all workers, where the emulator unpacks it anew for each."""
    spawn_alone = lambda_runtime.Worker._spawn
    unpacked: dict[str, Path] = {}
    lock = threading.Lock()

    def unpack(reference: Mapping[str, Any] | str) -> Path:
        name = reference if isinstance(reference, str) else str(reference["Arn"])
        with lock:
            if name not in unpacked:
                target = folder / "layers" / re.sub(r"\W", "-", name)
                with zipfile.ZipFile(io.BytesIO(lambda_svc._resolve_layer_zip(reference))) as archive:
                    archive.extractall(target)
                unpacked[name] = target
            return unpacked[name]

    def spawn(worker: Any) -> None:  # noqa: ANN401 - the emulator's own class
        config = worker.config
        folders = os.pathsep.join(str(unpack(layer)) for layer in config.get("Layers", []))
        variables = {**config.get("Environment", {}).get("Variables", {}), "_LAMBDA_LAYERS_DIRS": folders}
        worker.config = {**config, "Layers": [], "Environment": {"Variables": variables}}
        try:
            spawn_alone(worker)
        finally:
            worker.config = config

    lambda_runtime.Worker._spawn = spawn


def answer_before_the_logs() -> None:
    """Wait a hundredth of a second for what a function may have logged; silent ones would answer 50 ms late."""
    drain = lambda_runtime.Worker._drain_stderr_bounded
    lambda_runtime.Worker._drain_stderr_bounded = lambda worker: drain(worker, first_line_wait=SECONDS_FOR_LOGS)


def let_a_failed_start_fail_alone() -> None:
    """Let a worker that dies at its start cost the one invocation that it was started for, as it does on AWS.

    The emulator would end every worker of that function, the busy and the starting ones included, whose
    invocations then do the same to those that have come after them: under load that never ends.
    """
    start_and_invoke = lambda_runtime.Worker.invoke

    def invoke(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passes through what it does not know
        try:
            return start_and_invoke(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - whatever kept it from starting
            return {"status": "error", "error": str(error)}

    lambda_runtime.Worker.invoke = invoke
