"""The bodies of the commands on a booking that exists."""

from typing import final

from marketplace.platform.api.request_model import Omissible, Request
from marketplace.platform.api.text import Id, Reason


@final
class DeclineBooking(Request):
    """The therapist's no, with a reason if they like."""

    reason: Omissible[Reason] = None


@final
class CancelBooking(Request):
    """Calling the visit off, with a reason if one likes."""

    reason: Omissible[Reason] = None


@final
class ReassignBooking(Request):
    """The therapist to whom an admin offers the booking instead."""

    therapist_id: Id
