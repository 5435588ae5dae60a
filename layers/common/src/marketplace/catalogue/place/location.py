"""Where a visit is to be, how far that is, and where a therapist goes."""

import math
from typing import Final, final

from msgspec import Struct

from marketplace.platform.record import Record

_EARTH_RADIUS_KM: Final = 6371.0088
"""The mean radius of the Earth (IUGG)."""


@final
class Point(Struct, frozen=True):
    """Coordinates in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def kilometres_to(self, other: "Point") -> float:
        """Return the great-circle distance, by the haversine formula: right to half a percent."""
        one, two = math.radians(self.latitude), math.radians(other.latitude)
        half_north = math.sin((two - one) / 2)
        half_east = math.sin(math.radians(other.longitude - self.longitude) / 2)
        chord = half_north**2 + math.cos(one) * math.cos(two) * half_east**2
        return 2 * _EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


@final
class Location(Record, frozen=True, kw_only=True):
    """Where the visit is to be: an address, coordinates in degrees, or both."""

    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> Point | None:
        """The coordinates, where there are any."""
        return point_of(self.latitude, self.longitude)


@final
class ServiceArea(Record, frozen=True, kw_only=True):
    """A circle in which a therapist visits: its middle in degrees, its radius in kilometres."""

    latitude: float
    longitude: float
    radius_km: float

    @property
    def middle(self) -> Point:
        """The middle of the circle."""
        return Point(self.latitude, self.longitude)

    def covers(self, place: Point) -> bool:
        """Say whether a place lies inside."""
        return self.middle.kilometres_to(place) <= self.radius_km


def point_of(latitude: float | None, longitude: float | None) -> Point | None:
    """Return the coordinates, where both are known."""
    return None if latitude is None or longitude is None else Point(latitude, longitude)
