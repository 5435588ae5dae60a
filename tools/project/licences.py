"""Check the licence of everything in the lock files, and write NOTICE.

What ships is judged by a short list: the layers' Python packages from uv.lock, the web client's and the reference's
from package-lock.json. What only builds or tests may also have a weak copyleft licence. A package of neither kind fails
the check, as does a NOTICE that no longer says what ships.
"""

import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.command_line import OneLineParser

ROOT: Final = Path(__file__).resolve().parents[2]
NOTICE: Final = ROOT / "NOTICE"
NPM_FOLDERS: Final = (ROOT / "web", ROOT / "tools/environments/reference")
SHIPPED_PROJECT: Final = "marketplace"
"""The workspace member whose dependencies, in all groups, make the layers."""

FIT_TO_SHIP: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "LGPL-3.0-only",  # a library that is shipped as it is, in a layer of its own, and may be replaced there
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "OFL-1.1",
        "PSF-2.0",
        "Unlicense",
    }
)
"""Licences that ask for their text and notices alone, by SPDX identifier."""
FIT_TO_BUILD_WITH: Final = FIT_TO_SHIP | {"BlueOak-1.0.0", "CC-BY-4.0", "CNRI-Python", "MPL-2.0", "Python-2.0"}
"""Licences of tools: none reaches what they are applied to."""

SPDX: Final[Mapping[str, str]] = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "psfl": "PSF-2.0",
    "sil ofl 1.1": "OFL-1.1",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}
"""Older metadata's words for a licence."""

HEAD: Final = """Marketplace
Copyright 2026 The Marketplace Authors

This product is licensed under the Apache License, Version 2.0 (see LICENSE). It ships the software listed here, each
under its own licence. Written by `make notice`; `make check` compares it with the lock files.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package in a lock file.

    Attributes:
        name: as its registry spells it.
        licence: an SPDX expression, or what the package says if that is none; empty if it says nothing.
        ships: whether it is part of a layer or of the web client.
        notices: the texts of its NOTICE files.
    """

    name: str
    licence: str
    ships: bool
    notices: tuple[str, ...] = ()


def fits(expression: str, allowed: frozenset[str]) -> bool:
    """Tell whether a licence expression leaves a choice that is allowed in whole."""
    choices = expression.strip("()").split(" OR ")
    return any(all(part in allowed for part in choice.split(" AND ")) for choice in choices)


def unfit(packages: list[Package]) -> Iterator[str]:
    """Yield a sentence for each package whose licence is unknown or does not fit."""
    for package in packages:
        if not fits(package.licence, FIT_TO_SHIP if package.ships else FIT_TO_BUILD_WITH):
            use = "ships" if package.ships else "is a tool"
            yield f"{package.name} {use} under {package.licence or 'no licence that it names'}"


def licence_of(metadata: Mapping[str, Any], classifiers: list[str]) -> str:
    """Return the SPDX expression that a Python package's metadata amounts to, newest form first."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    named = [str(metadata.get("License") or ""), *(item.rpartition(" :: ")[2] for item in classifiers)]
    spdx = [SPDX.get(name.lower(), name) for name in named]
    known = sorted({name for name in spdx if name in FIT_TO_BUILD_WITH})
    return known[0] if len(known) == 1 else " OR ".join(known) or next((name for name in named if name), "")


def shipped_names(locked: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Follow the dependencies of the shipped project, in all its groups, through uv.lock."""
    project = locked[SHIPPED_PROJECT]
    waiting = [*project.get("dependencies", ()), *(d for group in project["dev-dependencies"].values() for d in group)]
    found: set[str] = set()
    while waiting:
        dependency = waiting.pop()
        package = locked[dependency["name"]]
        for extra in dependency.get("extra", ()):
            waiting += package["optional-dependencies"][extra]
        if dependency["name"] not in found:
            found.add(dependency["name"])
            waiting += package.get("dependencies", ())
    return frozenset(found)


def python_packages() -> Iterator[Package]:
    """Yield the packages of uv.lock that are installed here; all that ship must be."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {package["name"]: package for package in lock["package"]}
    ships = shipped_names(locked)
    for name, package in sorted(locked.items()):
        if "registry" not in package["source"]:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name in ships:
                yield Package(name=name, licence="", ships=True)
            continue
        files = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
        yield Package(
            name=name,
            licence=licence_of(
                {key: distribution.metadata.get(key) for key in ("License-Expression", "License")},
                [item for item in distribution.metadata.get_all("Classifier") or () if item.startswith("License ::")],
            ),
            ships=name in ships,
            notices=notices_among(file for file in files if ".dist-info" in str(file)),
        )


def npm_packages() -> Iterator[Package]:
    """Yield the packages of the lock files of the web client and of the reference's renderer."""
    locked = {
        folder / path: package
        for folder in NPM_FOLDERS
        for path, package in json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"].items()
        if path
    }
    for folder, package in sorted(locked.items()):
        yield Package(
            name=folder.as_posix().rpartition("node_modules/")[2],
            licence=package.get("license", ""),
            ships=not package.get("dev"),
            notices=notices_among(folder.glob("NOTICE*")),
        )


def notices_among(files: Iterator[Path]) -> tuple[str, ...]:
    """Return the texts of the files that are called NOTICE."""
    return tuple(file.read_text(encoding="utf-8").strip() for file in sorted(files) if file.name.startswith("NOTICE"))


def notice(packages: list[Package]) -> str:
    """Write NOTICE: what ships, under which licence, and what it asks to be repeated."""
    shipped = {package.name: package for package in packages if package.ships}
    listed = [f"- {package.name}: {package.licence}" for package in shipped.values()]
    repeated = [
        f"{'-' * 80}\nNotice of {package.name}\n\n{re.sub(r'[ \t]+$', '', text, flags=re.MULTILINE)}\n"
        for package in shipped.values()
        for text in package.notices
    ]
    return "\n".join([HEAD, *listed, "", *repeated])


def main(arguments: list[str] | None = None) -> int:
    """Check or write; returns the exit status."""
    options = OneLineParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="write NOTICE, too")
    write = options.parse_args(arguments).write
    packages = [*python_packages(), *npm_packages()]
    wrong = list(unfit(packages))
    if write:
        NOTICE.write_text(notice(packages), encoding="utf-8")
    elif NOTICE.read_text(encoding="utf-8") != notice(packages):
        wrong.append("NOTICE is stale: make notice")
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
