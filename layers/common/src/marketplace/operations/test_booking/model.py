"""A test booking: a whole booking played by a therapist and a customer who are made for it and vanish with it.

Everything that it needs follows from the booking's id, so that whoever finds a half-played one knows what belongs
to it. Each has a therapist of its own, so that any number of them run side by side without meeting in a calendar.
"""

import hashlib
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, final

from marketplace.booking.model import BookingType, Source
from marketplace.booking.opening import Order, VisitRequest
from marketplace.catalogue.place.location import Location
from marketplace.catalogue.therapist.model import MenuItem, Presence, Therapist, TherapistType
from marketplace.catalogue.therapist.opening_hours import DAY_END, WEEKDAYS, OpeningHours, Window
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.language import Language
from marketplace.platform.record import Record

KEPT_FOR: Final = timedelta(minutes=7)
"""A minutely sweep removes them after this, so they are gone within ten minutes."""

_DURATION: Final = 60
_ALWAYS: Final = OpeningHours(weekly={day: (Window(opens="00:00", closes=DAY_END),) for day in WEEKDAYS})
_SERVICE: Final = MenuItem(service_id="test", name="Test massage", prices={str(_DURATION): 250_000})
_NUMBER_PREFIX: Final = "+62800"
"""Toll-free numbers of Indonesia, on which nobody has WhatsApp (ITU-T E.164, national numbering plan +62)."""


class TestBookingKind(StrEnum):
    """The way of booking that is tried."""

    IMMEDIATE = "immediate"
    SCHEDULED = "scheduled"
    CHAT = "chat"


@final
class TestBookingRun(Record, frozen=True, kw_only=True):
    """One test booking."""

    booking_id: str
    kind: TestBookingKind
    started_at: Instant

    @property
    def therapist_caller(self) -> Caller:
        """Who plays the therapist."""
        return Caller(user_id=f"t-test-{self._suffix}", role=Role.THERAPIST)

    @property
    def customer(self) -> Caller:
        """Who plays the customer."""
        return Caller(user_id=f"c-test-{self._suffix}", role=Role.CUSTOMER)

    @property
    def whats_app(self) -> str:
        """A number that is the run's own and nobody else's."""
        digest = hashlib.sha256(self.booking_id.encode()).digest()
        return f"{_NUMBER_PREFIX}{int.from_bytes(digest[:8]) % 10**9:09d}"

    def therapist(self) -> Therapist:
        """Return the therapist: online at every hour, in no catalogue."""
        return Therapist(
            therapist_id=self.therapist_caller.user_id,
            name="Test therapist",
            therapist_type=TherapistType.THERAPIST,
            languages=("en",),
            language=Language.ENGLISH,
            time_zone="Asia/Jakarta",
            opening_hours=_ALWAYS,
            menu=(_SERVICE,),
            status=Presence.ONLINE,
            buffer_minutes=0,
            notice_minutes=0,
            listed=None,
            is_test=True,
        )

    def order(self) -> Order:
        """Return what the customer orders: now, for tomorrow noon, or out of the chat window."""
        scheduled = self.kind is TestBookingKind.SCHEDULED
        in_chat = self.kind is TestBookingKind.CHAT
        return Order(
            wanted=VisitRequest(
                therapist_id=self.therapist_caller.user_id,
                duration=_DURATION,
                booking_type=BookingType.SCHEDULED if scheduled else BookingType.IMMEDIATE,
                scheduled_time=self._tomorrow_noon() if scheduled else None,
            ),
            customer_name="Test customer",
            customer_whats_app=self.whats_app,
            location=Location(address="Test address"),
            source=Source.CHAT_WINDOW if in_chat else Source.SCHEDULED if scheduled else Source.BOOKING_BUTTON,
            chat_window_open=in_chat,
            confirm_other_pending=True,
        )

    def is_over(self, now: datetime, booked_at: datetime | None = None) -> bool:
        """Say whether it has been visible for long enough, by its own start or that of its booking."""
        return now - min(self.started_at, booked_at or self.started_at) >= KEPT_FOR

    @property
    def _suffix(self) -> str:
        return self.booking_id.removeprefix("b-")

    def _tomorrow_noon(self) -> datetime:
        zone = self.therapist().zone
        tomorrow = self.started_at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(12), tzinfo=zone).astimezone(self.started_at.tzinfo)
