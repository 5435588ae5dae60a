"""Build the documentation site: ``make docs``.

The pages are docs/ and the texts at the top of the repository, gathered into one folder. A link from a page to a file
that is no page becomes its path in code style, since the site has only pages. Afterwards every link of every built page
is followed: one that leads nowhere fails the build.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, override
from urllib.parse import unquote, urldefrag

from tools.command_line import OneLineParser

ROOT: Final = Path(__file__).resolve().parents[2]
CONFIGURATION: Final = ROOT / "tools/environments/docs/zensical.toml"
TOP_TEXTS: Final = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")
_LINK: Final = re.compile(r"(!?)\[([^\]]+)\]\(([^)\s]+)\)")


def gather(folder: Path) -> None:
    """Fill a folder with the pages and the configuration of the site."""
    pages = folder / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", pages)
    for name in TOP_TEXTS:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, pages / name)
    for page in pages.rglob("*.md"):
        at = ROOT / page.name if page.name in TOP_TEXTS else ROOT / "docs" / page.relative_to(pages)
        page.write_text(
            with_links_of_the_site(page.read_text(encoding="utf-8"), at, page.relative_to(pages)), encoding="utf-8"
        )
    configuration = CONFIGURATION.read_text(encoding="utf-8")
    records = sorted((pages / "decisions").glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
    decisions = ", ".join(f'"decisions/{path.name}"' for path in records)
    (folder / "zensical.toml").write_text(configuration.replace('"decisions"', decisions), encoding="utf-8")


def with_links_of_the_site(text: str, at: Path, here: Path) -> str:
    """Point the links of a text, which lies in the repository at a path and on the site at another, at pages."""

    def link(match: re.Match[str]) -> str:
        mark, words, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, hash_sign, anchor = target.partition("#")
        there = on_the_site((at.parent / path).resolve())
        if there is None:
            return (
                words
                if words.startswith("`") or mark
                else f"{words} (`{(at.parent / path).resolve().relative_to(ROOT)}`)"
            )
        return f"{mark}[{words}]({there.relative_to(here.parent, walk_up=True).as_posix()}{hash_sign}{anchor})"

    return _LINK.sub(link, text)


def on_the_site(path: Path) -> Path | None:
    """Return where a file of the repository is among the pages, or None if it is not."""
    if path.parent == ROOT:
        return Path(path.name) if path.name in TOP_TEXTS and path.exists() else None
    if path.is_dir():
        path /= "README.md"
    return path.relative_to(ROOT / "docs") if path.is_relative_to(ROOT / "docs") and path.is_file() else None


class Page(HTMLParser):
    """The links of a built page, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"} and value:
                self.links.append(value)
            if name == "id" and value:
                self.anchors.add(value)


def dead_links(site: Path) -> Iterator[str]:
    """Yield every link of a built site that leads nowhere or away to a resource of others."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:", link):
                continue
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address.partition("?")[0])).resolve() if address else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists() or (anchor and target in pages and unquote(anchor) not in pages[target].anchors):
                yield f"{path.relative_to(site)}: {link}"


def main(arguments: list[str] | None = None) -> int:
    """Build and follow the links; returns the exit status."""
    options = OneLineParser(description=__doc__)
    options.add_argument("--zensical", required=True, help="the generator's program")
    options.add_argument("--folder", type=Path, default=ROOT / ".local/docs", help="where to build")
    chosen = options.parse_args(arguments)
    gather(chosen.folder)
    built = subprocess.run(  # noqa: S603 - the generator of our own environment
        [chosen.zensical, "build", "--clean", "--strict"],
        cwd=chosen.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        sys.stderr.write(built.stdout + built.stderr)
        return 1
    dead = sorted(set(dead_links(chosen.folder / "site")))
    for link in dead:
        sys.stderr.write(f"leads nowhere: {link}\n")
    if not dead:
        sys.stdout.write(f"{chosen.folder / 'site' / 'index.html'}\n")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
