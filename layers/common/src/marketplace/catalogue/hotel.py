"""A hotel or villa to which a therapist can be called."""

from typing import final

from marketplace.platform.record import Record


@final
class Hotel(Record, frozen=True, kw_only=True):
    """A house that guests can name by id instead of an address."""

    hotel_villa_id: str
    name: str
    address: str
    time_zone: str
    listed: str | None = "yes"
