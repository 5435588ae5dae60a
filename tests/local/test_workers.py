"""The emulator's workers: one that dies takes nobody with it, and whoever watches them sees what is there."""

import io
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from tests.local.waiting import wait_until
from tools.local import workers
from tools.local.emulator import Emulator

CODE: Final = """
import os, time

if os.path.exists({mark!r}):
    os._exit(1)

def handler(event, context):
    time.sleep(event["seconds"])
    return os.getpid()
"""


def add_function(running: Emulator, mark: Path) -> Any:  # noqa: ANN401 - a client that is not typed here
    """Add a function whose workers do not start while a file lies at ``mark``; return a client that invokes it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", CODE.format(mark=str(mark)))
    client = running.session().client("lambda", endpoint_url=running.url)
    client.create_function(
        FunctionName="sleeps",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/sleeps",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    return client


def test_a_worker_that_dies_at_its_start_costs_nobody_elses_invocation(bare: Emulator, tmp_path: Path) -> None:
    mark = tmp_path / "no-more"
    client = add_function(bare, mark)

    def sleep(seconds: float) -> dict[str, Any]:
        answer: dict[str, Any] = client.invoke(FunctionName="sleeps", Payload=f'{{"seconds": {seconds}}}'.encode())
        return answer

    first = int(sleep(0)["Payload"].read())
    with ThreadPoolExecutor(max_workers=2) as threads:
        busy = threads.submit(sleep, 3)
        time.sleep(0.5)
        mark.touch()
        failed = sleep(0)

    assert "FunctionError" in failed
    assert "FunctionError" not in busy.result()
    assert int(busy.result()["Payload"].read()) == first
    mark.unlink()
    assert "FunctionError" not in sleep(0)


def test_workers_are_found_watched_and_killed(bare: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WARM_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(workers, "WATCHED_SECONDS", 0.0)
    client = add_function(bare, tmp_path / "never")
    process = workers.emulator_of(int(bare.url.rpartition(":")[2]))
    assert process is not None
    assert not workers.kill_one(process)
    worker = int(client.invoke(FunctionName="sleeps", Payload=b'{"seconds": 0}')["Payload"].read())
    watch = workers.MemoryWatch(process)
    watch.look()
    watch.look()

    assert workers.workers_of(process) == [worker]
    assert watch.growth().keys() == {worker}
    assert workers.kill_one(process, at_work=True)

    wait_until(lambda: workers.resident_mebibytes(worker) == 0.0)
    answer = client.invoke(FunctionName="sleeps", Payload=b'{"seconds": 0}')
    assert int(answer["Payload"].read()) != worker


def test_who_is_at_work_is_told_by_the_time_that_they_take() -> None:
    idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        wait_until(lambda: workers.those_at_work([idle.pid, busy.pid]) == [busy.pid])
    finally:
        for process in (idle, busy):
            process.kill()
            process.wait()
