"""What is said of notifications."""

from typing import Literal, TypedDict

from marketplace.notification.repository import StoredNotice
from marketplace.platform.api.responses import Time
from marketplace.platform.clock import format_utc
from marketplace.platform.language import Language
from marketplace.platform.text.i18n import notification_text


class NotificationView(TypedDict):
    """Something that happened to its user, in their language."""

    notificationId: str
    userId: str
    kind: str
    bookingId: str | None
    conversationId: str | None
    title: str
    body: str
    sound: bool
    """Whether clients should ring."""
    isRead: bool
    createdAt: Time


class NotificationPage(TypedDict):
    """A page of the caller's notifications, newest first."""

    items: list[NotificationView]
    nextCursor: str | None
    """Give it as ``cursor`` to go on; null at the end."""
    unread: int
    """How many are unread in all."""


class ReadNotification(TypedDict):
    """A notification that has been read."""

    notification: NotificationView
    unread: int
    """How many are unread still."""


class NotificationEvent(TypedDict):
    """Something happened to the user."""

    type: Literal["notification"]
    notification: NotificationView
    sound: bool
    """Whether to ring now."""


def notification_view(notice: StoredNotice, language: Language) -> NotificationView:
    """Return a notification in its owner's language."""
    title, body = notification_text(notice.kind, notice.parameters, language)
    return {
        "notificationId": notice.notification_id,
        "userId": notice.user_id,
        "kind": notice.kind,
        "bookingId": notice.booking_id,
        "conversationId": notice.conversation_id,
        "title": title,
        "body": body,
        "sound": notice.sound,
        "isRead": notice.unread_since is None,
        "createdAt": format_utc(notice.created_at),
    }
