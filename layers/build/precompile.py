"""Notes what Python compiles when the package and its libraries are imported; see marketplace/platform/cold_start.py.

Run by the Makefile with a folder that this machine can import from, and the folder of the package in the artifact.
"""

import _sre  # type: ignore[import-not-found] # re's own maker of patterns
import collections
import dataclasses
import importlib
import marshal
import pkgutil
import sys
import typing
from re import _compiler  # type: ignore[attr-defined] # re's own maker of code
from types import CodeType, SimpleNamespace
from typing import Any

methods: dict[str, bytes] = {}
terms: dict[str, bytes] = {}
expressions: dict[tuple[str | bytes, int], bytes] = {}


def note_what_is_compiled() -> None:
    """Note the methods of dataclasses, the terms and the regular expressions that are compiled from now on."""
    compile_text = _compiler.compile

    def note_methods(text: str, scope: dict[str, Any], names: dict[str, Any]) -> None:
        compiled = compile(text, "<string>", "exec", dont_inherit=True)
        methods[text] = marshal.dumps(compiled)
        exec(compiled, scope, names)  # noqa: S102 - as the original does

    def note_term(text: str, file: str = "<string>", mode: str = "eval") -> CodeType:
        compiled = compile(text, file, mode, dont_inherit=True)
        terms[text] = marshal.dumps(compiled)
        return compiled

    def note_expression(text: str | bytes, flags: int = 0) -> Any:  # noqa: ANN401 - as the original
        def make(pattern: object, all_flags: int, code: list[int], *groups: Any) -> Any:  # noqa: ANN401 - as the original
            made_of: tuple[Any, ...] = (int(all_flags), [int(word) for word in code], *groups)
            if type(text) in {str, bytes}:
                expressions[text, int(flags)] = marshal.dumps(made_of)
            return _sre.compile(pattern, *made_of)

        _compiler._sre = SimpleNamespace(**{**vars(_sre), "compile": make})  # noqa: SLF001 - there is no public seam
        try:
            return compile_text(text, flags)
        finally:
            _compiler._sre = _sre  # noqa: SLF001 - there is no public seam

    dataclasses.exec = note_methods  # type: ignore[attr-defined]
    typing.compile = note_term  # type: ignore[attr-defined]
    collections.eval = lambda text, names: eval(note_term(text), names)  # type: ignore[attr-defined] # noqa: S307 - as the original does
    _compiler.compile = note_expression


def import_everything(package: str) -> None:
    """Import every module of a package, and with them what they use of their libraries."""
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as missing:  # what few functions need is in another layer
            if (missing.name or package).startswith(package):
                raise


def rehearse() -> None:
    """Do once what libraries compile at a function's first call alone: read a number, find an address of AWS."""
    importlib.import_module("encodings.idna")
    importlib.import_module("marketplace.identity.phone").read_whats_app_number("0812 3456 7890")
    session = importlib.import_module("botocore.session").get_session()
    session.set_credentials("nobody", "nothing")
    session.create_client("dynamodb", region_name="ap-southeast-3").generate_presigned_url("scan", {"TableName": "t"})


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from marketplace.platform.cold_start import NOTES, write_notes

    note_what_is_compiled()
    import_everything("marketplace")
    rehearse()
    write_notes(f"{sys.argv[2]}/{NOTES}", (methods, terms, expressions))
