"""The one gate through which JSON from outside enters: a size check, then one strict reading.

Beyond plain JSON it refuses what two readers could understand differently: duplicate keys, lone
surrogates, infinities and NaN (RFC 8259 sections 4, 6 and 8.2; RFC 7493), and nesting without end.
"""

import json
from typing import Final, NoReturn

from pydantic_core import from_json

from marketplace.platform.refusals import FieldError, MalformedJson, PayloadTooLarge, ValidationFailed

BODY_LIMIT: Final = 64 * 1024
"""The most bytes of a body or frame: room for 4,000 characters written as escapes, and metadata."""

DEPTH_LIMIT: Final = 64
"""The most objects and lists inside each other; nothing that we accept comes near it."""


def parse_json(raw: str | bytes, *, limit: int = BODY_LIMIT) -> dict[str, object]:
    """Read one JSON object from a body or frame of at most ``limit`` bytes.

    Raises:
        PayloadTooLarge: it is over the limit; nothing of it was parsed.
        MalformedJson: it is not UTF-8, or not JSON in the strict sense above.
        ValidationFailed: it is JSON, but not an object.
    """
    if len(raw) > limit:
        raise PayloadTooLarge
    try:
        encoded = raw.encode() if isinstance(raw, str) else raw
    except UnicodeEncodeError:
        raise MalformedJson from None
    if len(encoded) > limit:
        raise PayloadTooLarge
    return _read_object(encoded)


def parse_json_or_nothing(raw: str | bytes | None, *, limit: int = BODY_LIMIT) -> dict[str, object]:
    """Read a body that may be left out: no body and an empty one mean ``{}``."""
    return parse_json(raw, limit=limit) if raw else {}


def _read_object(encoded: bytes) -> dict[str, object]:
    try:
        # The first reader bounds the depth and refuses broken UTF-8 and lone surrogates; it keeps the
        # last of two equal keys and lets 1e999 pass, which the second one sees.
        from_json(encoded, allow_inf_nan=False)
        value: object = json.loads(encoded, object_pairs_hook=_without_duplicates, parse_float=_finite)
    except (ValueError, RecursionError):
        raise MalformedJson from None
    if _is_deeper_than(DEPTH_LIMIT, value):
        raise MalformedJson
    if not isinstance(value, dict):
        raise ValidationFailed((FieldError("", "This must be an object."),))
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse()
    return found


def _finite(written: str) -> float:
    number = float(written)
    if number - number != 0:  # only an infinity differs from itself
        _refuse()
    return number


def _refuse() -> NoReturn:
    raise ValueError


def _is_deeper_than(limit: int, value: object) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
        ]
        if not level:
            return False
    return True
