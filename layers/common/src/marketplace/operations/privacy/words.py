"""What a person is called in the words of others: their name, and their number in any usual writing."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, final

from marketplace.booking.model.erasing import FORGOTTEN
from marketplace.notification.announcement import render_message
from marketplace.platform.language import Language

ERASED_TEXT: Final = "…"
"""What stands for words that somebody wished to be forgotten."""
PERSONAL_PARAMETERS: Final = frozenset({"customerName", "address", "latitude", "longitude", "roomNumber", "sosText"})
"""The parameters of the system's messages and notifications that tell of a customer."""
_COUNTRY_CODE_DIGITS: Final = (1, 2, 3)
_BETWEEN_DIGITS: Final = r"[\s().\-]*"
_MOST_WORDS: Final = 8
"""How many words, or groups of digits, of a text are taken together for a name or a number."""


_WORD: Final = re.compile(r"\w+")
_NOT_DIGITS: Final = re.compile(r"\D+")
_NUMBER: Final = re.compile(rf"\d(?:{_BETWEEN_DIGITS}\d)*", re.ASCII)
_FEWEST_DIGITS: Final = 7


@final
class Naming:
    """Finds a person in texts that others wrote."""

    def __init__(self, name: str, whats_app: str) -> None:
        """Look for a ``name`` as it was given, and for a number (E.164)."""
        numbers = [_BETWEEN_DIGITS.join(written) for written in _written(whats_app)]
        self._pattern = re.compile(
            rf"(?<!\w){re.escape(name)}(?!\w)|(?<!\d)\+?(?:00)?(?:{'|'.join(numbers)})(?!\d)", re.IGNORECASE
        )

    def without(self, text: str) -> str:
        """Return a text without the person."""
        return self._pattern.sub(ERASED_TEXT, text)


@final
class FormerNaming:
    """Finds a person who is forgotten in texts that were written afterwards, by pseudonyms of what they were called."""

    def __init__(self, formerly: Collection[str], pseudonym: Callable[[str], str]) -> None:
        """Look for what :func:`pseudonyms_of` returned when the person was forgotten."""
        self._formerly = frozenset(formerly)
        self._pseudonym = pseudonym

    def without(self, text: str) -> str:
        """Return a text without the person."""
        if not self._formerly:
            return text
        kept, position = [], 0
        for start, end in self._found(text):
            kept.append(text[position:start])
            position = end
        return ERASED_TEXT.join((*kept, text[position:]))

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the person is called by name or number, from left to right."""
        words = list(_WORD.finditer(text))
        first = 0
        while first < len(words):
            for last in range(min(first + _MOST_WORDS, len(words)) - 1, first - 1, -1):
                start, end = words[first].start(), words[last].end()
                if self._is_meant(text[start:end]):
                    yield start - (text[start - 1 : start] == "+"), end
                    first = last
                    break
            first += 1

    def _is_meant(self, written: str) -> bool:
        digits = _NOT_DIGITS.sub("", written)
        is_number = len(digits) >= _FEWEST_DIGITS and _NUMBER.fullmatch(written) is not None
        return self._pseudonym(_words_of(written)) in self._formerly or (
            is_number and self._pseudonym(digits.removeprefix("00")) in self._formerly
        )


def pseudonyms_of(name: str, whats_app: str, pseudonym: Callable[[str], str]) -> tuple[str, ...]:
    """Return what lets a forgotten person be found in later texts without saying who it was."""
    return tuple(sorted({pseudonym(written) for written in (_words_of(name), *_written(whats_app)) if written}))


def _written(whats_app: str) -> list[str]:
    """Return the digits of a number (E.164) with its country code, and as they are dialled within its country."""
    digits = whats_app.removeprefix("+")
    return [digits, *("0" + digits[length:] for length in _COUNTRY_CODE_DIGITS)]


def _words_of(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def without_person(metadata: Mapping[str, object]) -> dict[str, Any]:
    """Return what is behind a message of the system without its customer."""
    parameters = metadata.get("parameters")
    if not isinstance(parameters, Mapping):
        return dict(metadata)
    return {**metadata, "parameters": impersonal(parameters)}


def impersonal(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a message or notification without their customer."""
    kept = {name: value for name, value in parameters.items() if name not in PERSONAL_PARAMETERS}
    return {**kept, "customerName": FORGOTTEN} if "customerName" in parameters else kept


def said_again(metadata: Mapping[str, Any]) -> str | None:
    """Return the plain English of a message of the system, or nothing where it is none."""
    template, parameters = metadata.get("template"), metadata.get("parameters")
    if not isinstance(template, str) or not isinstance(parameters, Mapping):
        return None
    return render_message(template, parameters, Language.ENGLISH, private=False)
