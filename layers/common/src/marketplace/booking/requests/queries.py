"""The query strings of bookings."""

from typing import Annotated, final

from marketplace.booking.model import BookingStatus, Source
from marketplace.platform.api.queries import PageQuery
from marketplace.platform.api.request_model import Lax, Omissible


@final
class BookingsQuery(PageQuery):
    """The caller's bookings, newest first."""

    status: Omissible[Annotated[BookingStatus, Lax]] = None
    source: Omissible[Annotated[Source, Lax]] = None
