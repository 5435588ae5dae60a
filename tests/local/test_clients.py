"""The examples of the published clients play against the running system."""

import re
import subprocess
import sys
from pathlib import Path

from tests.cloudformation import ROOT
from tools.local.outputs import Outputs, write_outputs
from tools.local.sign_in import sign_in


def test_the_example_of_the_python_client_books_and_chats(outputs: Outputs, tmp_path: Path) -> None:
    write_outputs(tmp_path / "outputs.json", outputs)

    played = subprocess.run(
        [
            sys.executable,
            ROOT / "clients/python/examples/book_and_chat.py",
            tmp_path / "outputs.json",
            sign_in(outputs, outputs.users["t-citra"]),
        ],
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
