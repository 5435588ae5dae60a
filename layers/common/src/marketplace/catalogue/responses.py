"""What is said of the catalogue: therapists, hotels, free times, and places."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict, cast

from marketplace.catalogue.discount.model import DiscountCode, DiscountKind, FundedBy
from marketplace.catalogue.document.model import Paper, PaperKind, PaperStatus
from marketplace.catalogue.place.hotel import Hotel
from marketplace.catalogue.place.location import Point
from marketplace.catalogue.therapist.model import PaymentMethod, Presence, Therapist, TherapistType
from marketplace.catalogue.therapist.opening_hours import WEEKDAYS, OpeningHours, Window
from marketplace.platform.api.responses import Day, Time
from marketplace.platform.clock import format_utc, format_utc_or_none
from marketplace.platform.language import Language


class LocationView(TypedDict):
    """Where the visit is to be; all null where the reader may not see it yet."""

    address: str | None
    latitude: float | None
    longitude: float | None


class WindowView(TypedDict):
    """A stretch of one day, in the therapist's own time: ``09:00`` to ``21:00``, ``24:00`` at the latest."""

    opens: str
    closes: str


class OpeningHoursView(TypedDict):
    """A week; a day without windows is a day off."""

    monday: list[WindowView]
    tuesday: list[WindowView]
    wednesday: list[WindowView]
    thursday: list[WindowView]
    friday: list[WindowView]
    saturday: list[WindowView]
    sunday: list[WindowView]


class DayOverrideView(TypedDict):
    """A single local date with hours of its own; without windows it is a day off."""

    date: Day
    """``YYYY-MM-DD`` in the therapist's own time zone."""
    windows: list[WindowView]


class MenuItemView(TypedDict):
    """A service and its prices."""

    serviceId: str
    name: str
    prices: dict[str, int]
    """Rupiah by minutes: ``{"60": 250000, "90": 350000, "120": 450000}``."""


class BiographyView(TypedDict):
    """What therapists say of themselves, by language."""

    en: str | None
    id: str | None


class ServiceAreaView(TypedDict):
    """The circle in which a therapist visits: its middle in degrees (WGS 84), its radius in kilometres."""

    latitude: float
    longitude: float
    radiusKm: float


class InstantConfirmView(TypedDict):
    """Which scheduled bookings are confirmed at once."""

    enabled: bool
    noticeMinutes: int
    maxPerDay: int


class RatingView(TypedDict):
    """What customers' reviews come to."""

    average: float
    """1 to 5, to a hundredth."""
    count: int


class TherapistView(TypedDict):
    """A therapist or place of the catalogue; never with number, bank details or income."""

    therapistId: str
    name: str
    type: TherapistType
    languages: list[str]
    timeZone: str
    """An IANA zone; opening hours and slot dates are meant in it."""
    openingHours: OpeningHoursView
    menu: list[MenuItemView]
    status: Presence
    biography: BiographyView | None
    serviceArea: ServiceAreaView | None
    paymentMethods: list[PaymentMethod]
    photoUrl: str | None
    rating: RatingView | None
    """Null as long as there is no review."""
    verifiedUntil: Day | None
    """Until when the approved papers hold; null without."""


class ListedTherapist(TherapistView):
    """A therapist in the catalogue, with when they could come."""

    distanceKm: float | None
    """From the place that was given to the middle of the service area."""
    availableNow: bool
    """Whether an immediate booking of the shortest duration would be taken."""
    freeFrom: Time | None
    """From when one would be, within the therapist's day; null if not at all."""


class MaskedBankDetails(TypedDict):
    """Bank details with all but the last digits of the number hidden."""

    bankName: str
    accountNumber: str
    accountHolder: str


