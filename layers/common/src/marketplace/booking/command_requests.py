"""The bodies of the commands on a booking that exists."""

from typing import final

from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Id, Reason


@final
class DeclineBooking(RequestModel):
    """The therapist's no, with a reason if they like."""

    reason: Omissible[Reason] = None


@final
class CancelBooking(RequestModel):
    """Calling the visit off, with a reason if one likes."""

    reason: Omissible[Reason] = None


@final
class ReassignBooking(RequestModel):
    """The therapist to whom an admin offers the booking instead."""

    therapist_id: Id
