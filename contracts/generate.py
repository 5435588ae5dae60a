"""Write the public documents: ``python -m contracts.generate``; ``--check`` only says whether they are stale.

Each document is written twice: readable under docs/, and compact where the functions serve it from. Beside them
stand the generated half of the Python client, the badges of the README, and what the functions say of themselves, for
the one that reads the logs of all.
"""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from babel import Locale

from contracts.asyncapi import asyncapi_document
from contracts.handlers import categories
from contracts.openapi import openapi_document
from contracts.python_client import client_files
from tools.command_line import OneLineParser
from tools.project.badges import BADGES, badges

ROOT: Final = Path(__file__).resolve().parent.parent
READABLE: Final = ROOT / "docs"
SERVED: Final = ROOT / "layers/common/src/marketplace/platform/api/documents"
LOCALE: Final = ROOT / "layers/common/src/marketplace/platform/text/locale"
LANGUAGES: Final = ROOT / "layers/common/src/marketplace/platform/language.py"
VERSION: Final = ROOT / "layers/common/src/marketplace/platform/version.py"
PYTHON_CLIENT: Final = ROOT / "clients/python/src/marketplace_client"
CATEGORIES: Final = ROOT / "layers/common/src/marketplace/operations/errors/categories.json"


def written_documents() -> Iterator[tuple[Path, str]]:
    """Yield each file and what it must hold."""
    yield (
        VERSION,
        f'"""The version that runs, for metrics; from pyproject.toml."""\n\nVERSION = "{version("marketplace")}"\n',
    )
    yield LANGUAGES, _languages()
    openapi, asyncapi = openapi_document(), asyncapi_document()
    for name, text in client_files(openapi, asyncapi).items():
        yield PYTHON_CLIENT / name, text
    for name, document in (("openapi.json", openapi), ("asyncapi.json", asyncapi)):
        yield READABLE / name, json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        yield SERVED / name, json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
    for name, drawing in badges().items():
        yield BADGES / name, drawing
    yield CATEGORIES, json.dumps(categories(), indent=2) + "\n"


def _languages() -> str:
    """Return the module of the languages that there is a catalogue for."""
    codes = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    names = {code: str(Locale(code).english_name).upper().replace(" ", "_") for code in codes}
    members = "".join(f'    {name} = "{code}"\n' for code, name in names.items())
    return (
        '"""The languages of the catalogues under ``text/locale``; written by ``python -m contracts.generate``."""\n\n'
        "from enum import StrEnum\n\n\n"
        'class Language(StrEnum):\n    """The languages with a catalogue of their own."""\n\n' + members
    )


def stale_documents() -> list[Path]:
    """Return the files that differ from what the code says now."""
    return [
        path for path, text in written_documents() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write or check the documents; returns the exit status."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a document is stale")
    if parser.parse_args(arguments).check:
        stale = stale_documents()
        for path in stale:
            sys.stderr.write(f"stale: {path.relative_to(ROOT)}; run python -m contracts.generate\n")
        return 1 if stale else 0
    for path, text in written_documents():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
