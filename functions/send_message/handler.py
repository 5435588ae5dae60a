"""A message to a room, over the WebSocket or POST /rooms/{conversationId}/messages: durable first, then pushed.

This is the one place that pushes what it has saved itself, because a conversation cannot wait for a
stream; a push that fails is made good by the receiver's sync and the sender's repeat, and never keeps the
sender waiting for the ack of what is durable.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from marketplace import bootstrap
from marketplace.chat.events import ChangeAck, MessageAck
from marketplace.chat.frames import DeleteMessageFrame, EditMessageFrame, SendMessageFrame
from marketplace.chat.message import Draft, Message, MessageType
from marketplace.chat.requests import EditedMessage, NewMessage
from marketplace.chat.responses import message_view
from marketplace.platform.api.frame_limit import FrameLimit
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.text import position_in_path
from marketplace.platform.api.websocket import Done, Frames, Sent
from marketplace.platform.caller import OPERATIONS, SIGNED_IN, SUPPORT, Caller
from marketplace.platform.clock import format_utc, utc_now
from marketplace.platform.refusals import ChangeTooLate, NotFound, RoomClosed, TooManyRequests
from marketplace.platform.runtime.observability import Category, MetricUnit, count
from marketplace.platform.settings import settings
from marketplace.services.chat.rooms import ChangedMessage, SentMessage
from marketplace.services.notification.delivery import NOBODY

bootstrap.make_at_start(bootstrap.room_commands)
api = Api(Category.CHAT, tag="Chat")
frames = Frames(
    Category.CHAT,
    check_open=lambda caller, connection_id: bootstrap.first_frames().check(caller, connection_id),
    sockets=lambda: bootstrap.sockets(),  # noqa: PLW0108 - looked up when called: tests put others there
)
pace = FrameLimit()
"""Of each caller over HTTP, in this execution environment."""


@api.post(
    "/rooms/{conversationId}/messages",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    body=NewMessage,
    response=MessageAck,
    status=HTTPStatus.CREATED,
    refusals=(RoomClosed,),
    summary="Send a message",
    description=(
        "The same effect as the frame `sendMessage`; the same `clientMessageId` is one message over either door."
    ),
)
def send_message(request: Request, body: NewMessage) -> MessageAck:
    """Send a message over HTTP, as fast as one connection may over the socket."""
    if not pace.take(request.caller.user_id, settings().rate_limit_scale):
        raise TooManyRequests(1)
    delivered = _save(request.path("conversationId"), body, request.caller)
    _tell_others(delivered)
    return _ack(body.client_message_id, delivered.message)


@frames.on(
    "sendMessage",
    SendMessageFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=MessageAck,
    refusals=(NotFound, RoomClosed),
    summary="Send a message",
)
def answer_frame(sent: Sent[SendMessageFrame]) -> MessageAck | Done[MessageAck]:
    """Send a message over the socket."""
    delivered = _save(sent.frame.conversation_id, sent.frame, sent.caller)
    ack = _ack(sent.frame.client_message_id, delivered.message)
    if not delivered.should_be_told(utc_now()):
        return ack
    return Done(answer=ack, tell_others=lambda: _tell_others(delivered, exclude=sent.connection_id))


@api.patch(
    "/rooms/{conversationId}/messages/{sequence}",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    body=EditedMessage,
    response=ChangeAck,
    refusals=(RoomClosed, ChangeTooLate),
    summary="Edit a message of one's own",
    description="Within 15 minutes. The same effect as the frame `editMessage`; the same text again is no change.",
)
def edit_message(request: Request, body: EditedMessage) -> ChangeAck:
    """Give a message of the caller's another text."""
    return _changed(request, lambda room_id, sequence: _edit(room_id, sequence, body.message, request.caller))


@api.delete(
    "/rooms/{conversationId}/messages/{sequence}",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=ChangeAck,
    refusals=(RoomClosed, ChangeTooLate),
    summary="Delete a message of one's own",
    description="Within 15 minutes; it keeps its place, with an empty text. The same effect as `deleteMessage`.",
)
def delete_message(request: Request) -> ChangeAck:
    """Take a message of the caller's back."""
    return _changed(request, lambda room_id, sequence: _delete(room_id, sequence, request.caller))


