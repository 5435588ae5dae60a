"""The documentation site has every page, and no link of it leads nowhere."""

from pathlib import Path

import pytest

from tests.cloudformation import ROOT
from tools.project.site import dead_links, gather, on_the_site, with_links_of_the_site


def test_all_pages_are_gathered_with_the_decisions_in_order(tmp_path: Path) -> None:
    gather(tmp_path / "site")
    pages = {path.relative_to(tmp_path / "site/pages") for path in (tmp_path / "site/pages").rglob("*.md")}

    assert {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")} <= pages
    assert Path("CONTRIBUTING.md") in pages
    configuration = (tmp_path / "site/zensical.toml").read_text(encoding="utf-8")
    assert configuration.index('"decisions/README.md"') < configuration.index('"decisions/0001-')


@pytest.mark.parametrize(
    ("text", "on_site"),
    [
        ("[a](docs/api.md#errors)", "[a](api.md#errors)"),
        ("[a](docs/decisions/README.md)", "[a](decisions/README.md)"),
        ("[a](docs/decisions)", "[a](decisions/README.md)"),
        ("![a](docs/request.svg)", "![a](request.svg)"),
        ("[a](CHANGELOG.md)", "[a](CHANGELOG.md)"),
        ("[the template](template.yaml)", "the template (`template.yaml`)"),
        ("[`template.yaml`](template.yaml)", "`template.yaml`"),
        ("[a](https://example.org/x)", "[a](https://example.org/x)"),
        ("[a](#below)", "[a](#below)"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(text: str, on_site: str) -> None:
    assert with_links_of_the_site(text, ROOT / "CONTRIBUTING.md", Path("CONTRIBUTING.md")) == on_site


def test_a_page_below_finds_the_pages_above() -> None:
    at = ROOT / "docs/decisions/README.md"

    assert with_links_of_the_site("[a](../api.md)", at, Path("decisions/README.md")) == "[a](../api.md)"
    assert with_links_of_the_site("[a](../../SECURITY.md)", at, Path("decisions/README.md")) == "[a](../SECURITY.md)"


def test_what_is_no_page_is_not_on_the_site() -> None:
    assert on_the_site(ROOT / "template.yaml") is None
    assert on_the_site(ROOT / "tools") is None


@pytest.mark.parametrize("link", ["gone.html", "b.html#gone", "#gone", "assets/gone.css", "sub"])
def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path, link: str) -> None:
    (tmp_path / "b.html").write_text('<p id="there">', encoding="utf-8")
    (tmp_path / "a.html").write_text(
        f'<p id="here"><a href="b.html#there"><a href="#here"><a href="https://example.org"><a href="{link}">',
        encoding="utf-8",
    )

    assert list(dead_links(tmp_path)) == [f"a.html: {link}"]
