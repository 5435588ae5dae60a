"""What ships takes its licence along, although the rest of its metadata stays behind."""

import importlib.metadata
import shutil
from pathlib import Path

from layers.build.prune import keep_licences, prune
from tools.project.licences import python_packages


def test_every_shipped_package_with_a_licence_text_brings_it(tmp_path: Path) -> None:
    artifact, expected = tmp_path / "python", set()
    for package in python_packages():
        if package.ships:
            information = Path(str(importlib.metadata.distribution(package.name).locate_file("."))) / next(
                file.parts[0]
                for file in importlib.metadata.files(package.name) or ()
                if file.parts[0].endswith(".dist-info")
            )
            shutil.copytree(information, artifact / information.name)
            expected.add(information.name.partition("-")[0])

    prune(artifact)

    kept = {path.parent.name for path in (tmp_path / "licenses").rglob("*") if path.is_file() and path.stat().st_size}
    assert list(artifact.iterdir()) == []
    assert kept == expected


def test_texts_of_several_licences_stand_side_by_side(tmp_path: Path) -> None:
    information = tmp_path / "python" / "some_thing-1.0.dist-info"
    (information / "licenses").mkdir(parents=True)
    for name in ("METADATA", "NOTICE", "licenses/LICENSE.APACHE", "licenses/COPYING"):
        (information / name).write_text(name, encoding="utf-8")

    keep_licences(tmp_path / "python")

    kept = {path.name for path in (tmp_path / "licenses" / "some_thing").iterdir()}
    assert kept == {"NOTICE", "LICENSE.APACHE", "COPYING"}
