"""The browsers and telephones at which people take push messages: one row each, ten of a person at most."""

from collections.abc import Callable
from copy import replace
from datetime import datetime
from typing import Final, final

from marketplace.platform import identifiers
from marketplace.platform.clock import Instant
from marketplace.platform.dynamodb.actions import (
    Condition,
    ConditionRefused,
    Delete,
    Put,
    TransactionRefused,
    absent,
    present,
)
from marketplace.platform.dynamodb.records import readable_records, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.record import Record

MOST: Final = 10


@final
class PushSubscription(Record, frozen=True, kw_only=True):
    """Where a push service takes messages for somebody, and the keys they are encrypted with (RFC 8291)."""

    user_id: str
    subscription_id: str
    endpoint: str
    p256dh: str
    """The receiver's public key, an uncompressed point of P-256, in base64url."""
    auth: str
    """The receiver's authentication secret, 16 bytes, in base64url."""
    created_at: Instant


@final
class PushSubscriptions:
    """Everybody's subscriptions."""

    def __init__(self, store: Store) -> None:
        """Keep subscriptions in ``store``."""
        self._store = store

    def find(self, user_id: str) -> list[PushSubscription]:
        """Return somebody's subscriptions, the oldest first."""
        where = Condition(expression="#userId = :user", values={"user": user_id})
        items = self._store.query_all("push_subscriptions", where=where, strongly=True)
        return sorted(readable_records(PushSubscription, items, key="subscriptionId"), key=lambda each: each.created_at)

    def add(  # noqa: PLR0913 - what a browser hands over, whose it is, when, and the line of history
        self, user_id: str, *, endpoint: str, p256dh: str, auth: str, now: datetime, noted: Callable[[str], Put]
    ) -> PushSubscription:
        """Add a subscription, or renew the one of the same endpoint; the eleventh takes the place of the oldest.

        ``noted`` returns the line of history of a new one by its id; renewing changes nothing for its owner.
        """
        added = PushSubscription(
            user_id=user_id,
            subscription_id=f"p-{identifiers.derived('push', user_id, endpoint)}",
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            created_at=now,
        )
        adding = Put(
            label="subscription", table="push_subscriptions", item=to_record(added), condition=absent("userId")
        )
        same = Condition(
            expression="attribute_not_exists(#userId) OR #endpoint = :endpoint", values={"endpoint": endpoint}
        )
        try:
            self._store.transact([adding, noted(added.subscription_id)])
        except TransactionRefused:
            self._store.write(replace(adding, condition=same))
        kept = [each for each in self.find(user_id) if each.subscription_id != added.subscription_id]
        for oldest in kept[: max(0, len(kept) + 1 - MOST)]:
            self.remove(user_id, oldest.subscription_id)
        return added

    def remove(self, user_id: str, subscription_id: str, *, noted: Put | None = None) -> bool:
        """Remove a subscription, with the line of history where its owner wished it; say whether there was one."""
        removing = Delete(
            label="subscription",
            table="push_subscriptions",
            key={"userId": user_id, "subscriptionId": subscription_id},
            condition=present("userId"),
        )
        try:
            if noted is None:
                self._store.write(removing)
            else:
                self._store.transact([removing, noted])
        except (ConditionRefused, TransactionRefused):
            return False
        return True
