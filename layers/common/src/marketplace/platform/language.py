"""The languages of the catalogues under ``text/locale``; written by ``python -m contracts.generate``."""

from enum import StrEnum


class Language(StrEnum):
    """The languages with a catalogue of their own."""

    ENGLISH = "en"
    INDONESIAN = "id"
