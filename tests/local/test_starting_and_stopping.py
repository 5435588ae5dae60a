"""What `make run` promises: state that survives a clean stop, one clear line for a taken port, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.cloudformation import ROOT
from tests.local import tied
from tests.local.running import Start, clean_environment, free_port, started
from tests.local.waiting import wait_until
from tools.local.emulator import HOST
from tools.local.outputs import Outputs
from tools.local.person import expect, guest, member

# Each of these starts the whole system, twice even, perhaps beside others on the machine.
pytestmark = pytest.mark.timeout(900)

CHANGED_WINDOW = timedelta(seconds=60)


def test_a_stopped_system_comes_back_with_everything(tmp_path: Path) -> None:
    start = Start(port=free_port(), folder=tmp_path, parameters=f"ResponseWindowSeconds={CHANGED_WINDOW.seconds}")
    with started(start) as outputs:
        booked = _book(outputs)
        first_window = _window(booked)
    assert not start.outputs.exists()

    with started(start, ending=signal.SIGINT) as outputs:
        therapist = member(outputs, outputs.users["t-citra"])
        found = expect(therapist.get(f"/bookings/{booked['bookingId']}"), 200)
        with therapist.connected() as socket:
            expect(therapist.post(f"/bookings/{booked['bookingId']}/accept"), 200)
            told = socket.wait_for("booking")
        therapist.close()

    assert found["price"] == booked["price"]
    assert told["event"] == "confirmed"
    assert first_window == CHANGED_WINDOW
    assert not start.outputs.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(outputs.rest_url)


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        start = Start(port=taken.getsockname()[1], folder=tmp_path)
        ended = subprocess.run(
            start.command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False
        )

    clear = f"error: port {start.port} of {HOST} is taken: stop what listens there, or say make run PORT=…"
    complaints = [line for line in ended.stderr.splitlines() if line.startswith("error:")]
    assert ended.returncode != 0
    assert complaints == [clear]
    assert "Traceback" not in ended.stderr
    assert not start.outputs.exists()


STARTER = """
import sys, time
from pathlib import Path
from tools.local.emulator import emulator

with emulator(python=Path(sys.argv[1]), port=int(sys.argv[2]), state=Path(sys.argv[3])) as running:
    print(running.url, flush=True)
    time.sleep(300)
"""


def test_an_emulator_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    python = ROOT / ".local/tools/emulator/bin/python"
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTER, python, str(free_port()), tmp_path / "state"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert _answers(url)
        parent.kill()

    deadline = time.monotonic() + 60
    while _answers(url) or list(tmp_path.glob("marketplace-*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


HOLDER = """
import subprocess, sys, time

held = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
print("started", flush=True)
time.sleep(300)
"""


def test_what_the_tests_started_does_not_outlive_them_when_they_are_killed(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, sys.executable, tied.__file__, ended, "sleep", "600"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "started\n"
        assert not ended.exists()
        holder.kill()

    wait_until(ended.exists, within=60)


def _book(outputs: Outputs) -> dict[str, str]:
    customer = guest(outputs)
    order = {
        "therapistId": "t-citra",
        "bookingType": "immediate",
        "duration": 60,
        "customerName": "Maya",
        "customerWhatsApp": "+6281234567890",
        "location": {"address": "Jalan Monkey Forest 1, Ubud"},
    }
    booked: dict[str, str] = expect(customer.post("/bookings", order), 201)["booking"]
    customer.close()
    return booked


def _window(booked: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(booked["responseDeadline"]) - datetime.fromisoformat(booked["createdAt"])


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=1)
    except httpx.TransportError:
        return False
    return True
