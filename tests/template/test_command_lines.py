"""Every script of the repository answers a wrong call with one line and exit status 2."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cloudformation import ROOT

# It runs in the environment of its tool, where the rest of the repository is not.
ELSEWHERE: Final = {Path("tools/environments/checkov/expand_template.py")}
SCRIPTS: Final = sorted(
    path.relative_to(ROOT)
    for folder in ("bench", "contracts", "tools")
    for path in (ROOT / folder).rglob("*.py")
    if "Parser(" in path.read_text(encoding="utf-8") and '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path not in ELSEWHERE], ids=str)
def test_a_wrong_call_is_answered_with_one_line_and_status_two(script: Path) -> None:
    called = subprocess.run(
        [sys.executable, "-m", ".".join(script.with_suffix("").parts), "--no-such-option"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert called.returncode == 2
    assert called.stdout == ""
    assert len(called.stderr.splitlines()) == 1, called.stderr


def test_no_script_reads_its_command_line_otherwise() -> None:
    others = [
        str(path.relative_to(ROOT))
        for folder in ("bench", "contracts", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"argparse\.ArgumentParser\(", path.read_text(encoding="utf-8"))
        and path.relative_to(ROOT) not in ELSEWHERE
    ]

    assert others == []
    assert len(SCRIPTS) > 15
