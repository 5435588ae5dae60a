"""The bodies of the admin's own tools."""

from typing import Literal, final

from marketplace.platform.api.request_model import Request
from marketplace.platform.api.text import Id


@final
class NewTestBooking(Request):
    """The way of booking to be tried from end to end."""

    kind: Literal["immediate", "scheduled", "chat"]


@final
class NewAudit(Request):
    """An audit to run now: over what changed since the last one, or over everything."""

    full: bool = False


@final
class RepairCommission(Request):
    """The confirmed booking whose missing commission is to be made."""

    booking_id: Id
