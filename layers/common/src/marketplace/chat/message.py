"""A message of a room, and what somebody wants to say."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, final

from msgspec import Struct, field

from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant
from marketplace.platform.record import Record
from marketplace.platform.refusals import ChangeTooLate, NotFound

CHANGEABLE_FOR: Final = timedelta(minutes=15)
"""How long after a message whoever wrote it may edit or delete it."""


class MessageType(StrEnum):
    """What a message is; the last three come from the server alone."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    LOCATION = "location"
    BOOKING = "booking"
    SYSTEM = "system"
    STATUS_UPDATE = "status-update"


@final
class Message(Record, frozen=True, kw_only=True):
    """One message; ``sequence`` counts 1, 2, 3 … in its room without a gap."""

    conversation_id: str
    sequence: int
    sender_id: str
    sender_name: str
    sender_role: Role
    receiver_id: str | None
    receiver_role: Role | None
    message: str
    message_type: MessageType
    booking_id: str
    timestamp: Instant
    metadata: Mapping[str, object] = field(default_factory=dict)
    client_message_id: str | None = None
    attachment_id: str | None = None
    location: Mapping[str, object] | None = None
    reply_to: int | None = None
    """The sequence of the message that it answers."""
    edited_at: Instant | None = None
    deleted: bool = False
    """Whether its sender took it back: its sequence stays, with an empty text."""
    revision: int = 0
    """The number of its latest change among all changes of its room; 0 for as it was sent."""
    original: str | None = None
    """What was written where contact details are masked in ``message``, or all of it is hidden; for admins alone."""
    hidden: bool = False
    """Whether staff took it out of its parties' sight."""
    translate_to: tuple[str, ...] = ()
    """The languages into which those who read it have asked for it to be translated."""
    translations: Mapping[str, str] = field(default_factory=dict)
    """Its present text in other languages, by language."""

    @property
    def is_masked(self) -> bool:
        """Say whether contact details were taken out of its text."""
        return self.original is not None and not self.hidden

    def translated(self, translations: Mapping[str, str]) -> "Message":
        """Return the message with more translations of its present text."""
        return replace(self, translations={**self.translations, **translations})

    def check_own(self, caller: Caller) -> None:
        """Refuse whoever did not write it as if there were no such message."""
        if (self.sender_id, self.sender_role) != (caller.user_id, caller.role):
            raise NotFound

    def check_changeable(self, now: datetime) -> None:
        """Refuse a change once the quarter of an hour is over.

        Raises:
            ChangeTooLate: it is.
        """
        if now - self.timestamp >= CHANGEABLE_FOR:
            raise ChangeTooLate


@final
class Draft(Struct, frozen=True, kw_only=True):
    """What somebody wants to say, already checked at the edge."""

    client_message_id: str
    message: str
    message_type: MessageType = MessageType.TEXT
    metadata: Mapping[str, object] = field(default_factory=dict)
    attachment_id: str | None = None
    location: Mapping[str, object] | None = None
    reply_to: int | None = None
    original: str | None = None
    """What was written where ``message`` has contact details masked."""
