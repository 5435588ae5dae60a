"""The one place where a telephone number as people write it becomes E.164.

Only modules that create bookings may import this one: the numbering plans cost their part of the
cold start (about as much as the domain and the store together).
"""

import re
from typing import Annotated, Final

from phonenumbers import PhoneNumber, phonenumberutil

from marketplace.platform.api.text import WrittenAs, broken_rule

HOME_REGION: Final = "ID"
"""Whose way of writing is meant when a number has no country code: ``0812...`` is Indonesian."""

# ASCII alone: other digits and dashes would make two spellings of a number look alike and differ.
_SPELLING: Final = re.compile(r"[ (]*\+?[0-9 ().\-]{5,40}")
_BETWEEN_DIGITS: Final = re.compile(r"[ ().\-]")
_HOME_COUNTRY_CODE: Final = phonenumberutil.country_code_for_region(HOME_REGION)


def read_whats_app_number(written: str) -> str:
    """Return the number in E.164 (``+6281234567890``), whatever usual way it was written.

    ``0812-3456-7890``, ``62 812 3456 7890``, ``0062...``, ``(+62) 812...`` and ``+62 (0)812...`` are one number.

    Raises:
        PydanticCustomError: it is no number that could be dialled.
    """
    written = written.strip(" ")
    if _SPELLING.fullmatch(written) is None:
        raise broken_rule(_COMPLAINT)
    # The usual sign for a country code is 00, although Indonesia's own prefixes are 001, 007 and 008.
    plain = _BETWEEN_DIGITS.sub("", written)
    for spelling in (written, f"+{plain[2:]}" if plain.startswith("00") else None):
        number = _dialled(spelling) if spelling else None
        if number is not None:
            return number
    raise broken_rule(_COMPLAINT)


def _dialled(spelling: str) -> str | None:
    try:
        number = phonenumberutil.parse(spelling, HOME_REGION)
    except phonenumberutil.NumberParseException:
        return None
    if not (phonenumberutil.is_valid_number(number) or _may_be_new_abroad(number)):
        return None
    return phonenumberutil.format_number(number, phonenumberutil.PhoneNumberFormat.E164)


def _may_be_new_abroad(number: PhoneNumber) -> bool:
    # Our copy of foreign numbering plans ages; refusing a guest's real number costs a booking, so abroad
    # the length alone decides.
    reason = phonenumberutil.is_possible_number_with_reason(number)
    possible = reason == phonenumberutil.ValidationResult.IS_POSSIBLE
    return possible and number.country_code != _HOME_COUNTRY_CODE


_COMPLAINT: Final = "This must be a telephone number that can be dialled, such as 0812 3456 7890 or +62 812 3456 7890."

WhatsAppNumber = Annotated[
    str,
    WrittenAs(
        read_whats_app_number,
        (
            ("type", "string"),
            ("minLength", 5),
            ("maxLength", 40),
            ("pattern", r"^[0-9 +().\-]+$"),
            ("examples", ("0812 3456 7890", "+62 812-3456-7890")),
        ),
    ),
]
