"""What the system says in a room or a notification: a template by name, and what goes into it.

The words are chosen when somebody reads, in that reader's language; stored are only the name and the
parameters. Parameters are plain values; ``{"instant": …, "timeZone": …}`` and ``{"rupiah": …}`` are
written in the reader's manner.
"""

from enum import StrEnum
from typing import Final, final

from msgspec import Struct, field

from marketplace.platform.caller import Role
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import Parameters, render


class Template(StrEnum):
    """Every sentence that the system can say."""

    WELCOME = "welcome"
    BOOKING_DETAILS = "booking_details"
    WAITING_FOR_THERAPIST = "waiting_for_therapist"
    CONFIRMED = "confirmed"
    CONFIRMED_WITH_BANK_DETAILS = "confirmed_with_bank_details"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    REASSIGNED = "reassigned"
    ADMIN_JOINED = "admin_joined"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    STARTED = "started"
    NO_SHOW = "no_show"
    RESCHEDULED = "rescheduled"
    PROPOSED = "proposed"
    PROPOSAL_DECLINED = "proposal_declined"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PROPOSAL_EXPIRED = "proposal_expired"


PRIVATE_PARAMETERS: Final = frozenset({"address", "latitude", "longitude", "roomNumber"})
"""What a therapist reads only once the booking is theirs."""
_LINES: Final = {
    Template.BOOKING_DETAILS.value: ("serviceName", "start", "discount", "hotelVillaName", "roomNumber", "address")
}
"""What a message says of a booking in a line of its own each, where there is something to say."""


def render_message(template: str, parameters: Parameters, language: Language, *, private: bool) -> str:
    """Return a system message in the reader's language.

    ``private`` says whether the reader may know the exact place; where not, it is left out.
    """
    hidden = frozenset[str]() if private else PRIVATE_PARAMETERS
    return render(template, parameters, language, exclude=hidden, lines=_LINES.get(template, ()))


@final
class Announcement(Struct, frozen=True, kw_only=True):
    """One system message, not yet in anybody's language."""

    template: Template
    parameters: Parameters = field(default_factory=dict)


@final
class Notice(Struct, frozen=True, kw_only=True):
    """A notification for one person, mostly about one booking."""

    user_id: str
    role: Role
    kind: str
    booking_id: str | None = None
    conversation_id: str | None = None
    sound: bool = False
    parameters: Parameters = field(default_factory=dict)
