"""Which part of the business a function answers for, read from its handler.

A handler says it once, at the top of its module: with the category that its routes are made with
(``Rest(Category.BOOKING)``), or, without routes, with a constant ``CATEGORY``. Lines that a function writes itself bear
their category; what the runtime says of it (that it ran out of time, that it crashed) gets the function's from here.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

FUNCTIONS: Final = Path(__file__).resolve().parent.parent / "functions"


def categories_of_functions(functions: Path = FUNCTIONS) -> Mapping[str, str]:
    """Return the category of every function by its folder.

    Raises:
        ValueError: a handler says none, or several.
    """
    answer = {}
    for path in sorted(functions.glob("*/handler.py")):
        said = set(_said(ast.parse(path.read_text(encoding="utf-8"))))
        if len(said) != 1:
            message = f"{path.parent.name} names {len(said)} categories at its top: {sorted(said)}"
            raise ValueError(message)
        answer[path.parent.name] = said.pop().lower()
    return answer


def _said(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield from _named(statement.value)


def _named(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "Category":
        yield value.attr
    elif isinstance(value, ast.Call):
        for given in (*value.args, *(keyword.value for keyword in value.keywords)):
            yield from _named(given)
