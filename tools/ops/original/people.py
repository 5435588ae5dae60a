"""Therapists and places of the original: an id and a name are enough, the rest has defaults."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marketplace.catalogue.requests import HIGHEST_PRICE
from marketplace.catalogue.therapist.model import DURATIONS, MenuItem, Presence, Therapist, TherapistType
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS, OpeningHours, Window
from marketplace.platform.language import Language
from tools.ops.original.attributes import (
    Document,
    UnfitError,
    amount,
    given_id,
    given_text,
    identifier,
    line,
    meanings,
    nested,
    number,
    one_of,
)

DEFAULT_ZONE: Final = "Asia/Jakarta"
"""The original knew no zones; the marketplace's own day is Jakarta's."""
DEFAULT_HOURS: Final = OpeningHours(weekly={day: (Window(opens="09:00", closes="21:00"),) for day in WEEKDAYS})
DEFAULT_SERVICE: Final = "Massage"
_LONGEST_NAME: Final = 255
_LONGEST_BIOGRAPHY: Final = 2_000
_TYPES: Final = meanings(
    [("therapist member provider", TherapistType.THERAPIST), ("place massageplace spa", TherapistType.PLACE)]
)


def therapist_of(document: Document, now: datetime) -> Therapist:
    """Return the therapist of a document: offline, like whoever is added here.

    Raises:
        UnfitError: it has no id or name, or a part that cannot be kept.
    """
    name = line(given_text(document, "name", "therapistName", "providerName"), _LONGEST_NAME, "name")
    if name is None:
        raise UnfitError(why="name is missing")
    kind = one_of(given_text(document, "therapistType", "providerType", "type"), _TYPES, "therapistType")
    biography = line(
        given_text(document, "biography", "bio", "description"), _LONGEST_BIOGRAPHY, "biography", lines=True
    )
    return Therapist(
        therapist_id=identifier(document, "$id", "therapistId", "providerId", "id"),
        name=name,
        therapist_type=kind or TherapistType.THERAPIST,
        languages=("id",),
        language=Language.INDONESIAN,
        time_zone=_zone(given_text(document, "timeZone", "timezone")),
        opening_hours=DEFAULT_HOURS,
        menu=_menu(document),
        status=Presence.OFFLINE,
        biography={"id": biography} if biography else {},
        whats_app=_number(document),
        updated_at=now,
    )


def _number(document: Document) -> str | None:
    try:
        return number(document, "whatsApp", "whatsappNumber", "phone", "phoneNumber")
    except UnfitError:
        return None  # they give another one themselves


def _zone(named: str | None) -> str:
    if named is None:
        return DEFAULT_ZONE
    try:
        ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnfitError(why="timeZone is no IANA time zone") from None
    return named


def _menu(document: Document) -> tuple[MenuItem, ...]:
    """Return the menu of a document, or one service with its prices by duration; nothing without prices."""
    listed = nested(document, "menu")
    if isinstance(listed, list):
        items = tuple(_item(each, number) for number, each in enumerate(listed, start=1))
        if len({item.service_id for item in items}) < len(items):
            raise UnfitError(why="menu names a service twice")
        return items
    by_duration = nested(document, "prices", "pricing")
    prices = _prices(
        by_duration
        if isinstance(by_duration, dict)
        else {str(minutes): document.get(f"price{minutes}") for minutes in DURATIONS}
    )
    return (MenuItem(service_id="massage", name=DEFAULT_SERVICE, prices=prices),) if prices else ()


def _item(listed: object, number: int) -> MenuItem:
    if not isinstance(listed, dict):
        raise UnfitError(why=f"menu: service {number} is no object")
    name = line(given_text(listed, "name", "serviceName"), _LONGEST_NAME, "menu")
    prices = _prices(nested(listed, "prices", "pricing"))
    if name is None or not prices:
        raise UnfitError(why=f"menu: service {number} needs a name and a price")
    return MenuItem(
        service_id=given_id(listed, f"service-{number}", "serviceId", "$id", "id"), name=name, prices=prices
    )


def _prices(by_duration: object) -> dict[str, int]:
    if not isinstance(by_duration, dict):
        return {}
    found = {str(minutes): amount({"price": by_duration.get(str(minutes))}, "price") for minutes in DURATIONS}
    prices = {minutes: price for minutes, price in found.items() if price is not None}
    if any(not 1 <= price <= HIGHEST_PRICE for price in prices.values()):
        raise UnfitError(why=f"a price must be 1 to {HIGHEST_PRICE:,} rupiah")
    return prices
