"""The examples of the published clients play against the running system."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.cloudformation import ROOT
from tools.local.outputs import Outputs, write_outputs
from tools.local.sign_in import sign_in

WEB_SOCKET_SINCE: Final = 22
"""The Node.js that has a WebSocket without being told to."""


def python_example() -> list[str]:
    return [sys.executable, str(ROOT / "clients/python/examples/book_and_chat.py")]


def typescript_example() -> list[str]:
    subprocess.run(["make", "--silent", "client"], cwd=ROOT, check=True, timeout=300)
    node = shutil.which("node") or str(ROOT / ".local/tools/node/bin/node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    old = int(version.removeprefix("v").split(".")[0]) < WEB_SOCKET_SINCE
    flags = ["--experimental-websocket", "--no-warnings"] if old else []
    return [node, *flags, str(ROOT / "clients/typescript/examples/book-and-chat.mjs")]


@pytest.mark.parametrize("example", [python_example, typescript_example], ids=["python", "typescript"])
def test_the_example_of_a_client_books_and_chats(
    example: Callable[[], list[str]], outputs: Outputs, tmp_path: Path
) -> None:
    write_outputs(tmp_path / "outputs.json", outputs)

    played = subprocess.run(
        [*example(), tmp_path / "outputs.json", sign_in(outputs, outputs.users["t-citra"])],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert played.returncode == 0, played.stderr
    lines = played.stdout.splitlines()
    assert lines[0].endswith("pending")
    assert "I am on my way." in lines[-2]
    told = [int(number) for number in re.findall(r"^ *(\d+) (?:system|therapist): ", played.stdout, flags=re.MULTILINE)]
    assert told == list(range(1, max(told) + 1))
    assert lines[-1] == "done: completed"


@pytest.mark.parametrize("example", [python_example, typescript_example], ids=["python", "typescript"])
def test_a_wrong_call_of_an_example_is_one_line_and_status_two(example: Callable[[], list[str]]) -> None:
    called = subprocess.run(example(), capture_output=True, text=True, check=False)

    assert (called.returncode, len(called.stderr.splitlines())) == (2, 1)
