"""Visits at times: what customers order (see ``orders``), with times that are free and numbers in E.164."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.local.orders import order
from tools.local.person import Person, expect


def fresh_number() -> str:
    """Return an Indonesian mobile number in E.164 that no other test uses."""
    return f"+62812{secrets.randbelow(10**8):08d}"


def a_visit(therapist_id: str, **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of the body
    """Return the body of an immediate booking, but for what differs; ``...`` leaves a field out."""
    standard = {"customerWhatsApp": fresh_number(), "location": {"address": "Jalan Monkey Forest 5, Ubud"}}
    body = order(therapist_id, **{**standard, **differing})
    return {name: value for name, value in body.items() if value is not ...}


def a_scheduled_visit(therapist_id: str, start: str, **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """Return the body of a booking for a time."""
    return a_visit(therapist_id, bookingType="scheduled", scheduledTime=start, **differing)


def booked(customer: Person, body: dict[str, Any]) -> dict[str, Any]:
    """Book and return the booking."""
    booking: dict[str, Any] = expect(customer.post("/bookings", body), 201)["booking"]
    return booking


def local_day(days_ahead: int, time_zone: str = "Asia/Makassar") -> str:
    """Return the date so many days from now in a zone."""
    return (datetime.now(ZoneInfo(time_zone)) + timedelta(days=days_ahead)).date().isoformat()


def free_starts(anybody: Person, therapist_id: str, *, days_ahead: int = 2, duration: int = 60) -> list[str]:
    """Return the starts that the therapist offers on a day."""
    answer = expect(
        anybody.get(f"/therapists/{therapist_id}/slots", date=local_day(days_ahead), duration=duration), 200
    )
    return [slot["start"] for slot in answer["slots"]]


def instant(written: str) -> datetime:
    """Return an instant as the wire writes it."""
    return datetime.fromisoformat(written).astimezone(UTC)


def written(moment: datetime) -> str:
    """Write an instant as the wire does."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
