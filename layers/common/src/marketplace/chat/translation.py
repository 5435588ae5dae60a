"""Machine translation of messages: what the template says of it, and the provider behind it.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Final, Protocol, final

from msgspec import Struct

from marketplace.platform.resilience import Dependency

_MOST_BYTES: Final = 10_000
"""What Amazon Translate takes in one call; a message of the longest kind may be longer in bytes."""


@final
class TranslationSettings(Struct, frozen=True, kw_only=True):
    """Whether messages are translated, where the provider is, and how much a room may cost."""

    is_on: bool
    api_url: str
    """Empty for the stack's own region."""
    characters_per_room: int


@cache
def translation_settings() -> TranslationSettings:
    """Return the settings of this execution environment."""
    return read_translation_settings(os.environ)


def read_translation_settings(environment: Mapping[str, str]) -> TranslationSettings:
    """Read the settings from environment variables; without them nothing is translated."""
    return TranslationSettings(
        is_on=environment.get("TRANSLATION", "") == "on",
        api_url=environment.get("TRANSLATION_API_URL", "").strip(),
        characters_per_room=int(environment.get("TRANSLATION_CHARACTERS_PER_ROOM", "0") or 0),
    )


class Translator(Protocol):
    """Whoever translates a text into another language."""

    def translate(self, text: str, language: str) -> str | None:
        """Return a text in a language (``en``, ``id``), nothing where it is in that language already.

        Raises:
            ServiceUnavailable: nobody answers.
        """
        ...


@final
class AmazonTranslate(Struct, frozen=True):
    """Amazon Translate, which finds out by itself in which language a text is."""

    translate_service: Dependency

    def translate(self, text: str, language: str) -> str | None:
        """Return a text in a language; see :class:`Translator`."""
        if len(text.encode()) > _MOST_BYTES:
            return None
        answer = self.translate_service.call(
            "translate_text", Text=text, SourceLanguageCode="auto", TargetLanguageCode=language
        )
        translated = str(answer["TranslatedText"])
        return None if answer.get("SourceLanguageCode") == language or translated == text else translated
