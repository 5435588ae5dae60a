"""Finds contact details in a message, so that they can be masked before a booking is confirmed.

Telephone numbers are found in any grouping and spelled in English or Indonesian digit words: a stretch of digits and
digit words is a number where Indonesia's plan, or with ``+`` that of any country, knows it as valid. What is written
as a price, a date, a time or a coordinate is none. Links, e-mail addresses and ``@handles`` are found by their form.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, final

from msgspec import Struct

MASK: Final = "•••"
_FEWEST_DIGITS: Final = 9
"""No number that can be dialled from anywhere is shorter, with its area code and without the trunk prefix."""
_MOST_DIGITS: Final = 15
"""E.164."""
_HIGHEST_PRICE: Final = 100_000_000

_ENGLISH: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_INDONESIAN: Final = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_DIGIT_WORDS: Final[Mapping[str, str]] = {
    **{word: str(digit) for words in (_ENGLISH, _INDONESIAN) for digit, word in enumerate(words)},
    **dict.fromkeys(("oh", "kosong", "nul"), "0"),
}
_TIMES: Final[Mapping[str, int]] = {"double": 2, "dobel": 2, "triple": 3, "tripel": 3}
_TOP_LEVELS: Final = (
    "com|net|org|info|biz|id|co|me|my|sg|au|uk|us|eu|de|fr|nl|jp|io|ai|app|dev|link|page|site|store|shop|online|live|"
    "ee|club|xyz|top|fun|bio|ly|to|gg|tv|cc|ws"
)
_ADDRESSES: Final = (
    r"[\w.+-]+(?:@|\s?(?:\(at\)|\[at\])\s?)[\w-]+(?:\.[\w-]+)+",  # an e-mail address
    r"(?:https?://|www\.)\S+",
    rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TOP_LEVELS})(?![\w-]|\.\w)(?:[/?#]\S*)?",
    r"(?<![\w.@])@[a-z0-9_](?:[a-z0-9_.]*[a-z0-9_])+",  # a handle
)
_NOT_NUMBERS: Final = (
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])\s?([-/.])\s?(?:0?[1-9]|1[0-2])\s?\1\s?(?:20\d\d)(?!\d)",  # 22-11-2026
    r"(?<!\d)20\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)",  # 2026-11-22
    # 08.30 - 10.00
    r"(?<![\d.])(?:[01]?\d|2[0-4])[:.][0-5]\d(?:\s?[^\w\s]?\s?(?:[01]?\d|2[0-4])[:.][0-5]\d)?(?![\d.]*\d)",
    r"(?<!\d)-?\d{1,3}\.\d{4,}(?!\d)",  # a coordinate
    r"(?<![\d.,+])[1-9]\d{0,2}(?:[.,]\d{3})+(?![\d.,]*\d)",  # 1.250.000
)

_ADDRESS: Final = "|".join(f"(?:{each})" for each in _ADDRESSES)
_LIGHT: Final = re.compile(r"(?:[^\w+]|_){1,5}")
"""What may stand between the digits of one number: spaces, hyphens, dots, brackets, invisible characters."""
_PARTS: Final = re.compile(r"(?P<digits>\d+)|(?P<word>[^\W\d_]+)", re.IGNORECASE)


@final
class Digits(Struct, frozen=True):
    """A part of a text that stands for digits: ``812``, ``delapan``, ``double``."""

    start: int
    end: int
    digits: str
    has_plus: bool = False
    is_word: bool = False


def masked(text: str) -> str:
    """Return the text with every contact detail replaced by three dots; without any it is the same text."""
    spans = list(contacts_in(text))
    for start, end in reversed(spans):
        text = text[:start] + MASK + text[end:]
    return text


def contacts_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where contact details stand, as start and end, in order and apart from each other."""
    found = [match.span() for match in re.finditer(_ADDRESS, text, re.IGNORECASE)]
    found += _numbers_in(text, found)
    last = 0
    for start, end in sorted(found):
        if start >= last:
            yield start, end
            last = end


