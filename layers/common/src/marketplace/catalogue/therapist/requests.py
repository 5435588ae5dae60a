"""The bodies with which admins add therapists and places, change, invite and suspend them."""

from collections.abc import Iterable
from typing import Annotated, Any, final

from marketplace.catalogue.requests import (
    GivenOpeningHours,
    Languages,
    Menu,
    Overrides,
    broken_lists,
)
from marketplace.catalogue.therapist.fields import (
    Beds,
    BufferMinutes,
    GivenBiography,
    GivenServiceArea,
    HorizonDays,
    NoticeMinutes,
    TimeZone,
    VisitsPerDay,
)
from marketplace.catalogue.therapist.model import Presence, Therapist, TherapistType
from marketplace.catalogue.therapist.opening_hours import OpeningHours
from marketplace.identity.phone.numbers import WhatsAppNumber
from marketplace.identity.staff.requests import Email, Slug
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import PersonName, Reason
from marketplace.platform.language import Language

_ONLY_PLACES = "Only a place has several beds."


@final
class NewTherapist(RequestModel):
    """A therapist or place that joins the marketplace; offline at first."""

    therapist_id: Omissible[Slug] = None
    """Also the user name of the sign-in; derived from the name if left out."""
    name: PersonName
    type: Annotated[TherapistType, Lax]
    time_zone: TimeZone
    languages: Languages
    language: Annotated[Language, Lax] = Language.INDONESIAN
    """In which the system speaks to them."""
    menu: Menu
    opening_hours: GivenOpeningHours
    overrides: Overrides = ()
    buffer_minutes: BufferMinutes = 15
    buffer_before_minutes: BufferMinutes = 0
    notice_minutes: NoticeMinutes = 60
    horizon_days: HorizonDays = 30
    visits_per_day: Omissible[VisitsPerDay] = None
    beds: Beds = 1
    service_area: Omissible[GivenServiceArea] = None
    biography: Omissible[GivenBiography] = None
    whats_app: Omissible[WhatsAppNumber] = None
    email: Omissible[Email] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for lists that name nothing twice, and for several beds in places alone."""
        yield from broken_lists(languages=self.languages, overrides=self.overrides, menu=self.menu)
        if self.beds > 1 and self.type is not TherapistType.PLACE:
            yield "beds", _ONLY_PLACES

    def as_domain(self, therapist_id: str) -> Therapist:
        """Return the therapist under that id."""
        return Therapist(
            therapist_id=therapist_id,
            name=self.name,
            therapist_type=self.type,
            languages=self.languages,
            language=self.language,
            time_zone=self.time_zone,
            opening_hours=OpeningHours(
                weekly=self.opening_hours.as_domain(),
                overrides=tuple(override.as_domain() for override in self.overrides),
            ),
            menu=tuple(item.as_domain() for item in self.menu),
            status=Presence.OFFLINE,
            buffer_minutes=self.buffer_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            notice_minutes=self.notice_minutes,
            horizon_days=self.horizon_days,
            visits_per_day=self.visits_per_day,
            beds=self.beds,
            service_area=self.service_area.as_domain() if self.service_area else None,
            biography=self.biography.as_domain() if self.biography else {},
            whats_app=self.whats_app,
            email=self.email,
        )


@final
class TherapistChange(RequestModel):
    """The parts of a therapist that an admin changes; every part given replaces the present one whole.

    Null takes away what need not be there.
    """

    name: Omissible[PersonName] = None
    type: Omissible[Annotated[TherapistType, Lax]] = None
    time_zone: Omissible[TimeZone] = None
    language: Omissible[Annotated[Language, Lax]] = None
    languages: Omissible[Languages] = None
    menu: Omissible[Menu] = None
    opening_hours: Omissible[GivenOpeningHours] = None
    overrides: Omissible[Overrides] = None
    buffer_minutes: Omissible[BufferMinutes] = None
    buffer_before_minutes: Omissible[BufferMinutes] = None
    notice_minutes: Omissible[NoticeMinutes] = None
    horizon_days: Omissible[HorizonDays] = None
    visits_per_day: VisitsPerDay | None = None
    beds: Omissible[Beds] = None
    service_area: GivenServiceArea | None = None
    biography: GivenBiography | None = None
    whats_app: WhatsAppNumber | None = None
    email: Email | None = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change, and for lists that name nothing twice."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."
        yield from broken_lists(languages=self.languages, overrides=self.overrides, menu=self.menu)

    def given(self) -> dict[str, Any]:
        """Return the parts that were given, by the domain's names."""
        return {{"type": "therapist_type"}.get(name, name): getattr(self, name) for name in self.model_fields_set}


@final
class InviteTherapist(RequestModel):
    """Where the temporary password is mailed to."""

    email: Email


@final
class SuspendTherapist(RequestModel):
    """Why somebody is kept from new bookings."""

    reason: Reason
