"""What shortens a cold start before anything else is imported: what Python would compile comes compiled.

Bytecode of modules is not all that is compiled at a start. The methods of every dataclass are written as text and
compiled when the class is made; so are the makers of named tuples, every type that is written in quotes, and every
regular expression of a module when the module is imported. For a handler and its libraries that is a quarter of the
start. So the build notes all of them while it imports everything (layers/build/precompile.py).
What it has not met is compiled as ever; what it has met is the very code that compiling would give.
"""

import _sre  # type: ignore[import-not-found] # re's own maker of patterns, out of code
import collections
import dataclasses
import gc
import marshal
import typing
from collections.abc import Mapping
from functools import cache
from importlib.util import MAGIC_NUMBER
from re import _compiler  # type: ignore[attr-defined] # re's own maker of code, out of text
from types import CodeType
from typing import Any, Final

NOTES: Final = "compiled_at_build.bin"
"""What the build noted, beside this module; a checkout has none, and compiles."""
ALLOCATIONS_BETWEEN_COLLECTIONS: Final = 50_000
ALLOCATIONS_OF_A_START: Final = 500_000
"""More than imports make: all of that stays, and looking through it for garbage is in vain."""

type Expression = tuple[str | bytes, int]
"""The text and the flags of a regular expression."""
type Notes = tuple[Mapping[str, bytes], Mapping[str, bytes], Mapping[Expression, bytes]]
"""What the build compiled, by its text: methods of dataclasses, terms (types in quotes, makers of named tuples), and
regular expressions."""


def shorten() -> None:
    """Let this process compile nothing that the build has compiled, and collect no garbage meanwhile."""
    gc.set_threshold(ALLOCATIONS_OF_A_START)
    methods, terms, expressions = read_notes(__file__.removesuffix("cold_start.py") + NOTES)
    use_methods(methods)
    use_terms(terms)
    use_expressions(expressions)


@cache
def end_start() -> None:
    """Leave what the start has made out of every collection of garbage, and collect more often from now on."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)


def read_notes(path: str) -> Notes:
    """Return what the build noted; nothing where there is nothing, or only that of another Python."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would cost what is saved here
            python, *notes = marshal.load(file)  # noqa: S302 - a part of the artifact, like its bytecode
    except FileNotFoundError:
        return {}, {}, {}
    if python != [MAGIC_NUMBER, _sre.MAGIC]:
        return {}, {}, {}
    methods, terms, expressions = notes
    return methods, terms, expressions


def write_notes(path: str, notes: Notes) -> None:
    """Write down, for this Python, what ``read_notes`` shall find."""
    with open(path, "wb") as file:  # noqa: PTH123 - as it is read
        marshal.dump(([MAGIC_NUMBER, _sre.MAGIC], *(dict(each) for each in notes)), file)


def use_methods(methods: Mapping[str, bytes]) -> None:
    """Execute the texts that ``dataclasses`` writes by their bytecode, where there is one."""

    def execute(text: str, scope: dict[str, Any], names: dict[str, Any]) -> None:
        compiled = methods.get(text)
        exec(text if compiled is None else marshal.loads(compiled), scope, names)  # noqa: S102, S302 - as the original does

    # The module finds the built-in under this name; one that no longer asks for it is none the worse.
    dataclasses.exec = execute  # type: ignore[attr-defined]


def use_terms(terms: Mapping[str, bytes]) -> None:
    """Take types in quotes and makers of named tuples by their bytecode, where there is one."""

    def compiled(text: str, file: str, mode: str) -> CodeType:
        noted = terms.get(text)
        code: CodeType = compile(text, file, mode) if noted is None else marshal.loads(noted)  # noqa: S302 - as above
        return code

    def evaluate(text: str, names: dict[str, Any]) -> Any:  # noqa: ANN401 - as the original
        return eval(compiled(text, "<string>", "eval"), names)  # noqa: S307 - as the original does

    # Both modules find the built-in under this name, as dataclasses does.
    typing.compile = compiled  # type: ignore[attr-defined]
    collections.eval = evaluate  # type: ignore[attr-defined]


def use_expressions(expressions: Mapping[Expression, bytes]) -> None:
    """Make the patterns of ``re`` out of their code, where there is some."""
    compile_text = _compiler.compile

    def pattern(text: str | bytes, flags: int = 0) -> Any:  # noqa: ANN401 - as the original
        compiled = expressions.get((text, flags))
        return compile_text(text, flags) if compiled is None else _sre.compile(text, *marshal.loads(compiled))  # noqa: S302 - as above

    _compiler.compile = pattern
