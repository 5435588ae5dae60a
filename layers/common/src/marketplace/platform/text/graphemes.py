"""Cutting text between what readers see as characters, never inside one.

The Unicode rules of extended grapheme clusters (UAX #29, section 3.1.1) as far as ``unicodedata`` knows the properties.
Where it does not, two characters are held together rather than taken apart.
"""

import unicodedata
from typing import Final

_ZERO_WIDTH_JOINER: Final = "\u200d"
_VIRAMA: Final = 9
"""The combining class of what joins two consonants of an Indic script."""
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})
"""Categories of characters that belong to what they follow."""


def cut(text: str, longest: int) -> str:
    """Return the beginning of ``text``, ``longest`` code points at most, that ends between two visible characters.

    One visible character that is longer by itself is cut: the bound is what rows and answers are measured by.
    """
    if len(text) <= longest:
        return text
    edge = next((edge for edge in range(longest, 0, -1) if _is_boundary(text, edge)), longest)
    return text[:edge]


def _is_boundary(text: str, edge: int) -> bool:
    before, after = text[edge - 1], text[edge]
    if before.isascii() and after.isascii():
        return (before, after) != ("\r", "\n")
    if unicodedata.category(after) in _MARKS or _is_joined(after):
        return False
    if before == _ZERO_WIDTH_JOINER or unicodedata.combining(before) == _VIRAMA or _stands_before(before):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        return _flag_halves_before(text, edge) % 2 == 0
    return not _join_to_syllable(before, after)


def _is_joined(character: str) -> bool:
    """Say whether a character that is no mark belongs to what it follows: a joiner, a tag, the colour of a skin."""
    return (
        character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _stands_before(character: str) -> bool:
    """Say whether a character belongs to what follows it, as the signs before Arabic numbers do."""
    return character in _LEADING or (unicodedata.category(character) == "Cf" and "\u0600" <= character <= "\u08e2")


_LEADING: Final = frozenset("\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941\U00011a3a\U00011d46")


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, edge: int) -> int:
    first = edge
    while first and _is_flag_half(text[first - 1]):
        first -= 1
    return edge - first


def _join_to_syllable(before: str, after: str) -> bool:
    """Say whether two Hangul letters are written as one syllable (Unicode, section 3.12)."""
    return (_syllable_part(before), _syllable_part(after)) in _JOINED_PARTS


_JOINED_PARTS: Final = frozenset(
    {
        *(("L", part) for part in ("L", "V", "LV", "LVT")),
        *((part, after) for part in ("V", "LV") for after in ("V", "T")),
        *((part, "T") for part in ("T", "LVT")),
    }
)


def _syllable_part(character: str) -> str:
    if "\u1100" <= character <= "\u115f" or "\ua960" <= character <= "\ua97c":
        return "L"
    if "\u1160" <= character <= "\u11a7" or "\ud7b0" <= character <= "\ud7c6":
        return "V"
    if "\u11a8" <= character <= "\u11ff" or "\ud7cb" <= character <= "\ud7fb":
        return "T"
    if "\uac00" <= character <= "\ud7a3":
        return "LVT" if (ord(character) - 0xAC00) % 28 else "LV"
    return ""