@frames.on(
    "editMessage",
    EditMessageFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=ChangeAck,
    refusals=(NotFound, RoomClosed, ChangeTooLate),
    summary="Edit a message of one's own",
)
def answer_edit(sent: Sent[EditMessageFrame]) -> Done[ChangeAck]:
    """Give a message of the caller's another text, over the socket."""
    frame = sent.frame
    return _done(_edit(frame.conversation_id, frame.sequence, frame.message, sent.caller), sent)


@frames.on(
    "deleteMessage",
    DeleteMessageFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=ChangeAck,
    refusals=(NotFound, RoomClosed, ChangeTooLate),
    summary="Delete a message of one's own",
)
def answer_deletion(sent: Sent[DeleteMessageFrame]) -> Done[ChangeAck]:
    """Take a message of the caller's back, over the socket."""
    return _done(_delete(sent.frame.conversation_id, sent.frame.sequence, sent.caller), sent)


def _edit(conversation_id: str, sequence: int, text: str, caller: Caller) -> ChangedMessage:
    return bootstrap.room_commands().edit(conversation_id, sequence, text, by=caller, now=utc_now())


def _delete(conversation_id: str, sequence: int, caller: Caller) -> ChangedMessage:
    return bootstrap.room_commands().delete(conversation_id, sequence, by=caller, now=utc_now())


def _changed(request: Request, change: Callable[[str, int], ChangedMessage]) -> ChangeAck:
    if not pace.take(request.caller.user_id, settings().rate_limit_scale):
        raise TooManyRequests(1)
    changed = change(request.path("conversationId"), position_in_path(request.path("sequence")))
    _note_change(changed)
    bootstrap.room_commands().tell_of_change(changed)
    return _ack_of_change(changed, request.caller)


def _done(changed: ChangedMessage, sent: Sent[Any]) -> Done[ChangeAck]:
    _note_change(changed)
    return Done(
        answer=_ack_of_change(changed, sent.caller),
        tell_others=lambda: bootstrap.room_commands().tell_of_change(changed, exclude=sent.connection_id),
    )


def _note_change(changed: ChangedMessage) -> None:
    if changed.is_new:
        count("MessagesDeleted" if changed.message.deleted else "MessagesEdited")
        count("MessagesMasked", int(changed.message.is_masked))


def _ack_of_change(changed: ChangedMessage, caller: Caller) -> ChangeAck:
    message = changed.message
    reveals = changed.booking.reveals_customer_to(changed.role)
    ack: ChangeAck = {
        "type": "ack",
        "conversationId": message.conversation_id,
        "sequence": message.sequence,
        "revision": message.revision,
        "message": message_view(message, changed.room_as_seen, changed.role, caller.language, reveals=reveals),
    }
    return {**ack, "masked": True} if message.is_masked else ack


def _save(conversation_id: str, asked: NewMessage, caller: Caller) -> SentMessage:
    draft = Draft(
        client_message_id=asked.client_message_id,
        message=asked.message,
        message_type=MessageType(asked.message_type),
        metadata=asked.metadata or {},
        attachment_id=asked.attachment_id,
        reply_to=asked.reply_to,
        location=asked.location.model_dump(mode="json", by_alias=True) if asked.location else None,
    )
    return bootstrap.room_commands().send(conversation_id, draft, by=caller, now=utc_now())


def _tell_others(sent: SentMessage, *, exclude: str = NOBODY) -> None:
    bootstrap.room_commands().tell_of_message(sent, utc_now(), exclude=exclude)
    if sent.is_new:
        count("MessagesSent")
        count("MessagesMasked", int(sent.message.is_masked))
        milliseconds = (utc_now() - sent.message.timestamp).total_seconds() * 1000
        count("MillisecondsToDeliver", milliseconds, MetricUnit.Milliseconds)


def _ack(client_message_id: str, message: Message) -> MessageAck:
    ack: MessageAck = {
        "type": "ack",
        "clientMessageId": client_message_id,
        "sequence": message.sequence,
        "timestamp": format_utc(message.timestamp),
    }
    return {**ack, "masked": True} if message.is_masked else ack


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer either gateway."""
    return api.answer(event, context) if "httpMethod" in event else frames.answer(event, context)
