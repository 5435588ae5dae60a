"""The life of a WebSocket connection: opening, closing, and every frame but sendMessage."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from marketplace import bootstrap
from marketplace.chat.events import Ack, SyncPage
from marketplace.chat.frames import (
    CloseRoomFrame,
    MarkReadFrame,
    OpenRoomFrame,
    PingFrame,
    SyncFrame,
    TypingFrame,
)
from marketplace.chat.message import Message
from marketplace.chat.responses import MessageView, message_view
from marketplace.identity.connections import MOST_OPEN, Connection
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.responses import Pong
from marketplace.platform.api.websocket import Done, Frames, Sent
from marketplace.platform.caller import OPERATIONS, PARTIES, SIGNED_IN, SUPPORT, Caller, Role, caller_in
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import Forbidden, HistoryReset, NotFound, ServiceUnavailable, Unauthenticated
from marketplace.platform.runtime.observability import Category, count
from marketplace.services.notification.delivery import best_effort

frames = Frames(
    Category.CHAT,
    check_open=lambda caller, connection_id: bootstrap.first_frames().check(caller, connection_id),
    sockets=lambda: bootstrap.sockets(),  # noqa: PLW0108 - looked up when called: tests put others there
)


@frames.on("ping", PingFrame, roles=SIGNED_IN, response=Pong, summary="Keep the connection alive")
def ping(_: Sent[PingFrame]) -> Pong:
    """Answer that the connection lives."""
    return {"type": "pong"}


@frames.on(
    "sync",
    SyncFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=SyncPage,
    refusals=(NotFound, HistoryReset),
    summary="Ask for what was missed",
)
def sync(sent: Sent[SyncFrame]) -> SyncPage:
    """Return what follows a message, and what was changed since a revision, for a client that has seen a gap."""
    caller, frame = bootstrap.reader(sent.caller), sent.frame
    seen = bootstrap.rooms().view(frame.conversation_id, caller)
    seen.check_epoch(frame.epoch)
    room, reveals = seen.room, seen.booking.reveals_customer_to(seen.role)
    page = bootstrap.rooms().messages(room.conversation_id, after=frame.after)
    changes = bootstrap.rooms().changes(room, after=room.last_revision if frame.revision is None else frame.revision)

    def view(message: Message) -> MessageView:
        return message_view(message, room, seen.role, caller.language, reveals=reveals)

    return {
        "type": "page",
        "conversationId": room.conversation_id,
        "items": [view(message) for message in page.messages],
        "hasMore": page.has_more or changes.has_more,
        "changes": [view(message) for message in changes.messages],
        "revision": changes.revision,
        "epoch": seen.epoch,
    }


@frames.on(
    "markRead",
    MarkReadFrame,
    roles=PARTIES,
    response=Ack,
    refusals=(NotFound, Forbidden),
    summary="Move the caller's read cursor forward",
)
def mark_read(sent: Sent[MarkReadFrame]) -> Ack | Done[Ack]:
    """Move the caller's read cursor forward and tell the others."""
    caller, conversation_id = sent.caller, sent.frame.conversation_id
    mark = bootstrap.room_commands().mark_read(conversation_id, sent.frame.sequence, by=caller)
    ack: Ack = {"type": "ack", "conversationId": conversation_id, "sequence": mark.sequence}
    if not mark.has_moved:
        return ack
    return Done(
        answer=ack,
        tell_others=lambda: bootstrap.room_commands().tell_of_reading(mark, exclude=sent.connection_id),
    )


@frames.on(
    "typing",
    TypingFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=None,
    refusals=(NotFound,),
    summary="Tell the others that the caller is writing",
)
def typing(sent: Sent[TypingFrame]) -> None:
    """Tell the others that the caller is writing; nothing is stored."""
    room, _, _ = bootstrap.rooms().load(sent.frame.conversation_id, sent.caller)
    best_effort(lambda: bootstrap.delivery().typing(room, sent.caller.user_id))


@frames.on(
    "openRoom",
    OpenRoomFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=Ack,
    refusals=(NotFound,),
    summary="Say that the room is on the screen",
)
def open_room(sent: Sent[OpenRoomFrame]) -> Ack:
    """Note that the caller's chat window shows the room."""
    return _show_room(sent.caller, sent.connection_id, sent.frame.conversation_id, is_open=True)


@frames.on(
    "closeRoom",
    CloseRoomFrame,
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    response=Ack,
    refusals=(NotFound,),
    summary="Say that the room left the screen",
)
def close_room(sent: Sent[CloseRoomFrame]) -> Ack:
    """Note that the caller's chat window no longer shows the room."""
    return _show_room(sent.caller, sent.connection_id, sent.frame.conversation_id, is_open=False)


def _show_room(caller: Caller, connection_id: str, conversation_id: str, *, is_open: bool) -> Ack:
    room, booking, role = bootstrap.rooms().load(conversation_id, caller)
    bootstrap.connections().set_room_open(caller, connection_id, conversation_id, is_open=is_open)
    if role is Role.ADMIN:
        bootstrap.rooms().watch(conversation_id, connection_id, watching=is_open)
        if is_open:
            bootstrap.room_commands().look_in(conversation_id, by=caller, now=utc_now())
    else:
        bootstrap.chat_windows().follow(room, booking, is_open=is_open or None)
    return {"type": "ack", "conversationId": conversation_id}


def connect(event: Event) -> None:
    """Note a new connection of whoever the authorizer has let in; one too many closes their oldest.

    Whoever signs out, or opens yet another socket, finds the row while the gateway still calls this one gone. So the
    last thing done is a look whether it may still open; its first frame is judged once more.
    """
    now, caller, connection_id = utc_now(), caller_in(event), event["requestContext"]["connectionId"]
    bootstrap.connections().add(bootstrap.reader(caller), connection_id, now=now)
    bootstrap.presence().arrived(caller, connection_id, now)
    others = bootstrap.connections().find_others(caller, connection_id)
    _close(others[MOST_OPEN - 1 :])
    try:
        bootstrap.connections().check_open(caller, connection_id)
    except Unauthenticated:
        _forget(caller, connection_id)  # the gateway tells of no end of what it never let in
        raise
    if not others:
        best_effort(lambda: bootstrap.room_presence().tell(caller, online=True, now=now))
    count("ConnectionsOpened")


def _close(surplus: Sequence[Connection]) -> None:
    for connection in surplus:
        bootstrap.delivery().forget(connection)
    if surplus:
        with suppress(ServiceUnavailable):  # reported; what it cannot hear any more costs nobody
            bootstrap.sockets().close(surplus)
        count("ConnectionsOverLimit", len(surplus))


def disconnect(event: Event) -> None:
    """Forget a connection, and the rooms that its window showed."""
    _forget(caller_in(event), event["requestContext"]["connectionId"])


def _forget(caller: Caller, connection_id: str) -> None:
    now = utc_now()
    closed = bootstrap.connections().close(caller, connection_id)
    bootstrap.presence().left(caller, connection_id, now)
    if closed is not None:
        bootstrap.chat_windows().left(closed)
        best_effort(lambda: bootstrap.room_presence().left(caller, connection_id, now))


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer the gateway; its word for what happened counts, for a frame may name any route as its action."""
    match event["requestContext"]["eventType"]:
        case "CONNECT":
            return frames.connection_event(connect, event, context)
        case "DISCONNECT":
            return frames.connection_event(disconnect, event, context)
        case _:
            return frames.answer(event, context)
