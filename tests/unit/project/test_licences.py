"""Every licence that ships is known and fits."""

from typing import Any

import pytest

from tools.project.licences import (
    FIT_TO_BUILD_WITH,
    FIT_TO_SHIP,
    NOTICE,
    Package,
    fits,
    licence_of,
    notice,
    npm_packages,
    python_packages,
    shipped_names,
    unfit,
)


def test_all_that_is_locked_fits_and_notice_says_what_ships() -> None:
    packages = [*python_packages(), *npm_packages()]

    assert list(unfit(packages)) == []
    assert NOTICE.read_text(encoding="utf-8") == notice(packages)
    assert {"botocore", "cryptography", "pillow", "react"} <= {package.name for package in packages if package.ships}
    assert {"pytest", "vite"} <= {package.name for package in packages if not package.ships}


@pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "MPL-2.0", "SEE LICENSE IN EULA"])
def test_a_shipped_package_under_anything_else_is_named(licence: str) -> None:
    assert len(list(unfit([Package(name="odd", licence=licence, ships=True)]))) == 1


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "", "Apache-2.0 AND SSPL-1.0"])
def test_a_tool_under_anything_else_is_named(licence: str) -> None:
    assert len(list(unfit([Package(name="odd", licence=licence, ships=False)]))) == 1


def test_a_choice_of_licences_fits_by_any_and_a_sum_by_all() -> None:
    assert fits("GPL-2.0-only OR MIT", FIT_TO_SHIP)
    assert fits("(MIT OR CC0-1.0)", FIT_TO_SHIP)
    assert fits("MIT AND PSF-2.0", FIT_TO_SHIP)
    assert not fits("MIT AND MPL-2.0", FIT_TO_SHIP)
    assert fits("MIT AND MPL-2.0", FIT_TO_BUILD_WITH)


def test_older_metadata_is_read_by_its_words() -> None:
    assert licence_of({"License-Expression": "MIT-0", "License": "other"}, []) == "MIT-0"
    assert licence_of({"License": "Apache License 2.0"}, []) == "Apache-2.0"
    assert licence_of({}, ["License :: OSI Approved :: BSD License"]) == "BSD-3-Clause"
    assert licence_of({"License": "Dual License"}, ["License :: A :: BSD License", "License :: A :: MIT License"]) == (
        "BSD-3-Clause OR MIT"
    )
    assert licence_of({"License": "Ask us"}, []) == "Ask us"


def test_what_ships_follows_dependencies_groups_and_extras() -> None:
    locked: dict[str, dict[str, Any]] = {
        "marketplace": {"dependencies": [{"name": "a"}], "dev-dependencies": {"g": [{"name": "b", "extra": ["x"]}]}},
        "a": {"dependencies": [{"name": "c"}]},
        "b": {"optional-dependencies": {"x": [{"name": "d"}]}},
        "c": {"dependencies": [{"name": "a"}]},
        "d": {},
        "pytest": {},
    }

    assert shipped_names(locked) == {"a", "b", "c", "d"}
