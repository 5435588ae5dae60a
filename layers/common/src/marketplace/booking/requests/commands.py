"""The bodies of the commands on a booking that exists."""

from typing import Annotated, Final, final

from pydantic import Field

from marketplace.booking.model import VisitStep
from marketplace.platform.api.request_model import Lax, Omissible, RequestModel
from marketplace.platform.api.text import Id, Instant, Reason, Text

HIGHEST_AMOUNT: Final = 100_000_000
"""Rupiah, as high as a price can be."""
StartCode = Annotated[str, Text(4, 4, pattern="[0-9]{4}", complaint="This must be four digits.")]


@final
class DeclineBooking(RequestModel):
    """The therapist's no, with a reason if they like."""

    reason: Omissible[Reason] = None


@final
class CancelBooking(RequestModel):
    """Calling the visit off, with a reason, which therapists must give."""

    reason: Omissible[Reason] = None
    fee: Omissible[Annotated[int, Field(ge=0, le=HIGHEST_AMOUNT)]] = None
    """What the caller has been told that it costs, in rupiah; another one by now is refused."""


@final
class TakeStep(RequestModel):
    """How far the visit has come."""

    step: Annotated[VisitStep, Lax]
    start_code: Omissible[StartCode] = None
    """The four digits that the customer tells at the door, where the booking has them."""


@final
class RedispatchBooking(RequestModel):
    """The therapist whom the customer chose instead, at that therapist's own price in rupiah."""

    therapist_id: Id
    price: Annotated[int, Field(ge=0, le=HIGHEST_AMOUNT)]


@final
class NewTime(RequestModel):
    """Another time for the visit, on the 15-minute grid."""

    scheduled_time: Instant


@final
class ReportNoShow(RequestModel):
    """The other party did not come."""

    note: Omissible[Reason] = None


@final
class ReassignBooking(RequestModel):
    """The therapist to whom an admin offers the booking instead."""

    therapist_id: Id
