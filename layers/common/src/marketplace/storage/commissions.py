"""Commission records: one per confirmed booking, changed one step at a time, never deleted."""

from collections.abc import Iterator, Mapping
from typing import Any, final

from marketplace.domain.commission import Commission, PaymentStatus
from marketplace.domain.refusals import NotFound
from marketplace.storage.bookings import commission_record
from marketplace.storage.records import from_record
from marketplace.storage.store import Condition, ConditionRefused, Page, Store, Update, at_version


@final
class Commissions:
    """What therapists owe the platform."""

    def __init__(self, store: Store) -> None:
        """Keep commission records in ``store``."""
        self._store = store

    def get(self, booking_id: str) -> Commission:
        """Return the record of a booking.

        Raises:
            NotFound: it has none.
        """
        item = self._store.get("commission_records", {"bookingId": booking_id})
        if item is None:
            raise NotFound
        return from_record(Commission, item)

    def save(self, before: Commission, after: Commission) -> bool:
        """Write one step of a record, if nothing moved since it was read; say whether it was written."""
        old, new = commission_record(before), commission_record(after)
        try:
            self._store.write(
                Update(
                    label="commission",
                    table="commission_records",
                    key={"bookingId": before.booking_id},
                    condition=at_version(before.version)
                    & Condition(
                        expression="#paymentStatus = :readStatus",
                        values={"readStatus": before.payment_status.value},
                    ),
                    assign={name: value for name, value in new.items() if old.get(name) != value},
                )
            )
        except ConditionRefused:
            return False
        return True

    def find_by_therapist(
        self,
        therapist_id: str,
        *,
        limit: int,
        start: Mapping[str, Any] | None,
        status: PaymentStatus | None = None,
    ) -> Page:
        """Return a page of a therapist's records, newest booking first."""
        keeping = None
        if status is not None:
            keeping = Condition(expression="#paymentStatus = :status", values={"status": status.value})
        return self._store.query(
            "commission_records",
            index="byTherapist",
            where=Condition(expression="#therapistId = :therapist", values={"therapist": therapist_id}),
            newest_first=True,
            limit=limit,
            start=start,
            keeping=keeping,
        )

    def find_due(self, status: PaymentStatus, before: str) -> Iterator[Mapping[str, Any]]:
        """Yield stored records of a status whose payment deadline lies before an instant, earliest first."""
        return self._store.query_all(
            "commission_records",
            index="byStatus",
            where=Condition(
                expression="#paymentStatus = :status AND #paymentDeadline < :edge",
                values={"status": status.value, "edge": before},
            ),
        )
