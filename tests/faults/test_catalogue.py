"""Every fault of the catalogue has a test that bears its number, and every invariant a violation that it finds."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.cloudformation import ROOT
from tests.faults.planted_violations import PLANTS

FAULTS: Final = {
    "X1": "throttled once or twice",
    "X2": "throttled always",
    "X3": "a 500 or 503 of the store",
    "X4": "a time-out before the write",
    "X5": "an answer that is lost after the write, at every write",
    "X6": "every answer lost",
    "X7": "conflicts of transactions, once or for ever",
    "X8": "storms of refused conditions",
    "X9": "a worker killed before, between and after the steps of every command",
    "X10": "an invocation about to end",
    "X11": "the breaker opens, waits, probes, closes or opens again",
    "X12": "a cold environment while others have opened theirs",
    "X13": "nobody can be told",
    "X14": "what comes twice",
    "X15": "what comes late and out of order",
    "X16": "poison among changes",
    "X17": "an index that lags",
    "X18": "a sweep that dies, runs twice, or not at all",
    "X19": "clocks that are off or step",
    "X20": "sockets that are gone, new, or behind a gateway in trouble",
    "X21": "disconnections that are missing, early or double",
    "X22": "an answer lost after a message",
    "X23": "two devices that read",
    "X24": "malformed rows",
    "X25": "rows that are missing, double or wrong",
    "X26": "keys, secrets and files that are down",
    "X27": "logs and metrics that fail",
    "X28": "settings that are missing or wrong",
    "X29": "ten errors in a minute",
    "X30": "very many rows",
    "X31": "rows of another release",
    "X32": "two hundred who want the same",
    "X38": "one person with hundreds of sockets",
}
INVARIANT_NUMBERS: Final = tuple(f"I{number}" for number in range(1, 26))
_NUMBER: Final = re.compile(r"(?<=_)x(\d+)(?=_)")


def _tests() -> Iterator[str]:
    """Yield the names of all tests there are."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name


@pytest.fixture(scope="module")
def tested() -> frozenset[str]:
    """The numbers in the names of all tests."""
    return frozenset(f"X{number}" for name in _tests() for number in _NUMBER.findall(name))


@pytest.mark.parametrize("number", FAULTS)
def test_each_fault_of_the_catalogue_is_injected_by_a_test_of_its_number(tested: frozenset[str], number: str) -> None:
    assert number in tested, FAULTS[number]


def test_no_test_bears_the_number_of_a_fault_that_is_not_in_the_catalogue(tested: frozenset[str]) -> None:
    assert tested <= FAULTS.keys()


@pytest.mark.parametrize("number", INVARIANT_NUMBERS)
def test_each_invariant_of_the_catalogue_is_checked_and_has_a_violation_that_it_finds(number: str) -> None:
    assert PLANTS[number]
