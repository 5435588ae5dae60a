"""A therapist or massage place: who they are, what they offer at which price, and when they can come."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, final
from zoneinfo import ZoneInfo

from msgspec import field

from marketplace.catalogue.place.location import Point, ServiceArea
from marketplace.catalogue.therapist.opening_hours import OpeningHours, is_on_grid
from marketplace.platform.caller import SYSTEM, Role
from marketplace.platform.clock import Instant
from marketplace.platform.language import Language
from marketplace.platform.market import MARKET_ZONE
from marketplace.platform.record import Record
from marketplace.platform.refusals import TherapistUnavailable, ValidationFailed

DURATIONS: Final = (60, 90, 120)
LONGEST_BUFFER: Final = timedelta(hours=2)
LISTED: Final = "yes"
UNLISTED: Final = "suspended"
"""The part of the index that admins alone read."""


class TherapistType(StrEnum):
    """A single therapist, or a place with several."""

    THERAPIST = "therapist"
    PLACE = "place"


class Presence(StrEnum):
    """What a therapist says of themselves; only they change it."""

    ONLINE = "online"
    BUSY = "busy"
    OFFLINE = "offline"


@final
class MenuItem(Record, frozen=True, kw_only=True):
    """One service and its price in rupiah by duration in minutes (as text: ``{"60": 250000}``)."""

    service_id: str
    name: str
    prices: Mapping[str, int]


class PaymentMethod(StrEnum):
    """How customers may pay a therapist."""

    CASH = "cash"
    TRANSFER = "transfer"
    QRIS = "qris"
    CARD = "card"


@final
class InstantConfirm(Record, frozen=True, kw_only=True):
    """Which scheduled bookings are confirmed at once, without the therapist's answer."""

    enabled: bool
    notice_minutes: int
    """How long ahead they must be."""
    max_per_day: int
    """How many of them may begin on one local date."""


@final
class HeldPaper(Record, frozen=True, kw_only=True):
    """An approved paper: which one, and the last date on which it holds."""

    document_id: str
    expires_on: str