class Profile(TherapistView):
    """A therapist's own profile."""

    overrides: list[DayOverrideView]
    language: Language
    """In which the system speaks to the therapist."""
    bankDetails: MaskedBankDetails | None
    whatsApp: str | None
    """E.164; customers of confirmed bookings get a link to it."""
    bufferMinutes: int
    """Kept free after each visit."""
    noticeMinutes: int
    """How long ahead a visit must be booked."""
    horizonDays: int
    """How far ahead a visit can be booked."""
    bufferBeforeMinutes: int
    """Kept free before each scheduled visit."""
    visitsPerDay: int | None
    """How many visits may begin on one local date; null for as many as fit."""
    beds: int
    """How many visits a place can hold at once."""
    instantConfirm: InstantConfirmView | None
    email: str | None
    suspendedAt: Time | None
    """Since when there are no new bookings, by an admin's word."""
    suspendedBecause: str | None
    version: int


class Invitation(TypedDict):
    """A sign-in that was handed out; a temporary password is on its way."""

    userId: str
    email: str
    invitedAt: Time


class Slot(TypedDict):
    """A start that can be booked, and the end of that visit without its buffer."""

    start: Time
    end: Time


class DaySlots(TypedDict):
    """The free starts of one local date."""

    date: Day
    slots: list[Slot]


class Slots(DaySlots):
    """The free starts of one local date, or of some: then ``date`` and ``slots`` are those of the first."""

    therapistId: str
    duration: int
    timeZone: str
    days: list[DaySlots]
    """Each date that was asked for."""


class PaperView(TypedDict):
    """A paper of a therapist."""

    documentId: str
    therapistId: str
    kind: PaperKind
    number: str
    expiresOn: Day
    """The last date on which it holds."""
    status: PaperStatus
    createdAt: Time
    submittedAt: Time | None
    decidedAt: Time | None
    reason: str | None
    """Why it was rejected."""


def document_view(paper: Paper, today: date) -> PaperView:
    """Return a paper as it stands on a date."""
    seen = paper.as_of(today)
    return {
        "documentId": seen.document_id,
        "therapistId": seen.therapist_id,
        "kind": seen.kind,
        "number": seen.number,
        "expiresOn": seen.expires_on,
        "status": seen.status,
        "createdAt": format_utc(seen.created_at),
        "submittedAt": format_utc_or_none(seen.submitted_at),
        "decidedAt": format_utc_or_none(seen.decided_at),
        "reason": seen.reason,
    }


class HotelView(TypedDict):
    """A hotel or villa to which a therapist can be called."""

    hotelVillaId: str
    name: str
    address: str
    timeZone: str
    latitude: float | None
    longitude: float | None
    """In degrees (WGS 84); null where they are not known."""


class AdminHotel(HotelView):
    """A hotel or villa as admins see it."""

    active: bool
    """Whether guests can name it."""


class ShownDiscountCode(TypedDict):
    """A discount code as admins see it."""

    discountCode: str
    kind: DiscountKind
    value: int
    """Basis points or rupiah, by its kind."""
    used: int
    """Bookings that hold a use of it."""
    maxUses: int | None
    maxUsesPerCustomer: int | None
    validFrom: Time | None
    validUntil: Time | None
    fundedBy: FundedBy
    """Who bears it: the therapist by a lower price, or the marketplace out of its commission."""
    active: bool


def therapist_view(therapist: Therapist) -> TherapistView:
    """Return a therapist as anybody may see them: no number, no bank details, no income."""
    return {
        "therapistId": therapist.therapist_id,
        "name": therapist.name,
        "type": therapist.therapist_type,
        "languages": list(therapist.languages),
        "timeZone": therapist.time_zone,
        "status": therapist.status,
        "menu": [
            {"serviceId": item.service_id, "name": item.name, "prices": dict(item.prices)} for item in therapist.menu
        ],
        "openingHours": opening_hours_view(therapist.opening_hours),
        "biography": biography_view(therapist),
        "serviceArea": service_area_view(therapist),
        "paymentMethods": list(therapist.payment_methods),
        "photoUrl": therapist.photo_url,
        "rating": {
            "average": round(therapist.rating_sum / therapist.rating_count, 2),
            "count": therapist.rating_count,
        }
        if therapist.rating_count
        else None,
        "verifiedUntil": therapist.verified_until,
    }


