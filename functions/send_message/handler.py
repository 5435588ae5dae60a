"""A message to a room, over the WebSocket or POST /rooms/{conversationId}/messages: durable first, then pushed.

This is the one place that pushes what it has saved itself, because a conversation cannot wait for a
stream; a push that fails is made good by the receiver's sync and the sender's repeat, and never keeps the
sender waiting for the ack of what is durable.
"""

from http import HTTPStatus
from typing import Any

from marketplace import bootstrap
from marketplace.chat.frames import SendMessageFrame
from marketplace.chat.model import Draft, Message, MessageType
from marketplace.chat.requests import NewMessage
from marketplace.chat.responses import MessageAck
from marketplace.platform.api.frame_limit import FrameLimit
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.websocket import Done, Frames, Sent
from marketplace.platform.caller import OPERATIONS, SIGNED_IN, SUPPORT, Caller
from marketplace.platform.clock import utc_now, written
from marketplace.platform.observability import Category, MetricUnit, count
from marketplace.platform.refusals import NotFound, RoomClosed, TooManyRequests
from marketplace.platform.settings import settings
from marketplace.services.delivery import NOBODY
from marketplace.services.rooms import SentMessage

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


def _save(conversation_id: str, asked: NewMessage, caller: Caller) -> SentMessage:
    draft = Draft(
        client_message_id=asked.client_message_id,
        message=asked.message,
        message_type=MessageType(asked.message_type),
        metadata=asked.metadata or {},
        attachment_id=asked.attachment_id,
        location=asked.location.model_dump(mode="json", by_alias=True) if asked.location else None,
    )
    return bootstrap.room_commands().send(conversation_id, draft, by=caller, now=utc_now())


def _tell_others(sent: SentMessage, *, exclude: str = NOBODY) -> None:
    bootstrap.room_commands().tell_of_message(sent, utc_now(), exclude=exclude)
    if sent.is_new:
        count("MessagesSent")
        milliseconds = (utc_now() - sent.message.timestamp).total_seconds() * 1000
        count("MillisecondsToDeliver", milliseconds, MetricUnit.Milliseconds)


def _ack(client_message_id: str, message: Message) -> MessageAck:
    return {
        "type": "ack",
        "clientMessageId": client_message_id,
        "sequence": message.sequence,
        "timestamp": written(message.timestamp),
    }


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer either gateway."""
    return api.answer(event, context) if "httpMethod" in event else frames.answer(event, context)
