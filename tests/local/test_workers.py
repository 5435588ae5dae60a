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


def test_a_burst_starts_four_workers_at_most(bare: Emulator, tmp_path: Path) -> None:
    client = add_function(bare, tmp_path / "never")

    def worker_of_a_call(_call: int) -> int:
        return int(client.invoke(FunctionName="sleeps", Payload=b'{"seconds": 0.5}')["Payload"].read())

    with ThreadPoolExecutor(max_workers=8) as threads:
        seen = set(threads.map(worker_of_a_call, range(8)))

    assert len(seen) <= 4


def test_a_silent_function_answers_at_once(bare: Emulator, tmp_path: Path) -> None:
    client = add_function(bare, tmp_path / "never")

    def seconds() -> float:
        started = time.monotonic()
        client.invoke(FunctionName="sleeps", Payload=b'{"seconds": 0}')["Payload"].read()
        return time.monotonic() - started

    seconds()
    assert min(seconds() for _ in range(20)) < 0.05  # what the emulator would wait for a first line of log alone


def test_workers_of_one_layer_share_one_folder_of_it(bare: Emulator, tmp_path: Path) -> None:
    client = add_function(bare, tmp_path / "never")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("python/place.py", "WHERE = __file__")
    layer = client.publish_layer_version(LayerName="place", Content={"ZipFile": archive.getvalue()})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as files:
        files.writestr("index.py", "import time, place\ndef handler(event, context): time.sleep(1); return place.WHERE")
    client.update_function_code(FunctionName="sleeps", ZipFile=code.getvalue())
    client.update_function_configuration(FunctionName="sleeps", Layers=[layer["LayerVersionArn"]])

    with ThreadPoolExecutor(max_workers=2) as threads:
        calls = [threads.submit(client.invoke, FunctionName="sleeps", Payload=b"{}") for _ in range(2)]
        places = {call.result()["Payload"].read().decode() for call in calls}

    assert len(places) == 1


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

    def next_worker() -> str:
        """Ask until the emulator has noticed that the worker is gone; the first to ask may be told so."""
        return str(client.invoke(FunctionName="sleeps", Payload=b'{"seconds": 0}')["Payload"].read().decode())

    wait_until(lambda: next_worker() not in {"", str(worker)} and next_worker().isdigit())


def test_who_is_at_work_is_told_by_the_time_that_they_take() -> None:
    idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        wait_until(lambda: workers.those_at_work([idle.pid, busy.pid]) == [busy.pid])
    finally:
        for process in (idle, busy):
            process.kill()
            process.wait()
