"""Every patch of the emulator names the test that fails without it."""

import ast
import re

import pytest

from tests.cloudformation import ROOT

CATALOGUE = (ROOT / "tools/local/emulator_patches/catalogue.py").read_text(encoding="utf-8")
# Read, not imported: the emulator has an environment of its own.
TESTS = sorted(
    node.value
    for node in ast.walk(ast.parse(CATALOGUE))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("tests/")
)


def test_every_patch_is_in_the_catalogue_with_a_test() -> None:
    applied = len(re.findall(r"Patch\(\s*\w+\.\w+,", CATALOGUE))
    assert applied >= 13
    assert len(TESTS) == applied


@pytest.mark.parametrize("test", TESTS)
def test_the_test_that_a_patch_names_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
