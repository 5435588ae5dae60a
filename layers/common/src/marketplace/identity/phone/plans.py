"""A telephone number as people write it becomes E.164, by the numbering plans of the world.

The plans cost a tenth of what a client of DynamoDB costs, and few functions ever read a number: phone.py loads this
module with the first.
"""

import re
from typing import Final

from phonenumbers import SUPPORTED_REGIONS, PhoneNumber, PhoneNumberType, phonenumberutil

from marketplace.identity.phone.numbers import HOME_REGION
from marketplace.platform.api.text import broken_rule

# ASCII alone: other digits and dashes would make two spellings of a number look alike and differ.
_SPELLING: Final = re.compile(r"[ (]*\+?[0-9 ().\-]{5,40}")
_BETWEEN_DIGITS: Final = re.compile(r"[ ().\-]")
_TRUNK_PREFIX: Final = "0"
"""With which every Indonesian writes a number that has no country code."""
_MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_WITHOUT_PLAN: Final = frozenset({"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})
"""Regions of ISO 3166 whose numbers have no plan of their own."""


def read_whats_app_number(written: str, region: str = HOME_REGION) -> str:
    """Return the number in E.164 (``+6281234567890``), whatever usual way it was written.

    ``0812-3456-7890``, ``62 812 3456 7890``, ``0062...``, ``(+62) 812...`` and ``+62 (0)812...`` are one number.
    A number without ``+`` (or ``00``) is a mobile number of ``region`` (ISO 3166), with or without its country
    code: read more generously, most of the world's numbers would turn into somebody's landline in Indonesia.

    Raises:
        PydanticCustomError: it is no such number, or none that could be dialled.
    """
    written = written.strip(" ")
    if _SPELLING.fullmatch(written) is None:
        raise broken_rule(_COMPLAINT)
    plain = _BETWEEN_DIGITS.sub("", written)
    # The usual sign for a country code is 00, although Indonesia's own prefixes are 001, 007 and 008.
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    number = _dialled(plain) if plain.startswith("+") else _mobile_of(region, plain)
    if number is None:
        raise broken_rule(_COMPLAINT)
    return phonenumberutil.format_number(number, phonenumberutil.PhoneNumberFormat.E164)


def read_region(written: str) -> str:
    """Return a region of ISO 3166 unchanged; raises PydanticCustomError for anything else."""
    if written not in SUPPORTED_REGIONS and written not in _WITHOUT_PLAN:
        message = "This must be a region such as ID (ISO 3166)."
        raise broken_rule(message)
    return written


def _dialled(international: str) -> PhoneNumber | None:
    number = _parsed(international, None)
    if number is None or not (phonenumberutil.is_valid_number(number) or _may_be_new_abroad(number)):
        return None
    return number


def _mobile_of(region: str, digits: str) -> PhoneNumber | None:
    """Return the region's mobile number that digits without a ``+`` mean, written from inside or with its code."""
    country_code = phonenumberutil.country_code_for_region(region)
    readings = [
        # Without its 0 an Indonesian number looks like a Russian or North American one.
        _parsed(digits, region) if region != HOME_REGION or digits.startswith(_TRUNK_PREFIX) else None,
        _parsed(f"+{digits}", None) if digits.startswith(str(country_code)) else None,
    ]
    return next(
        (
            number
            for number in readings
            if number is not None
            and number.country_code == country_code
            and phonenumberutil.number_type(number) in _MOBILE
        ),
        None,
    )


def _parsed(spelling: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumberutil.parse(spelling, region)
    except phonenumberutil.NumberParseException:
        return None


def _may_be_new_abroad(number: PhoneNumber) -> bool:
    # Our copy of foreign numbering plans ages; refusing a guest's real number costs a booking, so abroad
    # the length alone decides.
    reason = phonenumberutil.is_possible_number_with_reason(number)
    possible = reason == phonenumberutil.ValidationResult.IS_POSSIBLE
    return possible and number.country_code != _HOME_COUNTRY_CODE


_HOME_COUNTRY_CODE: Final = phonenumberutil.country_code_for_region(HOME_REGION)
_COMPLAINT: Final = (
    "This must be a telephone number that can be dialled: a mobile number of the region, such as 0812 3456 7890, "
    "or one with its country code, such as +62 812 3456 7890."
)
