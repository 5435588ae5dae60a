"""The documents name what there is: links, commands, files and decision records."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cloudformation import ROOT

DECISIONS: Final = ROOT / "docs" / "decisions"
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "clients").rglob("*.md")])
MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")

# Folders of the repository: a path in code style that begins with one of them must exist.
ROOTS: Final = (
    "bench/",
    "build/",
    "clients/",
    "contracts/",
    "docs/",
    "functions/",
    "layers/",
    "local/",
    "tests/",
    "tools/",
    "web/",
)


def without_code(page: str) -> str:
    """Leave fenced blocks out."""
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)


def anchors(page: str) -> set[str]:
    """Name every heading as GitHub does."""
    headings = re.findall(r"^#+ (.*)$", without_code(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(document: Path, page: str) -> Iterator[str]:
    """Yield the relative links of a page that lead nowhere."""
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            yield f"{document.name}: {link}"
        elif anchor and anchor not in anchors(page if not path else target.read_text(encoding="utf-8")):
            yield f"{document.name}: no heading {link}"


def unknown_commands(page: str) -> Iterator[str]:
    """Yield the make commands of a page whose target or variable the Makefile does not have."""
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    variables = set(re.findall(r"\$\(([A-Z_]+)\)|^([A-Z_]+) [:?]?=", MAKEFILE, flags=re.MULTILINE))
    names = {name for pair in variables for name in pair if name}
    shown = [
        *re.findall(r"`make ([^`]*)`", page),
        *(
            line.split("#")[0]
            for block in re.findall(r"^```.*?^```", page, flags=re.MULTILINE | re.DOTALL)
            for line in re.findall(r"^make (.*)$", block, flags=re.MULTILINE)
        ),
    ]
    for command in shown:
        for word in re.sub(r'"[^"]*"', "", command).split():
            known = (
                word.partition("=")[0] in names
                if "=" in word
                else word in targets or not re.fullmatch(r"[a-z-]+", word)
            )
            if not known:
                yield f"make {command}: {word}"


def missing_files(page: str) -> Iterator[str]:
    """Yield the paths in code style that do not exist, here or under tests."""
    for path in re.findall(r"`([\w./-]+)`", without_code(page)):
        if (
            path.startswith(ROOTS)
            and not path.startswith(("web/dist", "tests/generated"))
            and not (ROOT / path).exists()
            and not (ROOT / "tests" / path).exists()
        ):
            yield path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_command_and_file_of_a_document_exists(document: Path) -> None:
    page = document.read_text(encoding="utf-8")

    assert [*dead_links(document, page), *unknown_commands(page), *missing_files(page)] == []


@pytest.mark.parametrize(
    "page",
    [
        "[a](nowhere.md)",
        "[a](#nowhere)",
        "[a](README.md#nowhere)",
        "`make nothing`",
        "`make run NOTHING=1`",
        "```\nmake nothing\n```",
        "`tests/nowhere.py`",
    ],
)
def test_what_does_not_exist_is_seen(page: str) -> None:
    assert len([*dead_links(ROOT / "page.md", page), *unknown_commands(page), *missing_files(page)]) == 1


def test_the_index_of_decisions_says_what_each_record_says() -> None:
    listed = re.findall(
        r"^\| (\d+) \| \[(.*)\]\((.*)\) \| (.*) \| (.*) \|$",
        (DECISIONS / "README.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    records = []
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        head = re.match(r"# (\d+) (.*)\n\nStatus: (.*) · Date: (\d{4}-\d\d-\d\d)", path.read_text(encoding="utf-8"))
        assert head, path.name
        number, title, status, date = head.groups()
        assert path.name.startswith(f"{int(number):04}-")
        records.append((number, title, path.name, status, date))

    assert listed == records
    assert [int(number) for number, *_ in records] == list(range(1, len(records) + 1))


def test_each_table_of_the_glossary_is_sorted_and_says_each_word_once() -> None:
    tables = re.split(r"^## ", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for table in tables:
        words = re.findall(r"^\| (.*?) \|", table, flags=re.MULTILINE)[2:]
        assert words == sorted(set(words), key=str.lower)
        assert len(words) > 30
