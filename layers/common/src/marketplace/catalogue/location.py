"""Where a visit is to be."""

from typing import final

from marketplace.platform.record import Record


@final
class Location(Record, frozen=True, kw_only=True):
    """Where the visit is to be: an address, coordinates in degrees, or both."""

    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
