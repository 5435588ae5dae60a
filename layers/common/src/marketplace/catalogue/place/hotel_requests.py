"""The bodies with which admins add hotels and villas and change them."""

from collections.abc import Iterable
from typing import Any, final

from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.place.model import Latitude, Longitude
from marketplace.catalogue.therapist.fields import TimeZone
from marketplace.identity.staff.requests import Slug
from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Address, PersonName


@final
class NewHotel(RequestModel):
    """A hotel or villa that guests can name from now on."""

    hotel_villa_id: Omissible[Slug] = None
    """Derived from the name if left out."""
    name: PersonName
    address: Address
    time_zone: TimeZone
    latitude: Omissible[Latitude] = None
    longitude: Omissible[Longitude] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for both coordinates or none."""
        if (self.latitude is None) != (self.longitude is None):
            yield "latitude" if self.latitude is None else "longitude", "Latitude and longitude belong together."

    def as_domain(self, hotel_villa_id: str) -> Hotel:
        """Return the hotel under that id."""
        return Hotel(
            hotel_villa_id=hotel_villa_id,
            name=self.name,
            address=self.address,
            time_zone=self.time_zone,
            latitude=self.latitude,
            longitude=self.longitude,
        )


@final
class HotelChange(RequestModel):
    """The parts of a hotel or villa that change; null takes the coordinates away."""

    name: Omissible[PersonName] = None
    address: Omissible[Address] = None
    time_zone: Omissible[TimeZone] = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    active: Omissible[bool] = None
    """An inactive one can be named by no new booking."""

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change, and for both coordinates together."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."
        places = self.model_fields_set & {"latitude", "longitude"}
        if len(places) == 1 or (self.latitude is None) != (self.longitude is None):
            yield "longitude" if "latitude" in places else "latitude", "Latitude and longitude belong together."

    def given(self) -> dict[str, Any]:
        """Return the parts that were given but for ``active``, by the domain's names."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "active"}
