"""An offer as a test needs one: change what matters with ``dataclasses.replace``."""

from datetime import UTC, datetime, timedelta
from typing import Final

from marketplace.booking.model import Booking, BookingStatus, BookingType, Source
from marketplace.catalogue.therapist.model import TherapistType

OFFERED: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OFFER: Final = Booking(
    booking_id="b-1",
    therapist_id="t-1",
    therapist_name="Ayu",
    therapist_type=TherapistType.THERAPIST,
    customer_id="c-1",
    customer_name="Wayan",
    customer_whats_app="+628123456789",
    duration=60,
    list_price=250_000,
    price=250_000,
    discount=0,
    commission_rate_bps=3_000,
    status=BookingStatus.PENDING,
    created_at=OFFERED,
    updated_at=OFFERED,
    response_deadline=OFFERED + timedelta(minutes=15),
    booking_type=BookingType.IMMEDIATE,
    source=Source.DIRECT,
    chat_room_id="r-1",
    buffer_minutes=15,
    time_zone="Asia/Makassar",
    offered_at=OFFERED,
)
