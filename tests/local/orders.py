"""What customers of the tests order: a body that the contract takes, and ways to differ from it."""

import secrets
from typing import Any

from tools.local.person import Person, expect


def fresh_number() -> str:
    """Return an Indonesian mobile number that no other test uses, as people write it."""
    return f"0812-{secrets.randbelow(10_000):04d}-{secrets.randbelow(10_000):04d}"


def order(therapist_id: str, **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of the body
    """Return the body of an immediate booking of an hour, but for what differs."""
    return {
        "therapistId": therapist_id,
        "bookingType": "immediate",
        "duration": 60,
        "customerName": "Wayan Sudarma",
        "customerWhatsApp": fresh_number(),
        "location": {"address": "Jalan Raya Ubud 8", "latitude": -8.5069, "longitude": 115.2625},
        **differing,
    }


def booked(customer: Person, therapist_id: str, **differing: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of the body
    """Book, and return the whole answer."""
    return expect(customer.post("/bookings", order(therapist_id, **differing)), 201)
