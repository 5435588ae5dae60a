"""The parts of a therapist that people give, each with its bounds; shared by all bodies that have them."""

import re
from typing import Annotated, Final, final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from marketplace.catalogue.place.location import ServiceArea
from marketplace.catalogue.place.model import Latitude, Longitude
from marketplace.catalogue.therapist.model import InstantConfirm, PaymentMethod
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Text, WrittenAs, broken_rule

_ZONE: Final = re.compile("[A-Za-z]+(?:/[A-Za-z0-9_+-]+){0,2}")
_OTHER_TABLES: Final = ("posix/", "right/")
"""Copies that some systems keep beside the zones; those of the second count leap seconds."""


def _read_zone(written: str) -> str:
    """Return the name of an IANA time zone unchanged; raises PydanticCustomError for anything else."""
    message = "This must be an IANA time zone such as Asia/Makassar."
    if len(written) > _LONGEST_ZONE or not _ZONE.fullmatch(written) or written.startswith(_OTHER_TABLES):
        raise broken_rule(message)
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise broken_rule(message) from None
    return written


_LONGEST_ZONE: Final = 64
TimeZone = Annotated[
    str, WrittenAs(_read_zone, (("type", "string"), ("pattern", _ZONE.pattern), ("examples", ("Asia/Makassar",))))
]
BufferMinutes = Annotated[int, Field(ge=0, le=120)]
NoticeMinutes = Annotated[int, Field(ge=0, le=10_080)]
HorizonDays = Annotated[int, Field(ge=1, le=365)]
VisitsPerDay = Annotated[int, Field(ge=1, le=96)]
Beds = Annotated[int, Field(ge=1, le=50)]
_BiographyText = Annotated[str, Text(1, 2_000, lines=True)]


@final
class GivenBiography(RequestModel):
    """What therapists say of themselves, by language."""

    en: Omissible[_BiographyText] = None
    id: Omissible[_BiographyText] = None

    def as_domain(self) -> dict[str, str]:
        """Return the texts that there are, by language."""
        return self.model_dump(exclude_none=True)


@final
class GivenServiceArea(RequestModel):
    """The circle in which a therapist visits: its middle in degrees (WGS 84), its radius in kilometres."""

    latitude: Latitude
    longitude: Longitude
    radius_km: Annotated[float, Field(ge=0.1, le=500)]

    def as_domain(self) -> ServiceArea:
        """Return the circle in the domain's words."""
        return ServiceArea(latitude=self.latitude, longitude=self.longitude, radius_km=self.radius_km)


PaymentMethods = Annotated[tuple[Annotated[PaymentMethod, Lax], ...], Field(max_length=4), Lax]


@final
class GivenInstantConfirm(RequestModel):
    """Which scheduled bookings are confirmed at once: how long ahead, and how many on one date."""

    enabled: bool
    notice_minutes: NoticeMinutes
    max_per_day: Annotated[int, Field(ge=1, le=96)]

    def as_domain(self) -> InstantConfirm:
        """Return the wish in the domain's words."""
        return InstantConfirm(enabled=self.enabled, notice_minutes=self.notice_minutes, max_per_day=self.max_per_day)
