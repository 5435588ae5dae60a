"""A hotel or villa to which a therapist can be called."""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hotel:
    """A house that guests can name by id instead of an address."""

    hotel_villa_id: str
    name: str
    address: str
    time_zone: str
    listed: str | None = "yes"
