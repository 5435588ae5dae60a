"""The README names what there is."""

import re

from tests.cloudformation import ROOT, functions_of, load_template

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_function_and_no_other() -> None:
    named = set(re.findall(r"^\| `([a-z]+_?[a-z_]*)` \|", README, flags=re.MULTILINE))
    deployed = {function["CodeUri"].removeprefix("functions/") for function in functions_of(load_template()).values()}

    assert named == deployed


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE))
    said = {target for line in re.findall(r"^make (.*?)(?:#|$)", README, flags=re.MULTILINE) for target in line.split()}

    assert {target for target in said if "=" not in target} <= targets | {"help"}
    assert said


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
