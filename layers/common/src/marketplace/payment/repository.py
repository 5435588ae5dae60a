"""Payments as they are stored."""

from typing import final

from marketplace.payment.model import Payment
from marketplace.platform.dynamodb.actions import Put, Update, absent, at_version
from marketplace.platform.dynamodb.records import from_record, to_record
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.refusals import NotFound

_TABLE = "payments"


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


def adding_payment(payment: Payment) -> Put:
    """Return the action that writes a payment that was just asked for."""
    return Put(label="payment", table=_TABLE, item=to_record(payment), condition=absent("paymentId"))


def saving_payment(before: Payment, after: Payment) -> Update:
    """Return the action that writes what a payment came to, if nothing moved since it was read."""
    old, new = to_record(before), to_record(after)
    return Update(
        label="payment",
        table=_TABLE,
        key={"paymentId": before.payment_id},
        condition=at_version(before.version),
        assign={name: value for name, value in new.items() if old.get(name) != value},
    )
