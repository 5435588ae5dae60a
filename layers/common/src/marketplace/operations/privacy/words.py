"""What a person is called in the words of others: their name, and their number in any usual writing."""

import re
from collections.abc import Mapping
from typing import Any, Final, final

from marketplace.booking.model.erasing import FORGOTTEN
from marketplace.notification.announcement import render_message
from marketplace.platform.caller import Language

ERASED_TEXT: Final = "…"
"""What stands for words that somebody wished to be forgotten."""
PERSONAL_PARAMETERS: Final = frozenset({"customerName", "address", "latitude", "longitude", "roomNumber", "sosText"})
"""The parameters of the system's messages and notifications that tell of a customer."""
_COUNTRY_CODE_DIGITS: Final = (1, 2, 3)
_BETWEEN_DIGITS: Final = r"[\s().\-]*"


@final
class Naming:
    """Finds a person in texts that others wrote."""

    def __init__(self, name: str, whats_app: str) -> None:
        """Look for a ``name`` as it was given, and for a number (E.164)."""
        digits = whats_app.removeprefix("+")
        national = ["0" + digits[length:] for length in _COUNTRY_CODE_DIGITS]
        numbers = [_BETWEEN_DIGITS.join(written) for written in (digits, *national)]
        self._pattern = re.compile(
            rf"(?<!\w){re.escape(name)}(?!\w)|(?<!\d)\+?(?:00)?(?:{'|'.join(numbers)})(?!\d)", re.IGNORECASE
        )

    def without(self, text: str) -> str:
        """Return a text without the person."""
        return self._pattern.sub(ERASED_TEXT, text)


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
