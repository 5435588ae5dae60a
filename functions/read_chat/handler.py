"""Reading the chat over HTTP: rooms, messages by page or by words, the read cursor, notifications."""

from marketplace import bootstrap
from marketplace.chat.message import Message
from marketplace.chat.queries import MessagesQuery, RoomsQuery
from marketplace.chat.requests import ChooseTranslation, MarkRead
from marketplace.chat.responses import (
    ChosenTranslation,
    MessagePage,
    MessageView,
    ReadCursor,
    RoomView,
    message_view,
    room_view,
    translation_view,
)
from marketplace.chat.search import Search
from marketplace.chat.translation import translation_settings
from marketplace.notification.queries import NotificationsQuery
from marketplace.notification.repository import box_of, notice_of
from marketplace.notification.responses import NotificationPage, ReadNotification, notification_view
from marketplace.platform.api.http import Api, Request
from marketplace.platform.api.responses import Page
from marketplace.platform.caller import OPERATIONS, PARTIES, SIGNED_IN, SUPPORT
from marketplace.platform.clock import utc_now
from marketplace.platform.refusals import HistoryReset
from marketplace.platform.runtime.observability import Category

api = Api(Category.CHAT, tag="Chat")


@api.get(
    "/rooms",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    query=RoomsQuery,
    response=Page[RoomView],
    summary="List the caller's rooms, newest booking first",
)
def list_rooms(request: Request, query: RoomsQuery) -> Page[RoomView]:
    """Return a page of the caller's rooms, newest booking first."""
    now, caller = request.now, bootstrap.reader(request.caller)
    of_list, cursors = f"rooms:{caller.user_id}", bootstrap.cursors()
    page = bootstrap.room_lists().page_for(
        caller, limit=query.limit, start=cursors.open(of_list, query.cursor, now), now=now
    )
    epoch = bootstrap.rooms().epoch()
    return {
        "items": [room_view(room, booking, caller, now, epoch=epoch) for room, booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@api.get(
    "/rooms/{conversationId}", roles=SIGNED_IN, duties=OPERATIONS | SUPPORT, response=RoomView, summary="Read one room"
)
def read_room(request: Request) -> RoomView:
    """Return one room to a party or an admin."""
    caller = bootstrap.reader(request.caller)
    seen = bootstrap.rooms().view(request.path("conversationId"), caller)
    shown = room_view(seen.room, seen.booking, caller, utc_now(), epoch=seen.epoch)
    shown["presence"] = bootstrap.room_presence().of(seen.room)
    shown["translation"] = translation_view(seen.room, caller) if translation_settings().is_on else None
    return shown


@api.get(
    "/rooms/{conversationId}/messages",
    roles=SIGNED_IN,
    duties=OPERATIONS | SUPPORT,
    query=MessagesQuery,
    response=MessagePage,
    summary="Page through a room, or search in it",
    description=(
        "Without a parameter the newest page; `before` walks back, `after` catches up. `search` is blind to case "
        "and accents and finds an acknowledged message at once. `changedAfter` adds what was edited or deleted since "
        "that revision; with `epoch`, whoever knows a history that was taken back is told so."
    ),
    refusals=(HistoryReset,),
)
def list_messages(request: Request, query: MessagesQuery) -> MessagePage:
    """Return a page of messages, walking back, catching up, or searching."""
    now, caller = request.now, bootstrap.reader(request.caller)
    seen = bootstrap.rooms().view(request.path("conversationId"), caller)
    seen.check_epoch(query.epoch)
    room, booking, role = seen.room, seen.booking, seen.role
    of_list, cursors = f"messages:{room.conversation_id}:{query.search}:{query.after is None}", bootstrap.cursors()
    position = cursors.open(of_list, query.cursor, now) or {}
    edge = position.get("sequence")
    reveals = booking.reveals_customer_to(role)

    if query.search is not None:
        search = Search(query.search, caller.language, reader=role, reveals=reveals)
        page = bootstrap.rooms().search(room.conversation_id, search.matches, before=edge, limit=query.limit)
    else:
        forward = query.after is not None
        page = bootstrap.rooms().messages(
            room.conversation_id,
            before=None if forward else edge or query.before,
            after=(edge or query.after) if forward else None,
            limit=query.limit,
        )
    known = room.last_revision if query.changed_after is None else query.changed_after
    changes = bootstrap.rooms().changes(room, after=known)

    def view(message: Message) -> MessageView:
        return message_view(message, room, role, caller.language, reveals=reveals)

    return {
        "items": [view(message) for message in page.messages],
        "nextCursor": cursors.close(of_list, {"sequence": page.next_edge} if page.has_more else None),
        "hasMore": page.has_more or changes.has_more,
        "changes": [view(message) for message in changes.messages],
        "revision": changes.revision,
        "epoch": seen.epoch,
    }


@api.post(
    "/rooms/{conversationId}/translation",
    roles=PARTIES,
    body=ChooseTranslation,
    response=ChosenTranslation,
    summary="Have later messages of others translated, or no longer",
    description=(
        "Into the language that the caller reads; the original always stays. Where messages are not translated at all,"
        " it stays off and `available` is false."
    ),
)
def choose_translation(request: Request, body: ChooseTranslation) -> ChosenTranslation:
    """Note whether the caller reads a room in translation."""
    caller, is_available = bootstrap.reader(request.caller), translation_settings().is_on
    room = bootstrap.translations().choose(
        request.path("conversationId"), enabled=body.enabled and is_available, by=caller
    )
    return {
        **translation_view(room, caller),
        "conversationId": room.conversation_id,
        "available": is_available,
    }


@api.post(
    "/rooms/{conversationId}/read",
    roles=PARTIES,
    body=MarkRead,
    response=ReadCursor,
    summary="Move the caller's read cursor forward",
)
def mark_read(request: Request, body: MarkRead) -> ReadCursor:
    """Move the caller's read cursor forward and tell the others."""
    mark = bootstrap.room_commands().mark_read(request.path("conversationId"), body.sequence, by=request.caller)
    bootstrap.room_commands().tell_of_reading(mark)
    return {
        "conversationId": mark.room.conversation_id,
        "sequence": mark.sequence,
        "unreadCount": mark.unread_count,
    }


@api.get(
    "/notifications",
    roles=SIGNED_IN,
    query=NotificationsQuery,
    response=NotificationPage,
    summary="List the caller's notifications, newest first",
)
def list_notifications(request: Request, query: NotificationsQuery) -> NotificationPage:
    """Return a page of the caller's notifications, newest first, and how many are unread in all."""
    now, caller = request.now, bootstrap.reader(request.caller)
    of_list, cursors = f"notifications:{caller.user_id}", bootstrap.cursors()
    page = bootstrap.notices().find_page(
        box_of(caller), limit=query.limit, start=cursors.open(of_list, query.cursor, now)
    )
    return {
        "items": [notification_view(notice_of(item), caller.language) for item in page.items],
        "nextCursor": cursors.close(of_list, page.next_key),
        "unread": bootstrap.notices().unread_total(box_of(caller)),
    }


@api.post(
    "/notifications/{notificationId}/read",
    roles=SIGNED_IN,
    response=ReadNotification,
    summary="Mark a notification as read",
)
def mark_notification_read(request: Request) -> ReadNotification:
    """Mark one of the caller's notifications as read."""
    caller = bootstrap.reader(request.caller)
    notice = bootstrap.notices().mark_read(box_of(caller), request.path("notificationId"))
    return {
        "notification": notification_view(notice, caller.language),
        "unread": bootstrap.notices().unread_total(box_of(caller)),
    }


lambda_handler = api.answer
