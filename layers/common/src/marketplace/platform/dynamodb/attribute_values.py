"""Plain Python values to DynamoDB's attribute values and back.

Written for the few types that the tables hold, because boto3's serialiser demands Decimals throughout and
costs an import of boto3 itself; a property test compares the two.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

type AttributeValue = dict[str, Any]
type Item = dict[str, Any]


def to_attribute(value: object) -> AttributeValue:  # noqa: PLR0911 - one return a kind of value
    """Return the attribute value of a plain value.

    Raises:
        TypeError: the value is of a kind that no table holds.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case float() | Decimal():
            return {"N": format(Decimal(str(value)), "f")}
        case Mapping():
            return {"M": {name: to_attribute(entry) for name, entry in value.items()}}
        case frozenset() | set():
            return {"SS": sorted(value)}
        case list() | tuple():
            return {"L": [to_attribute(entry) for entry in value]}
        case _:
            message = f"no attribute value for a {type(value).__name__}"
            raise TypeError(message)


def from_attribute(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - the stored value decides the type
    """Return the plain value of an attribute value; whole numbers as int, others as float."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL" | "B":
            return value
        case "N":
            return int(value) if value.lstrip("-").isdecimal() else float(value)
        case "NULL":
            return None
        case "M":
            return {name: from_attribute(entry) for name, entry in value.items()}
        case "L":
            return [from_attribute(entry) for entry in value]
        case "SS":
            return frozenset(value)
        case "NS":
            return frozenset(float(number) for number in value)
        case _:
            return frozenset(value)


def to_item(values: Mapping[str, object]) -> dict[str, AttributeValue]:
    """Return a whole item in DynamoDB's form."""
    return {name: to_attribute(value) for name, value in values.items()}


def from_item(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Return a whole item as plain values."""
    return {name: from_attribute(value) for name, value in item.items()}
