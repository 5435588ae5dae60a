"""Frames to a socket: what answers one, and what tells of others' messages."""

from typing import Literal, NotRequired, TypedDict

from marketplace.chat.responses import MessageView
from marketplace.platform.api.responses import Time


class MessageAck(TypedDict):
    """The message is durable; a repeat gets the same."""

    type: Literal["ack"]
    requestId: NotRequired[str]
    """As the frame had it."""
    clientMessageId: str
    sequence: int
    timestamp: Time
    masked: NotRequired[Literal[True]]
    """Contact details were taken out of the text."""


class ChangeAck(TypedDict):
    """The change of a message is durable; a repeat gets the same."""

    type: Literal["ack"]
    requestId: NotRequired[str]
    """As the frame had it."""
    conversationId: str
    sequence: int
    revision: int
    message: MessageView
    """As it is now."""
    masked: NotRequired[Literal[True]]
    """Contact details were taken out of the text."""


class Ack(TypedDict):
    """The frame has had its effect; ``sequence`` answers ``markRead``."""

    type: Literal["ack"]
    requestId: NotRequired[str]
    conversationId: str
    sequence: NotRequired[int]


class SyncPage(TypedDict):
    """What follows the message that ``sync`` named, in ascending ``sequence``."""

    type: Literal["page"]
    requestId: NotRequired[str]
    conversationId: str
    items: list[MessageView]
    hasMore: bool
    """Whether more follow, messages or changes."""
    changes: list[MessageView]
    """What was edited or deleted after the ``revision`` that was named, as it is now."""
    revision: int
    """Up to which no change is missing."""
    epoch: str


class MessageEvent(TypedDict):
    """Somebody else, or the system, wrote in a room."""

    type: Literal["message"]
    message: MessageView


class EditedEvent(TypedDict):
    """Somebody gave their message another text."""

    type: Literal["edited"]
    message: MessageView


class DeletedEvent(TypedDict):
    """Somebody took their message back."""

    type: Literal["deleted"]
    message: MessageView


class TranslatedEvent(TypedDict):
    """A message is there in another language, too."""

    type: Literal["translated"]
    message: MessageView


class PresenceEvent(TypedDict):
    """The other party of a room came or went, if they let it be seen."""

    type: Literal["presence"]
    conversationId: str
    userId: str
    online: bool
    lastSeenAt: Time | None


class ReadEvent(TypedDict):
    """The other party has read up to ``sequence``."""

    type: Literal["read"]
    conversationId: str
    userId: str
    sequence: int


class TypingEvent(TypedDict):
    """Somebody else is writing."""

    type: Literal["typing"]
    conversationId: str
    userId: str
