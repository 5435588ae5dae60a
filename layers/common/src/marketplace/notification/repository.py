"""Notifications: one row per person and event, unread until its owner says otherwise."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, final

from msgspec import field

from marketplace.identity.connections import ADMINS
from marketplace.notification.announcement import Notice
from marketplace.platform.caller import Caller, Role
from marketplace.platform.clock import Instant, format_utc
from marketplace.platform.dynamodb.actions import Condition, ConditionRefused, Put, Update, absent
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.record import Record
from marketplace.platform.refusals import NotFound

KEPT_FOR: Final = timedelta(days=90)
ADMINS_BOX: Final = ADMINS
"""Whose notifications those for all admins are: the group of sockets to which the stream brings them as well."""


@final
class StoredNotice(Record, frozen=True, kw_only=True):
    """A notification as it is stored; ``unread_since`` is gone once it has been read."""

    user_id: str
    notification_id: str
    role: Role
    kind: str
    booking_id: str | None
    conversation_id: str | None
    created_at: Instant
    sound: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    unread_since: str | None = None
    expires_at_epoch: int = 0


def adding_notice(notice: Notice, now: datetime, version: int) -> Put:
    """Return the action that writes a notification once per person, subject and version of it."""
    subject = notice.kind if notice.booking_id is None else _subject(notice.booking_id)
    moment = format_utc(now).translate(str.maketrans("", "", "-:."))
    stored = StoredNotice(
        user_id=notice.user_id,
        notification_id=f"n-{moment}-{subject}-{version}",
        role=notice.role,
        kind=notice.kind,
        booking_id=notice.booking_id,
        conversation_id=notice.conversation_id,
        created_at=now,
        sound=notice.sound,
        parameters=notice.parameters,
        unread_since=format_utc(now),
        expires_at_epoch=int((now + KEPT_FOR).timestamp()),
    )
    return Put(
        label=f"notice:{notice.user_id}",
        table="notifications",
        item=to_record(stored),
        condition=absent("userId"),
    )


def _subject(booking_id: str) -> str:
    """Return how a notification's id names its booking."""
    return booking_id.removeprefix("b-")


def box_of(caller: Caller) -> str:
    """Return whose notifications somebody reads: their own, or those that all admins share."""
    return ADMINS_BOX if caller.is_admin else caller.user_id


@final
class Notices:
    """Everybody's notifications."""

    def __init__(self, store: Store) -> None:
        """Keep notifications in ``store``."""
        self._store = store

    def find_page(self, user_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of somebody's notifications, newest first."""
        return self._store.query(
            "notifications",
            where=Condition(expression="#userId = :user", values={"user": user_id}),
            newest_first=True,
            limit=limit,
            start=start,
            strongly=True,
        )

    def unread_total(self, user_id: str) -> int:
        """Count somebody's unread notifications."""
        return self._store.count(
            "notifications",
            index="unread",
            where=Condition(expression="#userId = :user", values={"user": user_id}),
            strongly=True,
        )

    def find_unread_about(
        self, user_id: str, booking_id: str, *, since: datetime, until: datetime
    ) -> list[tuple[str, int]]:
        """Return the ids of what somebody has not read of a booking, with the booking's version of each."""
        where = Condition(
            expression="#userId = :user AND #unreadSince BETWEEN :since AND :until",
            values={"user": user_id, "since": format_utc(since), "until": format_utc(until)},
        )
        found = self._store.query_all("notifications", where=where, index="unread", strongly=True)
        ids = (str(item["notificationId"]) for item in found)
        subject = f"-{_subject(booking_id)}-"
        return [(each, int(each.rpartition("-")[2])) for each in ids if subject in each]

    def withdraw(self, user_id: str, notification_id: str) -> bool:
        """Take one out of somebody's unread ones; say whether it was among them."""
        try:
            self._store.write(
                Update(
                    label="notice",
                    table="notifications",
                    key={"userId": user_id, "notificationId": notification_id},
                    condition=Condition(expression="attribute_exists(#unreadSince)"),
                    remove=["unreadSince"],
                )
            )
        except ConditionRefused:
            return False
        return True

    def mark_read(self, user_id: str, notification_id: str) -> StoredNotice:
        """Mark one of somebody's own notifications as read, and return it.

        Raises:
            NotFound: they have no such notification.
        """
        try:
            item = self._store.write(
                Update(
                    label="notice",
                    table="notifications",
                    key={"userId": user_id, "notificationId": notification_id},
                    condition=Condition(expression="attribute_exists(#userId)"),
                    remove=["unreadSince"],
                )
            )
        except ConditionRefused:
            raise NotFound from None
        return from_record(StoredNotice, item)


def notice_of(item: Item) -> StoredNotice:
    """Return the notification that an item holds."""
    return from_record(StoredNotice, item)
