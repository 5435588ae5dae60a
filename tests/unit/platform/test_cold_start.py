"""What the build has compiled is what compiling gives, and whatever it has not met is compiled."""

import collections
import dataclasses
import re
import subprocess
import sys
import typing
from pathlib import Path
from re import _compiler  # type: ignore[attr-defined] # re's own maker of code
from typing import Any, NamedTuple

import pytest

import layers.build.precompile as build
from marketplace.platform.cold_start import read_notes, use_expressions, use_methods, use_terms, write_notes
from tests.cloudformation import load_template

EXPRESSIONS = [
    (r"(?P<year>\d{4})-(?P<month>\d\d)|(?i:never)", 0, "2026-11", "NEVER", "26-11"),
    ("ångström+", re.IGNORECASE, "ÅNGSTRÖMM", "ångströ"),
    (b"\\A[\x00-\x1f]+\\Z", re.DOTALL, b"\x00\x1f", b"\x20"),
    (r"^a.c$", re.MULTILINE | re.VERBOSE, "x\nabc", "ac"),
]


@pytest.fixture(autouse=True)
def _own_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataclasses, "exec", exec, raising=False)
    monkeypatch.setattr(typing, "compile", compile, raising=False)
    monkeypatch.setattr(collections, "eval", eval, raising=False)
    monkeypatch.setattr(_compiler, "compile", _compiler.compile)
    monkeypatch.setattr(build, "methods", {})
    monkeypatch.setattr(build, "terms", {})
    monkeypatch.setattr(build, "expressions", {})
    re.purge()


def visit() -> type:
    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True, order=True)
    class Visit:
        """A class like those of the domain."""

        minutes: int
        address: str = "Ubud"
        notes: list[str] = dataclasses.field(default_factory=list)

    return Visit


def test_a_class_of_noted_methods_is_like_any_other(tmp_path: Path) -> None:
    build.note_what_is_compiled()
    made_at_build = visit()
    write_notes(str(tmp_path / "notes"), (build.methods, {}, {}))
    methods, _, _ = read_notes(str(tmp_path / "notes"))
    use_methods(methods)

    made = visit()

    assert len(methods) == 1
    first, second = made(minutes=60), made(minutes=90, notes=["late"])
    assert first == made(minutes=60)
    assert hash(made(minutes=60, notes=())) == hash(made(minutes=60, notes=()))
    assert first < second
    assert repr(first).endswith("Visit(minutes=60, address='Ubud', notes=[])")
    assert dataclasses.replace(second, address="Kuta").address == "Kuta"
    assert dataclasses.asdict(second) == dataclasses.asdict(made_at_build(minutes=90, notes=["late"]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.minutes = 90
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'minutes'"):
        made()


def test_a_class_that_the_build_has_not_met_is_made_all_the_same() -> None:
    use_methods({})

    assert visit()(minutes=60) != visit()(minutes=60)  # two classes of one name
    assert visit()(minutes=60).address == "Ubud"


def place() -> type[Any]:
    class Place(NamedTuple):
        """A named tuple with types in quotes."""

        latitude: "float"
        longitude: "float | None" = None

    return Place


def test_a_named_tuple_of_noted_terms_is_like_any_other(tmp_path: Path) -> None:
    build.note_what_is_compiled()
    place()
    write_notes(str(tmp_path / "notes"), ({}, build.terms, {}))
    _, terms, _ = read_notes(str(tmp_path / "notes"))
    use_terms(terms)

    made = place()

    assert {"float", "float | None"} < terms.keys()
    assert len(terms) == 3
    assert made(1.0, longitude=2.0) == (1.0, 2.0)
    assert made(1.0).longitude is None
    assert typing.get_type_hints(made) == {"latitude": float, "longitude": float | None}


def test_a_term_that_the_build_has_not_met_is_compiled_all_the_same() -> None:
    use_terms({})

    assert place()(1.0) == (1.0, None)
    assert typing.get_type_hints(place())["longitude"] == float | None
    with pytest.raises(SyntaxError, match="must be an expression"):
        typing.ForwardRef("no type at all")


@pytest.mark.parametrize("example", EXPRESSIONS, ids=lambda example: repr(example[0]))
def test_a_noted_expression_matches_what_it_matched(
    tmp_path: Path, example: tuple[str | bytes, int, str | bytes, str | bytes]
) -> None:
    text, flags, *subjects = example
    build.note_what_is_compiled()
    before: Any = re.compile(text, flags)
    write_notes(str(tmp_path / "notes"), ({}, {}, build.expressions))
    _, _, expressions = read_notes(str(tmp_path / "notes"))
    re.purge()
    use_expressions(expressions)

    after: Any = re.compile(text, flags)

    assert len(expressions) == 1
    assert (after.pattern, after.flags, after.groups) == (before.pattern, before.flags, before.groups)
    assert after.groupindex == before.groupindex
    for subject in subjects:
        assert [match.span() for match in after.finditer(subject)] == [
            match.span() for match in before.finditer(subject)
        ]


def test_text_and_bytes_of_the_same_letters_are_two_expressions() -> None:
    build.note_what_is_compiled()
    re.compile("ab")
    use_expressions(build.expressions)
    re.purge()

    assert re.compile(b"ab").match(b"ab")
    assert re.compile("ab").match("ab")


def test_notes_of_another_python_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_notes(str(tmp_path / "notes"), ({"text": b""}, {}, {}))
    monkeypatch.setattr("marketplace.platform.cold_start.MAGIC_NUMBER", b"\x00\x00\r\n")

    assert read_notes(str(tmp_path / "notes")) == ({}, {}, {})


def test_a_checkout_has_no_notes(tmp_path: Path) -> None:
    assert read_notes(str(tmp_path / "notes")) == ({}, {}, {})


def test_a_checkout_starts_without_notes_and_collects_garbage_more_often_once_it_has_started() -> None:
    script = """
import gc, marketplace
print(gc.get_threshold()[0], gc.get_freeze_count())
from marketplace.platform.observability import begin_invocation
begin_invocation("first")
kept = gc.get_freeze_count()
begin_invocation("second")
print(gc.get_threshold()[0], kept > 10_000, gc.get_freeze_count() == kept)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["500000 0", "50000 True True"]


@pytest.mark.parametrize(("on_lambda", "made"), [({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, 1), ({}, 0)])
def test_what_every_call_needs_is_made_at_a_start_on_lambda_alone(on_lambda: dict[str, str], made: int) -> None:
    variables = dict.fromkeys(load_template()["Globals"]["Function"]["Environment"]["Variables"], "1")
    done = subprocess.run(
        [sys.executable, "-c", "from marketplace import bootstrap; print(bootstrap.store.cache_info().currsize)"],
        env={**variables, "AWS_DEFAULT_REGION": "ap-southeast-3", **on_lambda},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) == made
