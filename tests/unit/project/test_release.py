"""A release has one version, in one place, and a section of the changelog."""

import re
import tomllib
from datetime import date
from importlib.metadata import version

import pytest

from marketplace.platform.version import VERSION
from tests.cloudformation import ROOT
from tools.project.release import CannotReleaseError, main, with_release, with_version

PROJECT = '[project]\nname = "x"\nversion = "1.9.3"\nrequires = "version"\n'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [1.9.3] - 2026-01-01\n\n- Old.\n"


def test_the_unreleased_changes_move_under_the_new_version() -> None:
    assert with_release(CHANGELOG, "1.10.0", date(2026, 2, 3)) == (
        "# Changelog\n\n## [Unreleased]\n\n## [1.10.0] - 2026-02-03\n\n### Added\n\n- A thing.\n\n"
        "## [1.9.3] - 2026-01-01\n\n- Old.\n"
    )


@pytest.mark.parametrize("following", ["1.9.4", "1.10.0", "2.0.0"])
def test_a_higher_version_is_taken(following: str) -> None:
    assert with_version(PROJECT, following) == PROJECT.replace("1.9.3", following)


@pytest.mark.parametrize("wrong", ["1.9.3", "1.8.99", "0.10.0", "2", "v2.0.0", "2.0.0-rc1", "02.0.0", ""])
def test_another_version_is_refused(wrong: str) -> None:
    with pytest.raises(CannotReleaseError):
        with_version(PROJECT, wrong)


def test_a_release_without_changes_is_refused() -> None:
    with pytest.raises(CannotReleaseError):
        with_release(CHANGELOG.replace("### Added\n\n- A thing.\n\n", ""), "2.0.0", date(2026, 2, 3))


def test_a_wrong_call_is_one_line_and_status_two(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["one"], [], ["1.0.0", "again"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_the_version_stands_in_one_place_and_leads_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    released = re.findall(r"^## \[(\d.*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert released[0] == project
    assert version("marketplace") == VERSION == project
