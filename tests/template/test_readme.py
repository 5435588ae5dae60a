"""The README names every function; test_documents holds its links and commands against what there is."""

import re

from tests.cloudformation import ROOT, functions_of, load_template

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_function_and_no_other() -> None:
    named = set(re.findall(r"^\| `([a-z]+_?[a-z_]*)` \|", README, flags=re.MULTILINE))
    deployed = {function["CodeUri"].removeprefix("functions/") for function in functions_of(load_template()).values()}

    assert named == deployed
