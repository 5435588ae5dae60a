"""The frames of the WebSocket (contract, section 8), in two steps.

:func:`read_envelope` finds out what a frame wants and how its answer must be marked; :func:`parse_frame`
then judges the rest, so that a refusal can still bear the frame's ``requestId``.
"""

from collections.abc import Mapping
from typing import Final, final

from msgspec import Struct
from pydantic_core import PydanticCustomError

from marketplace.chat.requests import MarkRead, NewMessage, Sequence
from marketplace.platform.api.request_model import Request, parse
from marketplace.platform.api.strict_json import BODY_LIMIT, parse_json
from marketplace.platform.api.text import Id, Text
from marketplace.platform.refusals import FieldError, UnknownAction, ValidationFailed


@final
class SendMessageFrame(NewMessage):
    """Send a message to a room; answered by ``ack`` once it is durable."""

    conversation_id: Id


@final
class MarkReadFrame(MarkRead):
    """Move the caller's read horizon in a room forward; answered by ``ack``."""

    conversation_id: Id


@final
class TypingFrame(Request):
    """Tell the others in the room that the caller is writing; never stored."""

    conversation_id: Id


@final
class SyncFrame(Request):
    """Ask for what follows the message numbered ``after``; answered by ``page``."""

    conversation_id: Id
    after: Sequence


@final
class OpenRoomFrame(Request):
    """Say that the caller's chat window shows the room; answered by ``ack``."""

    conversation_id: Id


@final
class CloseRoomFrame(Request):
    """Say that the caller's chat window no longer shows the room; answered by ``ack``."""

    conversation_id: Id


@final
class PingFrame(Request):
    """Keep the connection alive; answered by ``pong``."""


type Frame = SendMessageFrame | MarkReadFrame | TypingFrame | SyncFrame | OpenRoomFrame | CloseRoomFrame | PingFrame

FRAMES: Final[Mapping[str, type[Frame]]] = {
    "sendMessage": SendMessageFrame,
    "markRead": MarkReadFrame,
    "typing": TypingFrame,
    "sync": SyncFrame,
    "openRoom": OpenRoomFrame,
    "closeRoom": CloseRoomFrame,
    "ping": PingFrame,
}
"""Every action that a client may send."""

_REQUEST_ID: Final = Text(1, 128)


@final
class Envelope(Struct, frozen=True, kw_only=True):
    """A frame that is JSON: what it wants, and the mark that its answer must bear."""

    action: object
    """The action as sent, of any type; :func:`parse_frame` judges it."""
    request_id: str | None
    """Exactly as the client wrote it; ``None`` if there was none that an answer could bear."""
    fields: Mapping[str, object]
    """Everything else, and an unusable ``requestId``."""


def read_envelope(raw: str | bytes | None, *, limit: int = BODY_LIMIT) -> Envelope:
    """Return what the frame wants.

    Raises:
        PayloadTooLarge: the frame is over the limit.
        MalformedJson: it is not a JSON object.
    """
    fields = parse_json(raw or b"", limit=limit)
    action = fields.pop("action", None)
    given = fields.get("requestId")
    request_id = given if isinstance(given, str) and _may_be_echoed(given) else None
    if request_id is not None:
        del fields["requestId"]
    return Envelope(action=action, request_id=request_id, fields=fields)


def parse_frame(envelope: Envelope) -> Frame:
    """Return the frame as its action says.

    Raises:
        UnknownAction: there is no such action.
        ValidationFailed: no action is given, or a field breaks a rule.
    """
    if not isinstance(envelope.action, str):
        raise ValidationFailed((FieldError("action", "This must be the name of an action."),))
    model = FRAMES.get(envelope.action)
    if model is None:
        raise UnknownAction
    if "requestId" in envelope.fields:
        raise ValidationFailed((FieldError("requestId", "This must be text of 1 to 128 characters."),))
    return parse(model, dict(envelope.fields))


def _may_be_echoed(request_id: str) -> bool:
    if len(request_id) > _REQUEST_ID.longest:
        return False
    try:
        _REQUEST_ID.check(request_id)
    except PydanticCustomError:
        return False
    return True
