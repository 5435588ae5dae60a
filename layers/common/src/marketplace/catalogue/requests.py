"""The body with which therapists change their own profile."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Final, final

from pydantic import Field

from marketplace.catalogue.therapist.fields import (
    BufferMinutes,
    GivenBiography,
    GivenInstantConfirm,
    GivenServiceArea,
    HorizonDays,
    NoticeMinutes,
    PaymentMethods,
    VisitsPerDay,
)
from marketplace.catalogue.therapist.model import MenuItem, Presence
from marketplace.catalogue.therapist.opening_hours import DayOverride, Window
from marketplace.identity.phone.numbers import WhatsAppNumber
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Day, Id, PersonName, Text, WallClock
from marketplace.platform.language import Language

# Told to readers here, checked in broken_rules: pydantic would call a list of broken entries empty as well.
_NOT_EMPTY: Final = {"minItems": 1}

HIGHEST_PRICE: Final = 100_000_000
"""Rupiah for one visit."""

LanguageCode = Annotated[str, Text(2, 3, pattern="[a-z]{2,3}", complaint="This must be a code such as id (ISO 639).")]
BankName = Annotated[str, Text(1, 100)]
AccountNumber = Annotated[
    str, Text(4, 34, pattern="[0-9A-Za-z][0-9A-Za-z -]+", complaint="This must be digits and letters.")
]


@final
class GivenWindow(RequestModel):
    """A stretch of one day in the therapist's own time, from ``opens`` until before ``closes`` (``24:00`` at most)."""

    opens: WallClock
    closes: WallClock

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a stretch that begins before it ends; work past midnight goes on in the next day's hours."""
        if self.opens >= self.closes:
            yield "closes", "The hours must end after they begin."


DayHours = Annotated[tuple[GivenWindow, ...], Field(max_length=8), Lax]


def _out_of_order(windows: tuple[GivenWindow, ...]) -> bool:
    return any(earlier.closes > later.opens for earlier, later in pairwise(windows))


@final
class GivenOpeningHours(RequestModel):
    """A whole week; a day that is left out is a day off."""

    monday: DayHours = ()
    tuesday: DayHours = ()
    wednesday: DayHours = ()
    thursday: DayHours = ()
    friday: DayHours = ()
    saturday: DayHours = ()
    sunday: DayHours = ()

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for hours in order and apart."""
        for weekday, windows in self:
            if _out_of_order(windows):
                yield weekday, "The hours of a day must be in order and must not overlap."

    def as_domain(self) -> dict[str, tuple[Window, ...]]:
        """Return the week in the domain's words, days off left out."""
        return {weekday: _as_domain(windows) for weekday, windows in self if windows}


@final
class GivenOverride(RequestModel):
    """A single local date with hours of its own; without any it is a day off."""

    date: Day
    windows: DayHours = ()

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for hours in order and apart."""
        if _out_of_order(self.windows):
            yield "windows", "The hours of a day must be in order and must not overlap."

    def as_domain(self) -> DayOverride:
        """Return the day in the domain's words."""
        return DayOverride(date=self.date.isoformat(), windows=_as_domain(self.windows))


def _as_domain(windows: tuple[GivenWindow, ...]) -> tuple[Window, ...]:
    return tuple(Window(opens=window.opens, closes=window.closes) for window in windows)


Price = Annotated[int, Field(ge=1, le=HIGHEST_PRICE)]


@final
class GivenPrices(RequestModel):
    """Rupiah by duration; a duration without a price is not offered."""

    sixty: Omissible[Price] = Field(default=None, alias="60")
    ninety: Omissible[Price] = Field(default=None, alias="90")
    hundred_twenty: Omissible[Price] = Field(default=None, alias="120")

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for one price at least."""
        if not self.as_domain():
            yield "60", "A service needs a price for one duration at least."

    def as_domain(self) -> dict[str, int]:
        """Return the prices that there are, by minutes as text."""
        return self.model_dump(by_alias=True, exclude_none=True)


@final
class GivenMenuItem(RequestModel):
    """One service of the menu."""

    service_id: Id
    name: PersonName
    prices: GivenPrices

    def as_domain(self) -> MenuItem:
        """Return the service in the domain's words."""
        return MenuItem(service_id=self.service_id, name=self.name, prices=self.prices.as_domain())


@final
class BankDetails(RequestModel):
    """Where customers pay to; kept encrypted and shown masked."""

    bank_name: BankName
    account_number: AccountNumber
    account_holder: PersonName


Languages = Annotated[tuple[LanguageCode, ...], Field(max_length=10, json_schema_extra=_NOT_EMPTY), Lax]
Menu = Annotated[tuple[GivenMenuItem, ...], Field(max_length=50, json_schema_extra=_NOT_EMPTY), Lax]
Overrides = Annotated[tuple[GivenOverride, ...], Field(max_length=400), Lax]


@final
class ProfileChange(RequestModel):
    """The parts of the profile that change; every part given replaces the present one whole.

    Null takes away what need not be there.
    """

    name: Omissible[PersonName] = None
    status: Omissible[Annotated[Presence, Lax]] = None
    language: Omissible[Annotated[Language, Lax]] = None
    languages: Omissible[Languages] = None
    opening_hours: Omissible[GivenOpeningHours] = None
    overrides: Omissible[Overrides] = None
    menu: Omissible[Menu] = None
    bank_details: Omissible[BankDetails] = None
    whats_app: WhatsAppNumber | None = None
    biography: GivenBiography | None = None
    buffer_minutes: Omissible[BufferMinutes] = None
    buffer_before_minutes: Omissible[BufferMinutes] = None
    notice_minutes: Omissible[NoticeMinutes] = None
    horizon_days: Omissible[HorizonDays] = None
    visits_per_day: VisitsPerDay | None = None
    service_area: GivenServiceArea | None = None
    instant_confirm: GivenInstantConfirm | None = None
    payment_methods: Omissible[PaymentMethods] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Ask for a change, and for lists that name nothing twice."""
        if not self.model_fields_set:
            yield "", "Give at least one field to change."
        yield from broken_lists(languages=self.languages, overrides=self.overrides, menu=self.menu)
        if self.payment_methods and len(set(self.payment_methods)) < len(self.payment_methods):
            yield "paymentMethods", "A way to pay is named twice."


def broken_lists(
    *,
    languages: tuple[str, ...] | None,
    overrides: tuple[GivenOverride, ...] | None,
    menu: tuple[GivenMenuItem, ...] | None,
) -> Iterable[tuple[str, str]]:
    """Yield the rules that lists of a profile break: none may name anything twice, and some not be empty."""
    for name, given in (("languages", languages), ("menu", menu)):
        if given == ():
            yield name, "This must have at least one entry."
    if languages and len(set(languages)) < len(languages):
        yield "languages", "A language is named twice."
    if overrides and len({override.date for override in overrides}) < len(overrides):
        yield "overrides", "A date is named twice."
    if menu and len({item.service_id for item in menu}) < len(menu):
        yield "menu", "A service is named twice."
