"""The bodies of the admin's own tools."""

from typing import Literal, final

from marketplace.platform.api.request_model import RequestModel
from marketplace.platform.api.text import Id


@final
class NewTestBooking(RequestModel):
    """The way of booking to be tried from end to end."""

    kind: Literal["immediate", "scheduled", "chat"]


@final
class NewAudit(RequestModel):
    """An audit to run now: over what changed since the last one, or over everything."""

    full: bool = False


@final
class RepairCommission(RequestModel):
    """The confirmed booking whose missing commission is to be made."""

    booking_id: Id
