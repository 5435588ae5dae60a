"""Write a release: the version into pyproject.toml, the unreleased changes under it into CHANGELOG.md.

``make release VERSION=1.2.3`` calls this, then brings lock, documents and NOTICE up to date.
"""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from tools.command_line import OneLineParser, refuse

ROOT: Final = Path(__file__).resolve().parents[2]
UNRELEASED: Final = "## [Unreleased]\n"
VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
"""Three numbers; there are no pre-releases. Source: https://semver.org/spec/v2.0.0.html."""
VERSION_LINE: Final = re.compile(r'^version = "(.*)"$', flags=re.MULTILINE)


class CannotReleaseError(Exception):
    """The release asked for makes no sense; the text says why."""


def numbers(version: str) -> tuple[int, int, int]:
    """Take a version apart.

    Raises:
        CannotReleaseError: It is not of the form 1.2.3.
    """
    match = VERSION.fullmatch(version)
    if match is None:
        message = f"VERSION={version} is not of the form 1.2.3"
        raise CannotReleaseError(message)
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch)


def with_version(project: str, version: str) -> str:
    """Return the text of pyproject.toml under a higher version.

    Raises:
        CannotReleaseError: The version is not higher than the present one.
    """
    [present] = VERSION_LINE.findall(project)
    if numbers(version) <= numbers(present):
        message = f"VERSION={version} does not follow {present}"
        raise CannotReleaseError(message)
    return VERSION_LINE.sub(f'version = "{version}"', project, count=1)


def with_release(changelog: str, version: str, day: date) -> str:
    """Return the text of CHANGELOG.md with the unreleased changes under a version.

    Raises:
        CannotReleaseError: Nothing has changed since the last release.
    """
    head, _, rest = changelog.partition(UNRELEASED)
    changes = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    if not changes.strip():
        message = "CHANGELOG.md names no unreleased change"
        raise CannotReleaseError(message)
    return f"{head}{UNRELEASED}\n## [{version}] - {day:%Y-%m-%d}\n{rest}"


def main(arguments: list[str] | None = None) -> int:
    """Write the release; returns the exit status."""
    options = OneLineParser(description=__doc__)
    options.add_argument("version", help="such as 1.2.3")
    version = options.parse_args(arguments).version
    project, changelog = ROOT / "pyproject.toml", ROOT / "CHANGELOG.md"
    try:
        new_project = with_version(project.read_text(encoding="utf-8"), version)
        new_changelog = with_release(changelog.read_text(encoding="utf-8"), version, datetime.now(UTC).date())
    except CannotReleaseError as refusal:
        refuse(str(refusal))
    project.write_text(new_project, encoding="utf-8")
    changelog.write_text(new_changelog, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
