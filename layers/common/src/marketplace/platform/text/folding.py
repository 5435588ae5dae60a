# ruff: noqa: RUF001 - characters that look alike are what this module is about
"""Folding text so that what people take for the same word compares equal: the one rule of every search.

Folded away are case, accents, compatibility forms, strokes through letters, the shapes of quotation marks and dashes,
and what shows nothing by itself, such as the selector that makes a heart red.
"""

import re
import unicodedata
from typing import Final, final

_TAKEN_WHOLE: Final = {
    **dict.fromkeys(map(ord, "`´\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"), "'"),
    **dict.fromkeys(map(ord, "″‶"), '"'),
}
"""What compatibility would take apart: accents by themselves, typed for an apostrophe, into a space and a mark."""
_SINGLE_QUOTES: Final = "`‘’‚‛‹›ʹʻʼʽˈʾʿ′‵"
_DOUBLE_QUOTES: Final = "“”„‟«»〝〞〟"
_DASHES: Final = "‐‑‒–—―−⁃﹘﹣－"
_UNNAMED: Final = {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ȷ": "j"}
"""Letters that people without their keyboard write otherwise, and whose names do not say so."""
_BUILT_ON: Final = re.compile(r"((?:LATIN|GREEK|CYRILLIC) SMALL LETTER \w+(?: \w+)?) WITH .+")
_SELECTORS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def folded(text: str) -> str:
    """Return a text as searches compare it: ``Café``, ``CAFE`` and ``café`` fold alike, ``đ`` is ``d``.

    Folding twice changes nothing more; a text of accents and selectors alone folds to nothing.
    """
    if text.isascii() and "`" not in text:
        return text.lower()
    plain = text.casefold().translate(_TAKEN_WHOLE)
    # Twice, for what compatibility takes apart may have capitals again (U+1D400 is A).
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold())
    return decomposed.translate(_FOLDS)


@final
class _Folds(dict[int, str]):
    """What each decomposed character folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        """Work out one more character; there are no more of them than Unicode has."""
        character = chr(code)
        self[code] = fold = "" if _shows_nothing(character) else _base_of(character)
        return fold


_FOLDS: Final = _Folds(
    {
        **{ord(character): "'" for character in _SINGLE_QUOTES},
        **{ord(character): '"' for character in _DOUBLE_QUOTES},
        **{ord(character): "-" for character in _DASHES},
        **{ord(character): plain for character, plain in _UNNAMED.items()},
    }
)


def _shows_nothing(character: str) -> bool:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf" or character in _FILLERS:
        return True
    return any(ord(character) in selectors for selectors in _SELECTORS)


def _base_of(character: str) -> str:
    """Return the letter that a letter with a stroke, a hook or a tail is built on; others stay as they are."""
    built = _BUILT_ON.fullmatch(unicodedata.name(character, ""))
    if built is None:
        return character
    try:
        return folded(unicodedata.lookup(built[1]))
    except KeyError:
        return character