def _numbers_in(text: str, elsewhere: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if sum(character.isdigit() for character in text) + _words_in(text) < _FEWEST_DIGITS:
        return
    barred = [*elsewhere, *_written_otherwise(text)]
    for run in _runs(text, barred):
        yield from _numbers_of(run)


def _words_in(text: str) -> int:
    return sum(match["word"].lower() in _DIGIT_WORDS for match in _PARTS.finditer(text) if match["word"])


def _written_otherwise(text: str) -> Iterator[tuple[int, int]]:
    """Yield what is a price, a date, a time or a coordinate by its form."""
    for expression in _NOT_NUMBERS[:-1]:
        yield from (match.span() for match in re.finditer(expression, text, re.IGNORECASE))
    for match in re.finditer(_NOT_NUMBERS[-1], text):
        if int(re.sub(r"\D", "", match[0])) <= _HIGHEST_PRICE:
            yield match.span()


def _runs(text: str, barred: list[tuple[int, int]]) -> Iterator[list[Digits]]:
    """Yield stretches of digits between which nothing stands that would end a number."""
    run: list[Digits] = []
    times = 1
    for match in _PARTS.finditer(text):
        start, end = match.span()
        digits = _digits_of(match)
        repeats = _TIMES.get((match["word"] or "").lower(), 1)
        is_barred = any(start < until and since < end for since, until in barred)
        if is_barred or (digits is None and repeats == 1) or not _continues(text, run, start):
            if run:
                yield run
            run = []
        if is_barred or (digits is None and repeats == 1):
            times = 1
            continue
        if digits is None:
            run.append(Digits(start, end, ""))
            times = repeats
            continue
        plus = start > 0 and text[start - 1] in "+＋"  # noqa: RUF001 - the wide plus is meant
        run.append(Digits(start - plus, end, digits[0] * (times - 1) + digits, plus, match["word"] is not None))
        times = 1
    if run:
        yield run


def _continues(text: str, run: list[Digits], start: int) -> bool:
    """Say whether what begins at ``start`` may belong to the number that the run has begun."""
    if not run:
        return True
    between = text[run[-1].end : start]
    if not between:
        return True
    small = len(run[-1].digits) <= 2 and not run[-1].is_word  # noqa: PLR2004 - a list of small numbers: 8, 9, 10
    return _LIGHT.fullmatch(between) is not None and not (small and "," in between)


def _digits_of(match: re.Match[str]) -> str | None:
    if match["digits"]:
        return "".join(str(unicodedata.digit(character, 0)) for character in match["digits"])
    return _DIGIT_WORDS.get(match["word"].lower())


def _numbers_of(run: list[Digits]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of a stretch: from the left, the longest that is valid."""
    first = 0
    while first < len(run):
        last = next((last for last in range(len(run), first, -1) if _is_number(run[first:last])), None)
        if last is None:
            first += 1
        else:
            yield run[first].start, run[last - 1].end
            first = last


def _is_number(parts: list[Digits]) -> bool:
    digits = "".join(part.digits for part in parts)
    if not parts[0].digits and len(parts) > 1:  # "double" in front
        return _is_number_written(digits, has_plus=False)
    return bool(parts[0].digits) and _is_number_written(digits, has_plus=parts[0].has_plus)


def _is_number_written(digits: str, *, has_plus: bool) -> bool:
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS + 2:
        return False
    if has_plus:
        return _is_valid(f"+{digits}", None)
    if digits.startswith("00"):
        return _is_valid(f"+{digits[2:]}", None)
    if digits.startswith("62"):
        return _is_valid(f"+{digits}", None)
    return digits.startswith(("0", "8")) and _is_valid(digits, "ID")


def _is_valid(written: str, region: str | None) -> bool:
    # Few messages hold that many digits; the others do not pay for the plans of all countries.
    import phonenumbers  # noqa: PLC0415 - as said above

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, region))
    except phonenumbers.NumberParseException:
        return False
