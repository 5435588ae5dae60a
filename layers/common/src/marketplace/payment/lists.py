"""Payments in lists for admins: of one state, or of all, what waits for a person first."""

from collections.abc import Mapping
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import Listed, collect_by_state
from marketplace.payment.model import Payment, Status
from marketplace.payment.repository import Payments
from marketplace.platform.dynamodb.records import readable_records

_BY_URGENCY: Final = (Status.UNMATCHED.value, Status.PENDING.value, Status.PAID.value, Status.RESOLVED.value)


@final
class PaymentLists(Struct, frozen=True):
    """Payments page by page, the newest of each state first."""

    payments: Payments

    def all(self, *, status: str | None, limit: int, start: Mapping[str, Any] | None) -> Listed[Payment]:
        """Return a page of payments; it may be short."""
        items, position = collect_by_state(
            lambda state, size, key: self.payments.find_page(state, limit=size, start=key),
            _BY_URGENCY if status is None else (status,),
            limit=limit,
            start=start,
        )
        return Listed(items=readable_records(Payment, items, key="paymentId"), position=position)
