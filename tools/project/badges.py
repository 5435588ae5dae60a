"""The badges of the README, drawn from what pyproject.toml says, so that they need no service and stay true."""

import tomllib
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

ROOT: Final = Path(__file__).resolve().parent.parent.parent
BADGES: Final = ROOT / "docs" / "badges"
_CHARACTER: Final = 7
"""How many pixels a character is given; the text is fitted into the sum."""
_PADDING: Final = 12


def badges() -> dict[str, str]:
    """Return the drawing of each badge by its file's name."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    facts = project["project"]
    return {
        "licence.svg": _badge("licence", facts["license"]),
        "python.svg": _badge("Python", facts["requires-python"].strip("=.*")),
        "types.svg": _badge("types", "mypy strict" if project["tool"]["mypy"]["strict"] else "mypy"),
        "version.svg": _badge("version", facts["version"]),
    }


def _badge(name: str, fact: str) -> str:
    left, right = (len(text) * _CHARACTER + _PADDING for text in (name, fact))

    def word(text: str, middle: float) -> str:
        fitted = f'textLength="{len(text) * _CHARACTER}" lengthAdjust="spacingAndGlyphs"'
        return f'<text x="{middle:g}" y="14" {fitted}>{escape(text)}</text>'

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(name)}: {escape(fact)}"><rect width="{left + right}" height="20" rx="3" fill="#1f6f54"/>'
        f'<path d="M3 0h{left - 3}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{word(name, left / 2)}{word(fact, left + right / 2)}</g></svg>\n"
    )