def listed_therapist_view(
    therapist: Therapist, *, near: Point | None, free_from: datetime | None, now: datetime
) -> ListedTherapist:
    """Return a therapist of the catalogue, with how far away they are and when they could come."""
    area = therapist.service_area
    return {
        **therapist_view(therapist),
        "distanceKm": None if near is None or area is None else round(area.middle.kilometres_to(near), 1),
        "availableNow": free_from == now,
        "freeFrom": format_utc_or_none(free_from),
    }


def biography_view(therapist: Therapist) -> BiographyView | None:
    """Return what a therapist says of themselves; null where they have said nothing."""
    said = therapist.biography
    return {"en": said.get("en"), "id": said.get("id")} if said else None


def service_area_view(therapist: Therapist) -> ServiceAreaView | None:
    """Return where a therapist visits; null where that is not bounded."""
    area = therapist.service_area
    return area and {"latitude": area.latitude, "longitude": area.longitude, "radiusKm": area.radius_km}


def profile_view(therapist: Therapist) -> Profile:
    """Return a therapist as they see themselves; of the bank details only what may be shown."""
    shown, instant = therapist.masked_bank_details, therapist.instant_confirm
    return {
        **therapist_view(therapist),
        "overrides": overrides_view(therapist.opening_hours),
        "language": therapist.language,
        "bankDetails": None
        if shown is None
        else {
            "bankName": shown["bankName"],
            "accountNumber": shown["accountNumber"],
            "accountHolder": shown["accountHolder"],
        },
        "whatsApp": therapist.whats_app,
        "bufferMinutes": therapist.buffer_minutes,
        "noticeMinutes": therapist.notice_minutes,
        "horizonDays": therapist.horizon_days,
        "bufferBeforeMinutes": therapist.buffer_before_minutes,
        "visitsPerDay": therapist.visits_per_day,
        "beds": therapist.beds,
        "instantConfirm": instant
        and {
            "enabled": instant.enabled,
            "noticeMinutes": instant.notice_minutes,
            "maxPerDay": instant.max_per_day,
        },
        "email": therapist.email,
        "suspendedAt": format_utc_or_none(therapist.suspended_at),
        "suspendedBecause": therapist.suspended_because,
        "version": therapist.version,
    }


def opening_hours_view(hours: OpeningHours) -> OpeningHoursView:
    """Return the week in the therapist's wall-clock time."""
    week = {day: _windows(hours.weekly.get(day, ())) for day in WEEKDAYS}
    return cast("OpeningHoursView", week)


def overrides_view(hours: OpeningHours) -> list[DayOverrideView]:
    """Return the dates that differ from the week."""
    return [{"date": override.date, "windows": _windows(override.windows)} for override in hours.overrides]


def _windows(windows: Iterable[Window]) -> list[WindowView]:
    return [{"opens": window.opens, "closes": window.closes} for window in windows]


def hotel_view(hotel: Hotel) -> HotelView:
    """Return a hotel or villa."""
    return {
        "hotelVillaId": hotel.hotel_villa_id,
        "name": hotel.name,
        "address": hotel.address,
        "timeZone": hotel.time_zone,
        "latitude": hotel.latitude,
        "longitude": hotel.longitude,
    }


def admin_hotel_view(hotel: Hotel) -> AdminHotel:
    """Return a hotel or villa as admins see it."""
    return {**hotel_view(hotel), "active": hotel.is_active}


def discount_code_view(code: DiscountCode) -> ShownDiscountCode:
    """Return a discount code."""
    return {
        "discountCode": code.discount_code,
        "kind": code.kind,
        "value": code.value,
        "used": code.used,
        "maxUses": code.max_uses,
        "maxUsesPerCustomer": code.max_uses_per_customer,
        "validFrom": format_utc_or_none(code.valid_from),
        "validUntil": format_utc_or_none(code.valid_until),
        "fundedBy": code.funded_by,
        "active": code.active,
    }