@final
class Therapist(Record, frozen=True, kw_only=True):
    """The therapist as the marketplace knows them."""

    therapist_id: str
    name: str
    therapist_type: TherapistType
    languages: tuple[str, ...]
    language: Language
    time_zone: str
    opening_hours: OpeningHours
    menu: tuple[MenuItem, ...]
    status: Presence
    buffer_minutes: int = 15
    buffer_before_minutes: int = 0
    """Kept free before each scheduled visit."""
    notice_minutes: int = 60
    horizon_days: int = 30
    visits_per_day: int | None = None
    """How many visits may begin on one local date; None for as many as fit."""
    beds: int = 1
    """How many visits a place can hold at once."""
    service_area: ServiceArea | None = None
    biography: Mapping[str, str] = field(default_factory=dict)
    """What they say of themselves, by language."""
    payment_methods: tuple[PaymentMethod, ...] = ()
    instant_confirm: InstantConfirm | None = None
    photo_url: str | None = None
    """Where everybody gets the photo."""
    verified_until: str | None = None
    """The local date on which the first of the approved papers expires."""
    papers: Mapping[str, HeldPaper] = field(default_factory=dict)
    """The approved papers that count, by their kind."""
    overdue_debts: Mapping[str, Instant] = field(default_factory=dict)
    """Since when each of their commissions that is overdue has been due, by its booking."""
    rating_sum: int = 0
    rating_count: int = 0
    """Over the reviews of customers that are shown."""
    email: str | None = None
    """For the marketplace to write to; nobody else sees it."""
    suspended_at: Instant | None = None
    """Since when an admin has kept them from new bookings."""
    suspended_because: str | None = None
    encrypted_bank_details: str | None = None
    masked_bank_details: Mapping[str, str] | None = None
    whats_app: str | None = None
    """E.164; shown to the customers of confirmed bookings alone, never in the catalogue."""
    last_seen_at: Instant | None = None
    listed: str | None = LISTED
    """In which part of the index they are; None for those who are in none."""
    version: int = 1
    is_test: bool = False
    updated_at: Instant | None = None
    """When somebody last changed it; none of one that was loaded, and that nobody has changed since."""
    actor_id: str = SYSTEM.user_id
    actor_role: Role = Role.SYSTEM

    @property
    def zone(self) -> ZoneInfo:
        """The therapist's own time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def buffer(self) -> timedelta:
        """The rest and travel time after each visit."""
        return timedelta(minutes=self.buffer_minutes)

    @property
    def shortest_duration(self) -> int | None:
        """The shortest visit of the menu in minutes; None of an empty one."""
        return min((int(minutes) for item in self.menu for minutes in item.prices), default=None)

    @property
    def buffer_before(self) -> timedelta:
        """The travel time before each scheduled visit."""
        return timedelta(minutes=self.buffer_before_minutes)

    @property
    def is_suspended(self) -> bool:
        """Say whether an admin keeps them from new bookings."""
        return self.suspended_at is not None

    def check_takes_bookings(self) -> None:
        """Refuse whatever is asked of a therapist who is suspended."""
        if self.is_suspended:
            raise TherapistUnavailable

    def has_papers(self, required: Iterable[str], now: datetime) -> bool:
        """Say whether an approved paper of each required kind holds today, by the marketplace's calendar."""
        today = now.astimezone(MARKET_ZONE).date().isoformat()
        return all(kind in self.papers and today <= self.papers[kind].expires_on for kind in required)

    def owes_for(self, days: int, now: datetime) -> bool:
        """Say whether a commission of theirs is overdue, and has been due for so many days."""
        since = min(self.overdue_debts.values(), default=None)
        return since is not None and now >= since + timedelta(days=days)

    def check_comes_to(self, place: Point | None) -> None:
        """Refuse a visit outside the service area; one without coordinates is not checked."""
        if place is not None and self.service_area is not None and not self.service_area.covers(place):
            raise TherapistUnavailable

    def distance_to(self, place: Point | None) -> int | None:
        """Return the whole kilometres from the middle of the service area, where both are known."""
        if place is None or self.service_area is None:
            return None
        return round(self.service_area.middle.kilometres_to(place))

    def price_of(self, duration: int, service_id: str | None) -> int:
        """Return the list price in rupiah; without a service the first that has that duration counts.

        Raises:
            ValidationFailed: the menu has no such service or no price for that duration.
        """
        item = self._menu_item(duration, service_id)
        price = item.prices.get(str(duration)) if item else None
        if price is None:
            path = "serviceId" if item is None and service_id is not None else "duration"
            raise ValidationFailed.at(path, "The therapist's menu does not offer this.")
        return price

    def service_name(self, duration: int, service_id: str | None) -> str | None:
        """Return the name of the service that a booking without or with an id means."""
        item = self._menu_item(duration, service_id)
        return item.name if item else None

    def offers(self, duration: int) -> bool:
        """Say whether anything of the menu can be had for that duration."""
        return self._menu_item(duration, None) is not None

    def check_can_start_now(self) -> None:
        """Refuse an immediate booking unless the therapist is online, whatever the hour."""
        self.check_takes_bookings()
        if self.status is not Presence.ONLINE:
            raise TherapistUnavailable

    def check_can_start_at(self, start: datetime, duration: int, now: datetime) -> None:
        """Refuse a start that :meth:`starts_on` would not list, saying which rule it breaks."""
        self.check_takes_bookings()
        problem = self._problem_with_start(start, duration, now)
        if problem:
            raise ValidationFailed.at("scheduledTime", problem)  # noqa: EM101 - a path, no message

    def starts_on(self, day: date, duration: int, now: datetime) -> Iterator[datetime]:
        """Yield the starts of a local date that keep every rule, free or not, earliest first."""
        if not (self.offers(duration) and self._plans(day, now)):
            return
        for start in self.opening_hours.starts_on(day, self.zone, timedelta(minutes=duration)):
            if self._problem_with_reach(start, now) is None:
                yield start

    def _plans(self, day: date, now: datetime) -> bool:
        """Say whether a local date can hold any start between now and the horizon."""
        first = now.astimezone(self.zone).date()
        last = (now + timedelta(days=self.horizon_days)).astimezone(self.zone).date()
        return first <= day <= last

    def _problem_with_start(self, start: datetime, duration: int, now: datetime) -> str | None:
        if not is_on_grid(start):
            return "The start must be on the 15-minute grid."
        problem = self._problem_with_reach(start, now)
        if problem:
            return problem
        if not self.opening_hours.covers(start, start + timedelta(minutes=duration), self.zone):
            return "The visit does not lie inside the opening hours."
        return None

    def _problem_with_reach(self, start: datetime, now: datetime) -> str | None:
        if start <= now:
            return "The start is in the past."
        if start < now + timedelta(minutes=self.notice_minutes):
            return "The start is sooner than the therapist's notice allows."
        if start > now + timedelta(days=self.horizon_days):
            return "The start is further ahead than the therapist plans."
        return None

    def _menu_item(self, duration: int, service_id: str | None) -> MenuItem | None:
        if service_id is None:
            return next((item for item in self.menu if str(duration) in item.prices), None)
        return next((item for item in self.menu if item.service_id == service_id), None)
