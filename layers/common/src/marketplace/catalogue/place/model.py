"""Where something is: the location of a visit, or one that a party shows in a chat."""

from collections.abc import Iterable
from typing import Annotated, Final, final

from pydantic import AfterValidator, Field

from marketplace.catalogue.place.location import Location
from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Address

_PLACES: Final = 7
"""Decimal places that are kept of a degree: about a centimetre."""


def _kept_degrees(given: float) -> float:
    """Return the degrees as they are kept; a zero has no sign."""
    return round(given, _PLACES) + 0.0


Latitude = Annotated[float, Field(ge=-90, le=90), AfterValidator(_kept_degrees)]
Longitude = Annotated[float, Field(ge=-180, le=180), AfterValidator(_kept_degrees)]


@final
class GivenLocation(RequestModel):
    """An address, coordinates in degrees (WGS 84), or both; never half a pair of coordinates."""

    address: Omissible[Address] = None
    latitude: Omissible[Latitude] = None
    longitude: Omissible[Longitude] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for something to go by."""
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            yield missing, "Latitude and longitude belong together."
        elif self.address is None and self.latitude is None:
            yield "", "A location needs an address or both coordinates."

    def as_domain(self) -> Location:
        """Return the location in the domain's words."""
        return Location(address=self.address, latitude=self.latitude, longitude=self.longitude)
