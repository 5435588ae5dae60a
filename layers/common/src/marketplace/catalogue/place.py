"""Where something is: the location of a visit, or one that a party shows in a chat."""

from collections.abc import Iterable
from typing import Annotated, final

from pydantic import Field

from marketplace.booking.model import Location
from marketplace.platform.api.request_model import Omissible, Request
from marketplace.platform.api.text import Address

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


@final
class GivenLocation(Request):
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
