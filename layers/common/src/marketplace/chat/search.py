"""Finding words in messages: blind to case, accents and ways to type, in the words that the reader sees."""

import unicodedata
from typing import final

from marketplace.chat.message import Message
from marketplace.chat.responses import text_for, text_of
from marketplace.platform.caller import Role
from marketplace.platform.language import Language
from marketplace.platform.text.folding import folded


def _in_small_letters(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


@final
class Search:
    """Words that must all stand in a message, in any order."""

    def __init__(self, words: str, language: Language, *, reader: Role, reveals: bool) -> None:
        """Look for ``words`` as a ``reader`` of ``language`` sees the messages."""
        self._fold = folded if folded(words).split() else _in_small_letters  # accents alone would fold to nothing
        self._words = self._fold(words).split()
        self._language = language
        self._reader = reader
        self._reveals = reveals

    def matches(self, message: Message) -> bool:
        """Say whether a message has all the words."""
        text = text_for(message, self._reader)
        if message.sender_role is Role.SYSTEM:
            text = text_of(message.message, message.metadata, self._language, reveals=self._reveals)
        seen = self._fold(text)
        return all(word in seen for word in self._words)
