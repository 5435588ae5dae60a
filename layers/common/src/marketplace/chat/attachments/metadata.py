"""What a client may attach to a message for itself: a small JSON object that every store and reader can keep."""

import json
import math
from typing import Annotated, Final, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from marketplace.platform.api.text import broken_rule, normalised

METADATA_LIMIT: Final = 4096
"""The most bytes, written as compact JSON in UTF-8."""
METADATA_DEPTH: Final = 16
"""Half of what DynamoDB nests."""
_LARGEST_INTEGER: Final = 2**53 - 1  # exact in every JSON reader (RFC 8259, section 6)
_SMALLEST, _LARGEST = 1e-100, 1e100  # well inside a DynamoDB number


def checked_metadata(given: dict[str, object]) -> dict[str, object]:
    """Return the object with its texts normalised.

    Raises:
        PydanticCustomError: it is too large or deep, or holds a text or number that could not be kept.
    """
    kept = {_name(name): _value(value, METADATA_DEPTH) for name, value in given.items()}
    if len(json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()) > METADATA_LIMIT:
        message = "This must be at most 4096 bytes of JSON."
        raise broken_rule(message)
    return kept


def _name(name: str) -> str:
    return normalised(name)


def _value(value: object, depth: int) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return normalised(value)
        case int() if abs(value) <= _LARGEST_INTEGER:
            return value
        case float() if value == 0 or (math.isfinite(value) and _SMALLEST <= abs(value) <= _LARGEST):
            return value + 0.0  # the store knows no zero below zero
        case list() if depth > 1:
            return [_value(entry, depth - 1) for entry in value]
        case dict() if depth > 1:
            return {_name(name): _value(entry, depth - 1) for name, entry in value.items()}
        case int() | float():
            message = "This holds a number that cannot be kept exactly."
        case _:
            message = "This is nested too deeply."
    raise broken_rule(message)


@final
class _CheckedMetadata:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as an object first, then by the rules above."""
        del source, handler
        names = core_schema.str_schema(strict=True)
        return core_schema.no_info_after_validator_function(
            checked_metadata, core_schema.dict_schema(names, core_schema.any_schema(), strict=True)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe it as a free object."""
        del schema, handler
        return {"type": "object", "additionalProperties": True}


Metadata = Annotated[dict[str, object], _CheckedMetadata()]
