"""Where a visit is to be."""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the visit is to be: an address, coordinates in degrees, or both."""

    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
