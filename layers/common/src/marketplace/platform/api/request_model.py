"""What all request models share: strictness, omissible fields that are never null, and one list of errors."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import NoneType
from typing import Annotated, Final, Self, TypeVar, final, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from marketplace.platform.api.text import RULE
from marketplace.platform.refusals import FieldError, ValidationFailed

MOST_ERRORS: Final = 50
"""How many broken fields a refusal names; a body of thousands deserves no answer of its own size."""

_BROKEN_RULES: Final = "broken_rules"


@final
class _NeverNull:
    """Annotation that makes ``T | None`` mean: a T, or left out."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate what is given as T; ``None`` is only the default that stands for nothing given."""
        (given,) = (argument for argument in get_args(source) if argument is not NoneType)
        return handler.generate_schema(given)


GivenT = TypeVar("GivenT")
Omissible = Annotated[GivenT | None, _NeverNull()]
"""A field that may be left out; ``null`` is refused. Give it the default ``None``."""

Lax = Field(strict=False)
"""For enums and tuples, which JSON can only write as strings and lists."""


class RequestModel(BaseModel):
    """A body: unknown fields, nulls and conversions between types are refused."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
    )

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Return the rules between fields that are broken, as path in wire names and constant sentence.

        The empty path names the object itself.
        """
        return ()

    @model_validator(mode="after")  # type: ignore[pydantic-alias] # instances come from parse() alone, by alias
    def _keeps_its_rules(self) -> Self:
        broken = tuple(self.broken_rules())
        if broken:
            raise PydanticCustomError(_BROKEN_RULES, "Fields contradict each other.", {"rules": broken})
        return self


class Query(RequestModel):
    """A query string: every value is a string."""


def parse[ModelT: RequestModel](model: type[ModelT], payload: object) -> ModelT:
    """Return the payload as the model says.

    Raises:
        ValidationFailed: it breaks a rule; every broken field is named, and nothing of the input repeated.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        broken = _field_errors(error.errors(include_url=False, include_input=False))
        raise ValidationFailed(tuple(islice(broken, MOST_ERRORS))) from None


def parse_nothing(given: Iterable[str]) -> None:
    """Refuse fields where none are known; ``given`` are their names.

    Raises:
        ValidationFailed: there is one.
    """
    unknown = tuple(
        FieldError(_wire_path((name,)), _MESSAGES["extra_forbidden"]) for name in islice(given, MOST_ERRORS)
    )
    if unknown:
        raise ValidationFailed(unknown)


def _field_errors(errors: Iterable[ErrorDetails]) -> Iterator[FieldError]:
    for error in errors:
        path = _wire_path(error["loc"])
        context = error.get("ctx", {})
        if error["type"] == _BROKEN_RULES:
            for field, message in context["rules"]:
                yield FieldError(".".join(filter(None, (path, field))), message)
        elif error["type"] == RULE:
            yield FieldError(path, error["msg"])
        else:
            # The context of these holds only what our own models say: bounds, lengths, allowed values.
            yield FieldError(path, _MESSAGES.get(error["type"], _OTHER).format_map(context))


def _wire_path(location: tuple[int | str, ...]) -> str:
    """Write ``("location", "latitude")`` as ``location.latitude``.

    A name that the client made up is repeated only if it looks like a name, since it may be anything.
    """
    steps = []
    for step in location:
        if isinstance(step, str) and (step == "[key]" or not _NAME.fullmatch(step)):
            break
        steps.append(str(step))
    return ".".join(steps)


_NAME: Final = re.compile("[A-Za-z0-9_-]{1,64}")
_OTHER: Final = "This is not accepted."
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "This is required.",
    "extra_forbidden": "This field is not known.",
    "string_type": "This must be text.",
    "string_unicode": "This must be well-formed text.",
    "int_type": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "finite_number": "This must be a number.",
    "bool_type": "This must be true or false.",
    "enum": "This must be one of {expected}.",
    "literal_error": "This must be one of {expected}.",
    "greater_than_equal": "This must be {ge:,} or more.",
    "less_than_equal": "This must be {le:,} or less.",
    "too_short": "This must have {min_length} or more entries.",
    "too_long": "This must have {max_length} or fewer entries.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dict_type": "This must be an object.",
    "tuple_type": "This must be a list.",
}
