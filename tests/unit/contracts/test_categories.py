"""Every function says once which part of the business it answers for."""

from pathlib import Path

import pytest

from contracts.categories import FUNCTIONS, categories_of_functions
from marketplace.operations.errors.log_lines import categories
from marketplace.platform.observability import Category


def test_every_function_has_a_category_and_the_recorder_knows_it() -> None:
    said = categories_of_functions()
    assert said.keys() == {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}
    assert set(said.values()) <= set(Category)
    assert categories() == said


@pytest.mark.parametrize(
    ("top", "category"),
    [
        ("rest = Rest(Category.PAYMENT)", "payment"),
        ("CATEGORY: Final = Category.CHAT", "chat"),
        ("rest = Rest(category=Category.AUTH)\nCATEGORY = Category.AUTH", "auth"),
    ],
)
def test_a_handler_says_it_with_its_routes_or_with_a_constant(tmp_path: Path, top: str, category: str) -> None:
    plant(tmp_path, top)
    assert categories_of_functions(tmp_path) == {"do_things": category}


@pytest.mark.parametrize("top", ["rest = Rest()", "rest = Rest(Category.CHAT)\nCATEGORY = Category.AUTH"])
def test_a_handler_that_says_none_or_two_is_seen(tmp_path: Path, top: str) -> None:
    plant(tmp_path, top)
    with pytest.raises(ValueError, match="do_things"):
        categories_of_functions(tmp_path)


def plant(functions: Path, top: str) -> None:
    (functions / "do_things").mkdir()
    (functions / "do_things/handler.py").write_text(top)
