"""Commission records in lists: a therapist's own, and everybody's for the admins."""

from collections.abc import Mapping
from typing import Any, Final, final

from msgspec import Struct

from marketplace.booking.lists import Listed, collect, collect_by_state
from marketplace.commission.model import Commission
from marketplace.commission.repository import Commissions
from marketplace.commission.states import PaymentStatus
from marketplace.platform.dynamodb.records import readable_records

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
        items, position = collect_by_state(
            lambda state, size, key: self.commissions.find_page(PaymentStatus(state), limit=size, start=key),
            BY_URGENCY if status is None else (status,),
            limit=limit,
            start=start,
        )
        return Listed(items=readable_records(Commission, items, key="bookingId"), position=position)
