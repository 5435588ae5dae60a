"""Modules and folders stay as small as one can keep in mind."""

import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.cloudformation import ROOT

LONGEST_MODULE: Final = 400
FULLEST_FOLDER: Final = 15
WRITTEN_BY_PROGRAMS: Final = ("clients/python/src/marketplace_client/",)
"""Modules that contracts.generate writes."""
ONE_TEST_BESIDE_THE_OTHER: Final = ("tests/",)
"""Folders whose modules stand for themselves and are read one by one."""


def our_modules() -> list[Path]:
    """Return every module of the repository, by its path in it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def too_long(modules: Iterable[tuple[Path, str]]) -> list[str]:
    """Return the modules of too many lines, with their number."""
    return [
        f"{path}: {lines} lines"
        for path, text in modules
        if not str(path).startswith(WRITTEN_BY_PROGRAMS) and (lines := len(text.splitlines())) > LONGEST_MODULE
    ]


def too_full(modules: Iterable[Path]) -> list[str]:
    """Return the folders of too many modules, with their number; what marks a package is none."""
    counted = Counter(
        path.parent
        for path in modules
        if path.name != "__init__.py" and not str(path).startswith(ONE_TEST_BESIDE_THE_OTHER)
    )
    return [f"{folder}: {number} modules" for folder, number in counted.items() if number > FULLEST_FOLDER]


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    assert too_long((path, (ROOT / path).read_text(encoding="utf-8")) for path in our_modules()) == []


def test_no_folder_has_more_than_fifteen_modules() -> None:
    assert too_full(our_modules()) == []


@pytest.mark.parametrize("folder", ["functions/accept_booking", "tests/unit/booking", "tools/local"])
def test_a_planted_line_too_many_is_seen(folder: str) -> None:
    path = Path(folder) / "module.py"
    assert too_long([(path, "pass\n" * LONGEST_MODULE)]) == []
    assert too_long([(path, "pass\n" * (LONGEST_MODULE + 1))]) == [f"{path}: 401 lines"]


def test_a_planted_module_too_many_is_seen() -> None:
    folder = Path("layers/common/src/marketplace/booking")
    modules = [folder / "__init__.py", *(folder / f"part_{number}.py" for number in range(FULLEST_FOLDER))]
    assert too_full(modules) == []
    assert too_full([*modules, folder / "one_more.py"]) == [f"{folder}: 16 modules"]
