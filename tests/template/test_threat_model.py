"""The threat model answers every threat by tests that there are."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.cloudformation import ROOT

PAGE: Final = ROOT / "docs" / "threat-model.md"


def rows(page: str) -> Iterator[list[str]]:
    """Yield the cells of every threat."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "threat":
            yield cells


def unanswered(page: str) -> Iterator[str]:
    """Yield threats without a test, and tests that there are none of."""
    for threat, _, answer in rows(page):
        named = re.findall(r"`([\w/.]+)(?:::(\w+))?`", answer)
        if not named:
            yield f"nothing answers: {threat}"
        for file, test in named:
            path = ROOT / "tests" / file
            if not path.exists():
                yield f"there is no {file}"
            elif test and f"def {test}(" not in path.read_text(encoding="utf-8"):
                yield f"there is no {test} in {file}"


def test_every_threat_is_answered_by_tests_that_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(list(rows(page))) > 15
    assert list(unanswered(page)) == []


@pytest.mark.parametrize("answer", ["", "`unit/test_nowhere.py`", "`template/test_threat_model.py::test_nothing`"])
def test_a_threat_without_an_answer_is_seen(answer: str) -> None:
    assert len(list(unanswered(f"| a threat | a wall | {answer} |"))) == 1
