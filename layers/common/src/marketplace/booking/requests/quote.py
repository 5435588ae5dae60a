"""The body that asks for a price."""

from collections.abc import Iterable
from typing import Annotated, Literal, final

from marketplace.booking.model import BookingType
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Code, Id, Instant


@final
class QuoteRequest(RequestModel):
    """What the price is wanted for; a scheduled visit may be priced before its time is chosen."""

    therapist_id: Id
    duration: Literal[60, 90, 120]
    service_id: Omissible[Id] = None
    booking_type: Annotated[BookingType, Lax]
    scheduled_time: Omissible[Instant] = None
    discount_code: Omissible[Code] = None

    def broken_rules(self) -> Iterable[tuple[str, str]]:
        """Check the time against the type."""
        if self.booking_type is BookingType.IMMEDIATE and self.scheduled_time is not None:
            yield "scheduledTime", "Only a scheduled booking has a time."
