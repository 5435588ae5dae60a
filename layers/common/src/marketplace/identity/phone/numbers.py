"""Telephone numbers and their regions, as types that a request model can name; phone_plans.py reads them."""

from typing import Annotated, Final, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from marketplace.platform.api.text import WrittenAs

HOME_REGION: Final = "ID"
"""Whose way of writing is meant when a number has no country code and no region: ``0812...`` is Indonesian."""


def _read_number(written: str, region: str) -> str:
    from marketplace.identity.phone.plans import read_whats_app_number  # noqa: PLC0415 - the plans are large

    return read_whats_app_number(written, region)


def _read_region(written: str) -> str:
    from marketplace.identity.phone.plans import read_region  # noqa: PLC0415 - the plans are large

    return read_region(written)


@final
class _WrittenNumber:
    """Annotation of a number that is read by the ``phoneRegion`` beside it, if its model has one before it."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate as strict text first, then read it as its region writes."""
        del source, handler
        return core_schema.with_info_after_validator_function(
            lambda written, info: _read_number(written, (info.data or {}).get("phone_region", HOME_REGION)),
            core_schema.str_schema(strict=True),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the notation to whoever generates documents."""
        del schema, handler
        return {
            "type": "string",
            "minLength": 5,
            "maxLength": 40,
            "pattern": r"^[0-9 +().\-]+$",
            "examples": ["0812 3456 7890", "+62 812-3456-7890"],
        }


WhatsAppNumber = Annotated[str, _WrittenNumber()]
PhoneRegion = Annotated[
    str, WrittenAs(_read_region, (("type", "string"), ("pattern", "^[A-Z]{2}$"), ("examples", ("ID", "FR"))))
]
"""Whose way of writing a number without ``+`` is meant."""
