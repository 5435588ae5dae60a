"""The frames that clients send over the WebSocket."""

from typing import final

from marketplace.chat.requests import EditedMessage, MarkRead, NewMessage, Position, Sequence
from marketplace.platform.api.request_model import Omissible, RequestModel
from marketplace.platform.api.text import Id


@final
class SendMessageFrame(NewMessage):
    """Send a message to a room; answered by ``ack`` once it is durable."""

    conversation_id: Id


@final
class EditMessageFrame(EditedMessage):
    """Give one of the caller's messages another text; answered by ``ack``."""

    conversation_id: Id
    sequence: Position


@final
class DeleteMessageFrame(RequestModel):
    """Take one of the caller's messages back; answered by ``ack``."""

    conversation_id: Id
    sequence: Position


@final
class MarkReadFrame(MarkRead):
    """Move the caller's read cursor in a room forward; answered by ``ack``."""

    conversation_id: Id


@final
class TypingFrame(RequestModel):
    """Tell the others in the room that the caller is writing; never stored."""

    conversation_id: Id


@final
class SyncFrame(RequestModel):
    """Ask for what follows the message numbered ``after``; answered by ``page``.

    With ``revision``, the last that the caller knows, the page also holds what was edited or deleted since; with
    ``epoch`` a caller whose history was taken back is told so.
    """

    conversation_id: Id
    after: Sequence
    revision: Omissible[Sequence] = None
    epoch: Omissible[Id] = None


@final
class OpenRoomFrame(RequestModel):
    """Say that the caller's chat window shows the room; answered by ``ack``."""

    conversation_id: Id


@final
class CloseRoomFrame(RequestModel):
    """Say that the caller's chat window no longer shows the room; answered by ``ack``."""

    conversation_id: Id


@final
class PingFrame(RequestModel):
    """Keep the connection alive; answered by ``pong``."""
