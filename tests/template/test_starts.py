"""No function may start for more than is written down: instructions, as multiples of a floor in the same run."""

import py_compile
import shutil
from copy import replace
from pathlib import Path

import pytest

from bench import gate


@pytest.fixture(scope="module")
def _judged() -> None:
    reason = gate.why_not()
    if reason:
        pytest.skip(reason)


@pytest.mark.usefixtures("_judged")
def test_no_start_has_become_dearer_and_one_with_a_dear_import_is_refused(tmp_path: Path) -> None:
    programs = gate.gated()
    sweep = next(program for program in programs if program.name == "ExpireBookingsFunction")
    planted = tmp_path / "planted"
    shutil.copytree(sweep.path[0], planted, ignore=shutil.ignore_patterns("__pycache__"))
    handler = planted / "handler.py"
    handler.write_text("import asyncio\n" + handler.read_text(encoding="utf-8"), encoding="utf-8")
    py_compile.compile(str(handler), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH, doraise=True)

    found = gate.multiples([*programs, replace(sweep, name="planted", path=[planted, *sweep.path[1:]])])

    before = {**gate.recorded(), "planted": gate.recorded()[sweep.name]}
    assert gate.dearer(found, before) == ["planted"]
    assert gate.cheaper(found, before) == []


def test_two_percent_are_neither_here_nor_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "COUNTED_ON", gate.recorded_on())
    before = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
    found = {"a": 1.019, "b": 1.021, "c": 0.981, "d": 0.979}

    assert gate.dearer(found, before) == ["b"]
    assert gate.cheaper(found, before) == ["d"]


def test_another_processor_and_patch_release_may_differ_by_six_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "COUNTED_ON", "CPython 3.13.99 on aarch64")
    before = {"a": 1.0, "b": 1.0, "c": 1.0}

    assert gate.dearer({"a": 1.059, "b": 1.061}, before) == ["b"]
    assert gate.cheaper({"a": 0.941, "c": 0.939}, before) == ["c"]


def test_where_nothing_can_be_counted_the_gate_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert gate.why_not() == "valgrind is not installed: starts are not judged"

    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(gate, "PYTHON", "CPython 3.99")
    assert "this is CPython 3.99: starts are not judged" in str(gate.why_not())
