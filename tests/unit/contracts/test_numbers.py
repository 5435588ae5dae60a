"""No number in any body or frame is too small, large or fine for the tables."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.examples import BODIES
from contracts.handlers import all_frames, all_routes
from marketplace.chat.attachments.metadata import checked_metadata
from marketplace.payment.requests import ProviderEvent
from marketplace.platform.api.request_model import RequestModel, parse
from marketplace.platform.dynamodb.attribute_values import from_attribute, to_attribute
from marketplace.platform.refusals import ValidationFailed

type Json = Any

IN_THE_WORDS_OF_OTHERS: Final = (ProviderEvent,)
"""Bodies that a provider sends: they have whatever fields and numbers it likes, and no row keeps them as they are."""

PLACE: Final = {"latitude": -8.5, "longitude": 115.26}
WITH_EVERY_NUMBER: Final[Mapping[str, Mapping[str, Json]]] = {
    **BODIES,
    "NewBooking": {
        **{name: value for name, value in BODIES["NewBooking"].items() if name not in {"hotelVillaId", "roomNumber"}},
        "location": PLACE,
    },
    "NewMessage": {
        **BODIES["NewMessage"],
        "messageType": "location",
        "location": PLACE,
        "metadata": {"a": [1, {"b": 2}]},
        "replyTo": 3,
    },
    "NewReport": {**BODIES["NewReport"], "conversationId": "r-1", "sequence": 7},
    "ProfileChange": BODIES["ProfileChange"],
}
HOSTILE: Final = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from(
        [1e-200, -1e-200, 5e-324, 1e-131, 1e126, -1e300, 10**38, 10**400, -(10**126), 2**53 + 1, -0.0, 60.0, 0.1 + 0.2]
    )
)


@cache
def models() -> tuple[type[RequestModel], ...]:
    """Return the model of every body and frame."""
    bodies = [route.body for route in all_routes() if route.body]
    return tuple(dict.fromkeys([*bodies, *(frame.model for frame in all_frames())]))


def example_of(model: type[RequestModel]) -> Mapping[str, Json]:
    """Return a body or frame of a model that has each of its numbers."""
    name = model.__name__
    if name in WITH_EVERY_NUMBER:
        return WITH_EVERY_NUMBER[name]
    parts = {
        "SendMessageFrame": WITH_EVERY_NUMBER["NewMessage"],
        "MarkReadFrame": {"sequence": 7},
        "SyncFrame": {"after": 7, "revision": 2},
        "EditMessageFrame": {"message": "See you at eleven", "sequence": 7},
        "DeleteMessageFrame": {"sequence": 7},
    }
    return {**parts.get(name, {}), **({"conversationId": "r-1"} if name != "PingFrame" else {})}


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where a value has numbers."""
    match value:
        case bool():
            return
        case int() | float():
            yield path
        case dict():
            for name, entry in value.items():
                yield from places(entry, (*path, name))
        case list():
            for index, entry in enumerate(value):
                yield from places(entry, (*path, index))
        case _:
            return


def with_number(value: Json, path: tuple[str | int, ...], number: float) -> Json:
    """Return a value with another number at a place."""
    if not path:
        return number
    if isinstance(value, list):
        return [
            with_number(entry, path[1:], number) if index == path[0] else entry for index, entry in enumerate(value)
        ]
    return {name: with_number(entry, path[1:], number) if name == path[0] else entry for name, entry in value.items()}


def numbers_of(schema: Json, definitions: Mapping[str, Json]) -> Iterator[str]:
    """Yield the names of the fields of a schema that hold numbers."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        for option in field.get("anyOf", [field]):
            inner = option.get("items", option)
            if inner.get("type") in {"number", "integer"} or all(
                isinstance(each, int) for each in inner.get("enum", ["-"])
            ):
                yield name
            yield from numbers_of(inner, definitions)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_number_that_a_body_can_have_is_in_its_example(model: type[RequestModel]) -> None:
    schema = model.model_json_schema(by_alias=True)
    known = {str(path[-1]) for path in places(example_of(model))}
    assert set(numbers_of(schema, schema.get("$defs", {}))) <= known
    assert parse(model, example_of(model)) is not None


@pytest.mark.parametrize(
    "model",
    [model for model in models() if model not in IN_THE_WORDS_OF_OTHERS and any(places(example_of(model)))],
    ids=lambda model: model.__name__,
)
@given(number=HOSTILE, data=st.data())
def test_a_number_is_refused_or_the_tables_hold_it(
    model: type[RequestModel], number: float, data: st.DataObject
) -> None:
    example = example_of(model)
    try:
        asked = parse(model, with_number(example, data.draw(st.sampled_from(list(places(example)))), number))
    except ValidationFailed:
        return
    stored = to_attribute(asked.model_dump(mode="json", by_alias=True))
    for path in places(from_attribute(stored)):
        held: Json = stored
        for step in path:
            held = held["M"][step] if isinstance(step, str) else held["L"][step]
        assert is_storable(held["N"])


@pytest.mark.parametrize("model", IN_THE_WORDS_OF_OTHERS, ids=lambda model: model.__name__)
@given(number=HOSTILE, data=st.data())
def test_what_a_provider_tells_is_taken_with_whatever_number(
    model: type[ProviderEvent], number: float, data: st.DataObject
) -> None:
    example = example_of(model)
    told = with_number(example, data.draw(st.sampled_from(list(places(example)))), number)
    assert parse(model, told).said() == told


def is_storable(written: str) -> bool:
    """Say whether DynamoDB takes a number: 38 digits, zeros at the ends aside, of 1e-130 to 9.9e125.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    number = Decimal(written)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return number == 0 or (len(digits) <= 38 and -130 <= number.adjusted() <= 125)


@pytest.mark.parametrize(
    ("sent", "kept"), [(1e-200, 0), (-1e-320, 0), (-0.0, 0), (8.12345678901, 8.1234568), (90, 90), (-90.0, -90), (1, 1)]
)
def test_coordinates_are_kept_to_a_centimetre(sent: float, kept: float) -> None:
    model = next(model for model in models() if model.__name__ == "NewBooking")
    booking = parse(model, {**WITH_EVERY_NUMBER["NewBooking"], "location": {"latitude": sent, "longitude": sent}})
    place = booking.model_dump(mode="json", by_alias=True)["location"]
    assert (place["latitude"], place["longitude"]) == (kept, kept)
    assert not str(place["latitude"]).startswith("-0")


@given(HOSTILE)
def test_metadata_gives_back_the_number_that_it_took(number: float) -> None:
    try:
        taken = checked_metadata({"n": number})
    except ValueError:
        return
    assert float(from_attribute(to_attribute(taken))["n"]) == float(number)
