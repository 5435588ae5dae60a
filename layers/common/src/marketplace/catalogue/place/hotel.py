"""A hotel or villa to which a therapist can be called."""

from typing import Final, final

from marketplace.catalogue.place.location import Point, point_of
from marketplace.platform.record import Record

LISTED: Final = "yes"
INACTIVE: Final = "inactive"
"""The part of the index that admins alone read."""


@final
class Hotel(Record, frozen=True, kw_only=True):
    """A house that guests can name by id instead of an address."""

    hotel_villa_id: str
    name: str
    address: str
    time_zone: str
    latitude: float | None = None
    longitude: float | None = None
    """In degrees (WGS 84), with the latitude or not at all."""
    listed: str | None = LISTED
    version: int = 1

    @property
    def is_active(self) -> bool:
        """Say whether guests can name it."""
        return self.listed != INACTIVE

    @property
    def point(self) -> Point | None:
        """Where it is, if that is known."""
        return point_of(self.latitude, self.longitude)
