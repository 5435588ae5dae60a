"""Commission records in lists: a therapist's own, and everybody's for the admins."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import MOST_QUERIES, Listed, collect
from marketplace.commission.model import Commission
from marketplace.commission.repository import Commissions
from marketplace.commission.states import PaymentStatus
from marketplace.platform.dynamodb.records import readable_records

if TYPE_CHECKING:
    from marketplace.platform.dynamodb.attribute_values import Item

BY_URGENCY: Final = (
    PaymentStatus.OVERDUE,
    PaymentStatus.PROOF_SUBMITTED,
    PaymentStatus.PENDING,
    PaymentStatus.PAID,
    PaymentStatus.WAIVED,
    PaymentStatus.REVERSED,
)
"""In which order admins see them: what somebody must act on comes first."""


@final
class CommissionLists(Struct, frozen=True):
    """Commission records page by page."""

    commissions: Commissions

    def own(
        self, therapist_id: str, *, status: PaymentStatus | None, limit: int, start: Mapping[str, Any] | None
    ) -> Listed[Commission]:
        """Return a page of a therapist's records, newest booking first."""
        items, position = collect(
            lambda size, key: self.commissions.find_by_therapist(therapist_id, limit=size, start=key, status=status),
            limit=limit,
            start=start,
        )
        return Listed(items=readable_records(Commission, items, key="bookingId"), position=position)

    def all(self, *, status: PaymentStatus | None, limit: int, start: Mapping[str, Any] | None) -> Listed[Commission]:
        """Return a page of everybody's records: of one state, or of all by urgency; the latest deadline first."""
        states: Sequence[PaymentStatus] = BY_URGENCY if status is None else (status,)
        state = PaymentStatus(start["state"]) if start else states[0]
        key: Mapping[str, Any] | None = start.get("key") if start else None
        found: list[Item] = []
        position: dict[str, Any] | None = None
        for _ in range(MOST_QUERIES):
            page = self.commissions.find_page(state, limit=limit - len(found), start=key)
            found += page.items
            key = page.next_key
            if key is None:
                later = states[states.index(state) + 1 :]
                if not later:
                    position = None
                    break
                state = later[0]
            position = {"state": state.value, "key": dict(key) if key else None}
            if len(found) >= limit:
                break
        return Listed(items=readable_records(Commission, found, key="bookingId"), position=position)
