"""The body that creates a booking (contract, section 4)."""

from collections.abc import Iterable
from typing import Annotated, Literal, final

from marketplace.booking.model import BookingType, Source
from marketplace.catalogue.place.model import GivenLocation
from marketplace.identity.phone.numbers import HOME_REGION, PhoneRegion, WhatsAppNumber
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Code, Id, Instant, PersonName, RoomNumber, SealedToken


@final
class NewBooking(RequestModel):
    """A customer's request for one visit. Price, rate, names and times of the answer are the server's."""

    therapist_id: Id
    booking_type: Annotated[BookingType, Lax]
    duration: Literal[60, 90, 120]
    customer_name: PersonName
    phone_region: PhoneRegion = HOME_REGION
    customer_whats_app: WhatsAppNumber
    location: Omissible[GivenLocation] = None
    hotel_villa_id: Omissible[Id] = None
    room_number: Omissible[RoomNumber] = None
    scheduled_time: Omissible[Instant] = None
    service_id: Omissible[Id] = None
    discount_code: Omissible[Code] = None
    quote_token: Omissible[SealedToken] = None
    source: Omissible[Annotated[Source, Lax]] = None
    chat_window_open: bool = False
    confirm_other_pending: bool = False
    consent_version: Omissible[Code] = None
    """Which text on the use of personal data the customer has agreed to, by the name that their client gives it."""

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Check the time against the type, and that exactly one place is named."""
        if self.booking_type is BookingType.SCHEDULED and self.scheduled_time is None:
            yield "scheduledTime", "A scheduled booking needs its time."
        if self.booking_type is BookingType.IMMEDIATE and self.scheduled_time is not None:
            yield "scheduledTime", "Only a scheduled booking has a time."
        if self.location is not None:
            if self.hotel_villa_id is not None:
                yield "hotelVillaId", "Give a location or a hotel with its room, not both."
            if self.room_number is not None:
                yield "roomNumber", "A room number belongs to a hotel, not to a location."
        elif self.hotel_villa_id is None and self.room_number is None:
            yield "location", "Give a location, or a hotel with its room number."
        elif self.room_number is None:
            yield "roomNumber", "A hotel needs the room number."
        elif self.hotel_villa_id is None:
            yield "hotelVillaId", "A room number needs its hotel."
