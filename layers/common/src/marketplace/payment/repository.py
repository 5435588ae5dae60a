"""Payments as they are stored, listed by where they stand, and found when it is time to look after them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

from marketplace.payment.model import Payment, Status
from marketplace.platform.clock import format_utc
from marketplace.platform.dynamodb.actions import Condition, Put, Update, absent, at_version
from marketplace.platform.dynamodb.attribute_values import Item
from marketplace.platform.dynamodb.records import from_record, readable_records, to_record
from marketplace.platform.dynamodb.store import Page, Store
from marketplace.platform.refusals import NotFound

_TABLE: Final = "payments"
_TO_LOOK_AT: Final = "yes"
_OF_INDEX: Final = ("toLookAt", "lookAt")
"""Attributes that leave the row with the last look, and with them the index."""


@final
class Payments:
    """Every payment that was asked for."""

    def __init__(self, store: Store) -> None:
        """Read from ``store``."""
        self._store = store

    def get(self, payment_id: str) -> Payment:
        """Return a payment, read strongly.

        Raises:
            NotFound: there is none of that id.
        """
        item = self._store.get(_TABLE, {"paymentId": payment_id})
        if item is None:
            raise NotFound
        return from_record(Payment, item)

    def find_page(self, listed_as: str, *, limit: int, start: Mapping[str, Any] | None) -> Page:
        """Return a page of the payments that are listed so, newest first."""
        where = Condition(expression="#listedAs = :listed", values={"listed": listed_as})
        return self._store.query(_TABLE, index="byState", where=where, newest_first=True, limit=limit, start=start)

    def find_between(self, since: datetime, before: datetime) -> list[Payment]:
        """Return every payment that was asked for within a stretch of time, the earliest first."""
        found: list[Payment] = []
        for state in Status:
            where = Condition(
                expression="#listedAs = :listed AND #createdAt BETWEEN :since AND :before",
                values={"listed": state.value, "since": format_utc(since), "before": format_utc(before)},
            )
            items = self._store.query_all(_TABLE, index="byState", where=where)
            found += [each for each in readable_records(Payment, items, key="paymentId") if each.created_at < before]
        return sorted(found, key=lambda payment: (payment.created_at, payment.payment_id))

    def find_to_look_after(self, now: datetime, *, limit: int) -> list[Payment]:
        """Return payments of which it is time to ask whether they were paid, the longest due first."""
        where = Condition(
            expression="#toLookAt = :yes AND #lookAt <= :now",
            values={"yes": _TO_LOOK_AT, "now": format_utc(now)},
        )
        page = self._store.query(_TABLE, index="byLook", where=where, limit=limit)
        return readable_records(Payment, page.items, key="paymentId")


def listed_as(payment: Payment) -> str:
    """Return under which state admins find a payment: whatever waits for a person is unmatched."""
    if payment.unmatched_amount:
        return Status.UNMATCHED.value
    return Status.PENDING.value if payment.status is Status.CREATING else payment.status.value


def payment_record(payment: Payment) -> Item:
    """Return a payment as it is stored, with the attributes of its indexes."""
    record: dict[str, Any] = {**to_record(payment), "listedAs": listed_as(payment), "toLookAt": _TO_LOOK_AT}
    if payment.look_at is None:
        for name in _OF_INDEX:
            del record[name]
    return record


def adding_payment(payment: Payment) -> Put:
    """Return the action that writes a payment that was just asked for."""
    return Put(label="payment", table=_TABLE, item=payment_record(payment), condition=absent("paymentId"))


def saving_payment(before: Payment, after: Payment) -> Update:
    """Return the action that writes what a payment came to, if nothing moved since it was read."""
    old, new = payment_record(before), payment_record(after)
    return Update(
        label="payment",
        table=_TABLE,
        key={"paymentId": before.payment_id},
        condition=at_version(before.version),
        assign={name: value for name, value in new.items() if old.get(name) != value},
        remove=[name for name in _OF_INDEX if name in old and name not in new],
    )
