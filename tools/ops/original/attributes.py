"""Attributes of the original's documents: old names, floats for money, instants and numbers in any usual writing."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, final

from pydantic_core import PydanticCustomError

from marketplace.identity.phone.plans import read_whats_app_number
from marketplace.platform.api.text import normalised

type Document = Mapping[str, Any]

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MOST_RUPIAH: Final = 10**9 - 1
_OF_MILLISECONDS: Final = 10**11
"""A number above this counts milliseconds since 1970, one below it seconds."""


@final
class UnfitError(Exception):
    """A document cannot be taken; the text says why, without repeating what it holds."""

    def __init__(self, *, why: str) -> None:
        """Keep why."""
        super().__init__(why)


def given(document: Document, *names: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the first of these attributes that has a value; the original used several names for one thing."""
    return next((document[name] for name in names if document.get(name) is not None and document[name] != ""), None)


def identifier(document: Document, *names: str) -> str:
    """Return an id.

    Raises:
        UnfitError: there is none, or one that cannot be kept.
    """
    value = given_text(document, *names)
    if value is None:
        raise UnfitError(why=f"{names[0]} is missing")
    if not ID.fullmatch(value):
        raise UnfitError(why=f"{names[0]} must be 1 to 64 of letters, digits, - and _")
    return value


def given_text(document: Document, *names: str) -> str | None:
    """Return a text or number as text; nothing where there is none, or something else."""
    for name in names:
        value = document.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g}"
    return None


def given_id(document: Document, otherwise: str, *names: str) -> str:
    """Return an id that can be kept, or another one."""
    value = given_text(document, *names)
    return value if value is not None and ID.fullmatch(value) else otherwise


def nested(document: Document, *names: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return an object or list, also where the original kept it as text."""
    value = given(document, *names)
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def line(value: str | None, longest: int, name: str, *, lines: bool = False) -> str | None:
    """Return a text as it is kept: normalised, and not longer than its place.

    Raises:
        UnfitError: it is too long, or has characters that no text may have.
    """
    if value is None:
        return None
    try:
        clean = normalised(value, lines=lines)
    except PydanticCustomError as broken:
        raise UnfitError(why=f"{name}: {broken.message()}") from None
    if len(clean) > longest:
        raise UnfitError(why=f"{name} is longer than {longest} characters")
    return clean


def amount(document: Document, *names: str) -> int | None:
    """Return rupiah, rounded half up: the original kept amounts as floats, sometimes as text.

    Raises:
        UnfitError: it is no amount of 0 to 999,999,999.
    """
    value = given(document, *names)
    if value is None:
        return None
    found = _decimal(value)
    if found is None:
        raise UnfitError(why=f"{names[0]} is no amount")
    rounded = int(found.quantize(Decimal(1), ROUND_HALF_UP)) if abs(found) < 10 * MOST_RUPIAH else MOST_RUPIAH + 1
    if not 0 <= rounded <= MOST_RUPIAH:
        raise UnfitError(why=f"{names[0]} must be 0 to {MOST_RUPIAH:,} rupiah")
    return rounded


def rate(document: Document, *names: str) -> int | None:
    """Return a share in basis points, however it was written: ``0.3``, ``30``, ``"30%"``.

    Raises:
        UnfitError: it is no share of 0 to 100 %.
    """
    value = given(document, *names)
    if value is None:
        return None
    found = _decimal(value.strip().removesuffix("%") if isinstance(value, str) else value)
    if found is None or not 0 <= found <= 100:  # noqa: PLR2004 - percent
        raise UnfitError(why=f"{names[0]} is no share of 0 to 100 %")
    share = found if found <= 1 and not (isinstance(value, str) and value.strip().endswith("%")) else found / 100
    return int((share * 10_000).quantize(Decimal(1), ROUND_HALF_UP))


def _decimal(value: Any) -> Decimal | None:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(document: Document, *names: str) -> int | None:
    """Return a whole number, also where it is written as ``90.0`` or ``"90"``; nothing where it is none."""
    found = _decimal(given(document, *names))
    return int(found) if found is not None and abs(found) < 10**15 and found == found.to_integral_value() else None


def instant(document: Document, *names: str) -> datetime | None:
    """Return an instant in UTC; a date alone is its midnight, one without an offset is UTC.

    Raises:
        UnfitError: the attribute has a value that is no instant.
    """
    value = given(document, *names)
    if value is None:
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1_000 if value > _OF_MILLISECONDS else value, UTC)
        else:
            found = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        raise UnfitError(why=f"{names[0]} is no instant") from None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found.replace(microsecond=found.microsecond // 1_000 * 1_000)


def number(document: Document, *names: str) -> str | None:
    """Return a telephone number in E.164; one that nobody could dial is nothing."""
    value = given_text(document, *names)
    if value is None:
        return None
    try:
        return read_whats_app_number(value)
    except PydanticCustomError:
        raise UnfitError(why=f"{names[0]} is no telephone number") from None


def flag(document: Document, *names: str) -> bool:
    """Say whether a flag is set, also where it is written as text."""
    value = given(document, *names)
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def one_of[T](value: str | None, meanings: Mapping[str, T], name: str) -> T | None:
    """Return what a word of the original means, in whatever case and spelling it was written.

    Raises:
        UnfitError: it means nothing.
    """
    if value is None:
        return None
    found = meanings.get(plain(value))
    if found is None:
        raise UnfitError(why=f"{name} is none of those there are")
    return found


def plain(word: str) -> str:
    """Return a word without case, spaces, hyphens and underscores: ``Proof Submitted`` is ``proofsubmitted``."""
    return re.sub(r"[\s_-]+", "", word).lower()


def meanings[T](pairs: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """Return words and what they mean, from lines of several words: ``[("confirmed accepted", CONFIRMED)]``."""
    return {plain(word): meaning for words, meaning in pairs for word in words.split()}
