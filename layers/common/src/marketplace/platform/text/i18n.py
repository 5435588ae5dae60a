"""The system's words: templates to sentences in the reader's language, from the catalogues under ``locale``.

A message id of the catalogues is ``<template>`` for the sentence of a message, ``<kind>.title`` and
``<kind>.body`` for a notification, and ``month.1`` … ``weekday.0`` … for dates. Adding a language is
adding a catalogue. Formats: https://cldr.unicode.org (en, id), 24-hour times in the therapist's zone.
"""

import gettext
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

from marketplace.platform.clock import parse_utc
from marketplace.platform.language import Language

type Parameters = Mapping[str, object]

_CATALOGUES: Final = Path(__file__).with_name("locale")
_DOMAIN: Final = "marketplace"


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """Return the catalogue of a language.

    Raises:
        FileNotFoundError: the language has none.
    """
    path = _CATALOGUES / language.value / "LC_MESSAGES" / f"{_DOMAIN}.mo"
    with path.open("rb") as stream:
        return gettext.GNUTranslations(stream)


def render(
    template: str,
    parameters: Parameters,
    language: Language,
    *,
    exclude: Collection[str] = (),
    lines: Sequence[str] = (),
) -> str:
    """Return the sentence of a template in a language.

    ``exclude`` names parameters that the reader may not know; ``lines`` those that add a line of their own, worded as
    ``<template>.<parameter>``, where they have a value.
    """
    words = catalogue(language)
    values = _written({name: entry for name, entry in parameters.items() if name not in exclude}, language)
    if "actorRole" in values:
        values["actor"] = words.gettext(f"actor.{values['actorRole']}")
    sentences = [words.gettext(template), *(words.gettext(f"{template}.{name}") for name in lines if name in values)]
    return "\n".join(sentence.format_map(_Blank(values)) for sentence in sentences)


def notification_text(kind: str, parameters: Parameters, language: Language) -> tuple[str, str]:
    """Return title and body of a notification in the reader's language."""
    words = catalogue(language)
    values = _Blank(_written(parameters, language))
    body = words.gettext(f"{kind}.body").format_map(values)
    if "start" in parameters:
        body += " " + words.gettext("notification.start").format_map(values)
    return words.gettext(f"{kind}.title").format_map(values), body


def spoken_values(kind: str, parameters: Parameters, language: Language) -> dict[str, str]:
    """Return the parameters that the title and body of a notification speak of, as sentences in a language have them.

    They fill the provider's own copy of the sentence, which takes these and no others, in this order.
    """
    words, values = catalogue(language), _written(parameters, language)
    sentence = words.gettext(f"{kind}.title") + "\n" + words.gettext(f"{kind}.body")
    names = dict.fromkeys(name for _, name, _, _ in Formatter().parse(sentence) if name)
    return {name: values.get(name) or "-" for name in names}


def rupiah(amount: int, language: Language) -> str:
    """Write an amount of rupiah: ``Rp 350,000`` in English, ``Rp 350.000`` in Indonesian."""
    grouped = f"{amount:,}"
    if language is Language.INDONESIAN:
        grouped = grouped.replace(",", ".")
    return catalogue(language).gettext("amount").format(amount=grouped)


def format_instant(instant: datetime, time_zone: str, language: Language) -> str:
    """Write an instant in a named zone: ``Sunday, 22 November 2026, 17:30 (WITA)``."""
    local = instant.astimezone(ZoneInfo(time_zone))
    words = catalogue(language)
    return words.gettext("moment").format(
        weekday=words.gettext(f"weekday.{local.weekday()}"),
        day=local.day,
        month=words.gettext(f"month.{local.month}"),
        year=local.year,
        time=local.strftime("%H:%M"),
        zone=local.tzname() or time_zone,
    )


class _Blank(dict[str, str]):
    """Values of a template; one that a row of another release lacks is left blank rather than failing."""

    def __missing__(self, key: str) -> str:
        del key
        return ""


def _written(parameters: Parameters, language: Language) -> dict[str, str]:
    return {name: _value(value, language) for name, value in parameters.items()}


def _value(value: Any, language: Language) -> str:  # noqa: ANN401 - a stored parameter
    match value:
        case Mapping() if "rupiah" in value:
            return rupiah(int(value["rupiah"]), language)
        case Mapping() if "instant" in value:
            return format_instant(parse_utc(str(value["instant"])), str(value.get("timeZone", "UTC")), language)
        case None:
            return ""
        case _:
            return str(value)
