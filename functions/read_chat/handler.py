"""Reading the chat over HTTP: rooms, messages by page or by words, the read horizon, notifications."""

from typing import Any

from marketplace import bootstrap
from marketplace.booking.views import message_view, notification_view, room_view
from marketplace.chat.requests import MarkRead
from marketplace.chat.search import Search
from marketplace.notification.repository import notice_of
from marketplace.platform.api.http import Call, Rest
from marketplace.platform.api.invocation import Context, Event
from marketplace.platform.api.queries import MessagesQuery, NotificationsQuery, RoomsQuery
from marketplace.platform.api.request_model import NoBody
from marketplace.platform.clock import utc_now
from marketplace.platform.observability import Category
from marketplace.services.delivery import courteously

rest = Rest(Category.CHAT)


@rest.get("/rooms")
def list_rooms(call: Call) -> dict[str, Any]:
    """Return a page of the caller's rooms, newest booking first."""
    now, caller, asked = utc_now(), bootstrap.reader(call.caller), call.query(RoomsQuery)
    of_list, cursors = f"rooms:{caller.user_id}", bootstrap.cursors()
    page = bootstrap.room_lists().page_for(
        caller, limit=asked.limit, start=cursors.open(of_list, asked.cursor, now), now=now
    )
    return {
        "items": [room_view(room, booking, caller, now) for room, booking in page.items],
        "nextCursor": cursors.close(of_list, page.position),
    }


@rest.get("/rooms/{conversationId}")
def get_room(call: Call) -> dict[str, Any]:
    """Return one room to a party or an admin."""
    caller = bootstrap.reader(call.caller)
    room, booking, _ = bootstrap.rooms().load(call.path("conversationId"), caller)
    return {**room_view(room, booking, caller, utc_now())}


@rest.get("/rooms/{conversationId}/messages")
def list_messages(call: Call) -> dict[str, Any]:
    """Return a page of messages, walking back, catching up, or searching."""
    now, caller, asked = utc_now(), bootstrap.reader(call.caller), call.query(MessagesQuery)
    room, booking, role = bootstrap.rooms().load(call.path("conversationId"), caller)
    of_list, cursors = f"messages:{room.conversation_id}:{asked.search}:{asked.after is None}", bootstrap.cursors()
    position = cursors.open(of_list, asked.cursor, now) or {}
    edge = position.get("sequence")
    reveals = booking.reveals_customer_to(role)

    if asked.search is not None:
        search = Search(asked.search, caller.language, reveals=reveals)
        page = bootstrap.rooms().search(room.conversation_id, search.matches, before=edge, limit=asked.limit)
    else:
        forward = asked.after is not None
        page = bootstrap.rooms().messages(
            room.conversation_id,
            before=None if forward else edge or asked.before,
            after=(edge or asked.after) if forward else None,
            limit=asked.limit,
        )
    return {
        "items": [message_view(message, room, role, caller.language, reveals=reveals) for message in page.messages],
        "nextCursor": cursors.close(of_list, {"sequence": page.next_edge} if page.has_more else None),
        "hasMore": page.has_more,
    }


@rest.post("/rooms/{conversationId}/read")
def mark_read(call: Call) -> dict[str, Any]:
    """Move the caller's horizon forward and tell the others."""
    caller, asked = call.caller, call.body(MarkRead)
    room, _, role = bootstrap.rooms().load(call.path("conversationId"), caller)
    horizon = bootstrap.rooms().mark_read(room, role, asked.sequence)
    if horizon > room.read_sequence(role):
        courteously(lambda: bootstrap.delivery().read(room, caller.user_id, horizon))
    return {
        "conversationId": room.conversation_id,
        "sequence": horizon,
        "unreadCount": max(0, room.last_sequence - horizon),
    }


@rest.get("/notifications")
def list_notifications(call: Call) -> dict[str, Any]:
    """Return a page of the caller's notifications, newest first, and how many are unread in all."""
    now, caller, asked = utc_now(), bootstrap.reader(call.caller), call.query(NotificationsQuery)
    of_list, cursors = f"notifications:{caller.user_id}", bootstrap.cursors()
    page = bootstrap.notices().find_page(
        caller.user_id, limit=asked.limit, start=cursors.open(of_list, asked.cursor, now)
    )
    return {
        "items": [notification_view(notice_of(item), caller.language) for item in page.items],
        "nextCursor": cursors.close(of_list, page.next_key),
        "unread": bootstrap.notices().unread_total(caller.user_id),
    }


@rest.post("/notifications/{notificationId}/read")
def mark_notification_read(call: Call) -> dict[str, Any]:
    """Mark one of the caller's notifications as read."""
    call.optional_body(NoBody)
    caller = bootstrap.reader(call.caller)
    notice = bootstrap.notices().mark_read(caller.user_id, call.path("notificationId"))
    return {
        "notification": notification_view(notice, caller.language),
        "unread": bootstrap.notices().unread_total(caller.user_id),
    }


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Answer API Gateway."""
    return rest.answer(event, context)
