"""Payments in lists for admins: of one state, or of all, what waits for a person first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import MOST_QUERIES, Listed
from marketplace.payment.model import Payment, Status
from marketplace.payment.repository import Payments
from marketplace.platform.dynamodb.records import readable_records

if TYPE_CHECKING:
    from marketplace.platform.dynamodb.attribute_values import Item

_BY_URGENCY: Final = (Status.UNMATCHED.value, Status.PENDING.value, Status.PAID.value, Status.RESOLVED.value)


@final
class PaymentLists(Struct, frozen=True):
    """Payments page by page, the newest of each state first."""

    payments: Payments

    def all(self, *, status: str | None, limit: int, start: Mapping[str, Any] | None) -> Listed[Payment]:
        """Return a page of payments; it may be short."""
        states: Sequence[str] = _BY_URGENCY if status is None else (status,)
        state = str(start["state"]) if start else states[0]
        key: Mapping[str, Any] | None = start.get("key") if start else None
        found: list[Item] = []
        position: dict[str, Any] | None = None
        for _ in range(MOST_QUERIES):
            page = self.payments.find_page(state, limit=limit - len(found), start=key)
            found += page.items
            key = page.next_key
            if key is None:
                later = states[states.index(state) + 1 :]
                if not later:
                    position = None
                    break
                state = later[0]
            position = {"state": state, "key": dict(key) if key else None}
            if len(found) >= limit:
                break
        return Listed(items=readable_records(Payment, found, key="paymentId"), position=position)
